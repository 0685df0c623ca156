"""The one thing to do now with a partner: always the first of these that applies, so that the same facts give the same line.

Thanks that are owed, a promise that is due, who has gone quiet, how to begin, the next step, what to give before asking,
a quarter without a workshop, a tier that asks too much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from partners import guard
from partners.cadence import band
from partners.lately import Lately
from partners.ledger import Label, Ledger
from partners.models import COURTING, FIT_TO_COURT, SENDING, Partner, Stage, Tier
from partners.models.touch import is_given, is_shown

A_QUARTER = timedelta(days=100)  # from the first day of a quarter, somewhere in the next
LOWER = {Tier.A: Tier.B, Tier.B: Tier.C}


@dataclass(frozen=True)
class DoThis:
    """What to do, in a sentence. ``key`` says which button belongs to it, ``pk`` what it is about."""

    key: str
    sentence: str
    pk: int | None = None

    def __str__(self) -> str:
        return self.sentence


def choose(partner: Partner, year: Lately, balance: Ledger) -> DoThis:
    """The first that applies; there is always one."""
    for rule in RULES:
        if found := rule(partner, year, balance):
            return found
    return _well(partner)


def _thank(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    owed = [came for came in year.referrals if came.thanked_at is None]
    if not owed:
        return None
    days = (year.now - owed[0].received_at).days
    since = (
        "it came just now"
        if days == 0
        else f"they have waited {'since yesterday' if days == 1 else f'for {days} days'}"
    )
    return DoThis("thank", f"Thank them for {owed[0]}: {since}.", owed[0].pk)


def _archived(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    return DoThis("rest", "Archived. There is nothing to do.") if partner.archived_at else None


def _promised(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    step, due_on = partner.rhythm.next_step, partner.rhythm.next_step_on
    if not step or not due_on or due_on > year.today:
        return None
    late = (year.today - due_on).days
    when = "due today" if late == 0 else "1 day late" if late == 1 else f"{late} days late"
    title = step.title.rstrip(".")
    is_sentence = title.endswith(("?", "!"))
    return DoThis("todo", f"{title} {when.capitalize()}." if is_sentence else f"{title}: {when}.", step.pk)


def _resting(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    if partner.stage == Stage.NOT_A_FIT:
        return DoThis("rest", "Marked as not a fit. There is nothing to do.")
    if partner.stage != Stage.PAUSED:
        return None
    until = partner.paused_until
    if until and until <= year.today:
        return DoThis("move", f"The pause ended on {_day(until)}. Take them up again, or let them go.")
    return DoThis(
        "rest", f"Paused until {_day(until)}. There is nothing to do." if until else "Paused, without an end."
    )


def _quiet(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    if band(partner, today=year.today) != "quiet":
        return None
    since = timezone.localdate(partner.rhythm.counted_at or partner.created_at)
    return DoThis("log", f"Nobody has been in touch for {(year.today - since).days} days. Call, or drop in.")


def _begin(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    if partner.stage != Stage.IDENTIFIED:
        return None
    if partner.fit is None:
        return DoThis("judge", "Judge how well they fit before you court them.")
    if partner.fit < FIT_TO_COURT:
        return DoThis("rest", f"Keep them for later: {partner.fit} of 100, and courting begins at {FIT_TO_COURT}.")
    return None if year.touches else DoThis("visit", f"They fit, with {partner.fit} of 100. Go there and show up.")


def _next(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    return None if partner.rhythm.next_step_on else DoThis("promise", "Nothing is promised. Say what comes next.")


def _give(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    if balance.label == Label.YOU_OWE:
        return DoThis("give", f"You owe them: {balance.given} given, {balance.received} received. Give something back.")
    if partner.stage in COURTING and not balance.given:
        return DoThis("give", "Give them something useful before you ask for anything.")
    if asked := asked_more(year):
        return DoThis("give", asked.sentence)
    return None


def asked_more(year: Lately) -> guard.Balance:
    """The guard's two gives for each ask of half a year."""
    since = year.now - guard.BALANCE_OVER
    lately = [did for did in year.touches if did.at > since]
    gives = sum(is_given(did) or is_shown(did) for did in lately)
    return guard.Balance(gives + sum(at > since for at in year.sent), sum(did.is_ask for did in lately))


def _host(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    if partner.stage not in SENDING:
        return None
    days = year.workshop_days | {each.day for each in year.gatherings}
    begins = quarter_start(year.today)
    ends = quarter_start(quarter_start(begins + A_QUARTER) + A_QUARTER)
    if any(begins <= day < ends for day in days):
        return None
    return DoThis("workshop", "No workshop with them this quarter or next. Propose two dates.")


def _lower(partner: Partner, year: Lately, balance: Ledger) -> DoThis | None:
    if balance.label != Label.YOU_CARRY or partner.stage not in SENDING or partner.tier not in LOWER:
        return None
    lower = LOWER[Tier(partner.tier)]
    return DoThis("tier", f"You carry it. Rather than ask harder, move them to tier {lower.value.upper()}.")


def _well(partner: Partner) -> DoThis:
    step, due_on = partner.rhythm.next_step, partner.rhythm.next_step_on
    if step and due_on:
        return DoThis("well", f"All is well. Next: {step.title.rstrip('.')}, {_day(due_on)}.")
    return DoThis("well", "All is well. Nothing is due.")


def quarter_start(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _day(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


RULES: tuple[Callable[[Partner, Lately, Ledger], DoThis | None], ...] = (
    _thank, _archived, _promised, _resting, _quiet, _begin, _next, _give, _host, _lower,
)  # fmt: skip
