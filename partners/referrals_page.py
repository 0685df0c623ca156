"""What a partner's page, the list and the record show of referrals, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from auditlog.models import LogEntry
from django.db.models import QuerySet, Window
from django.utils import timezone

from crm.people.composed import records
from crm.people.models import Contact, User
from partners import conversions, loop
from partners.models import Alert, Partner, Referral, Role, SentReferral, ServiceLine
from partners.names import fold
from partners.refer import address_of

SHOWN = 5
STEP_STATES = [(state.value, state.label) for state in (Referral.State.RECEIVED, *Referral.REACHED)]
Word = Referral.Word
# What the change history says of a referral, in the order of the sentence.
TOLD_OF = {
    "state": "State",
    "referred_by": "Who sent them",
    "thanked_at": "Thanked",
    "told": "Word that went back",
    "taken_back_at": "Taken back",
    "is_quarantined": "Looked wrong",
    "partner": "Partner",
    "service_line": "What for",
    "channel": "How it came",
    "received_at": "Received",
}
LABELS = {
    "state": dict(Referral.State.choices),
    "told": dict(Word.choices),
    "service_line": dict(ServiceLine.choices),
    "channel": dict(Referral.Channel.choices),
}


@dataclass(frozen=True)
class Step:
    """One step on the way of a referral: when it got there, or whether it is next."""

    state: Referral.State
    at: datetime | None
    is_here: bool
    is_next: bool


@dataclass(frozen=True)
class Change:
    """One line of a record's history."""

    at: datetime
    by: str
    words: str


def for_page(partner: Partner, user: User) -> dict:
    """What the section on a partner's page needs: two queries, and one more where a number may be told."""
    now = timezone.now()
    referrals = records(_newest, now=now, key=partner.pk)
    for referral in referrals:
        referral.partner = partner
    totals = conversions.read(vars(referrals[0])) if referrals else None
    sent = totals.ever.of if totals else 0
    return {
        "referrals": referrals,
        "referral_sums": totals,
        "referrals_more": max(0, sent - len(referrals)),
        "may_be_told": conversions.may_be_told(sent) if sent else "",
        "sent": records(_sent, now=now, key=partner.pk),
        "refer_address": "" if partner.archived_at else address_of(partner),
    }


def _newest(*, now: datetime, key: int) -> QuerySet[Referral]:
    """Each with the sums of all of them beside it."""
    sums = {name: Window(count) for name, count in conversions.counts(now).items()}
    newest = Referral.objects.filter(partner=key, taken_back_at=None).annotate(**sums).select_related("referred_by")
    return newest.order_by("-received_at", "-pk")[:SHOWN]


def _sent(*, now: datetime, key: int) -> QuerySet[SentReferral]:
    return SentReferral.objects.filter(partner=key).standing().select_related("contact")[:SHOWN]


def steps_of(referral: Referral) -> list[Step]:
    """The way of a referral, each step with its date."""
    way = [Referral.State.RECEIVED, *Referral.REACHED]
    dates = {Referral.State.RECEIVED: referral.received_at}
    dates |= {state: getattr(referral, field) for state, field in Referral.REACHED.items()}
    return [
        Step(state, dates[state], is_here=state == referral.state, is_next=state == referral.next_state)
        for state in way
    ]


def likely_sender(referral: Referral, people: list[Role]) -> Contact | None:
    """The one of their people whose name was written on the page; nobody where two have it."""
    typed = fold(referral.sender)
    same = [
        role.contact for role in people if typed and typed in (fold(role.contact.name), fold(role.contact.first_name))
    ]
    return same[0] if len(same) == 1 else None


def notices_left(referral: Referral) -> list[loop.Notice]:
    """What a health-care provider may still be told about this referral today."""
    if not loop.is_to_provider(referral):
        return []
    return [
        notice
        for notice in loop.Notice
        if not loop.objection(referral, Word.NOTICE, notice) and not loop.has_heard(referral, f"{notice.label}.")
    ]


def history_of(referral: Referral) -> list[Change]:
    """Everything that was ever changed on this record, newest first."""
    entries = LogEntry.objects.get_for_object(referral).select_related("actor").order_by("-timestamp")
    lines = [Change(entry.timestamp, str(entry.actor or ""), _in_words(entry)) for entry in entries]
    return [line for line in lines if line.words]


def _in_words(entry: LogEntry) -> str:
    if entry.action == LogEntry.Action.CREATE:
        return "Noted."
    changes = entry.changes or {}
    said = [f"{label}: {_value(field, changes[field])}" for field, label in TOLD_OF.items() if field in changes]
    return "; ".join(said) + "." if said else ""


def _value(field: str, pair: list[str]) -> str:
    was, now = (LABELS.get(field, {}).get(value, value) for value in pair)
    if field == "referred_by" or field in LABELS:
        return f"{_named(was)} → {_named(now)}"
    return "no" if now in ("None", "False") else "yes"


def _named(value: str) -> str:
    return "nobody said" if value in ("", "None") else str(value)


def alert_of(referral: Referral) -> str:
    """What this referral has waited for too long, in words; empty when all is well."""
    late = Referral.objects.ageing(timezone.now()).filter(pk=referral.pk).first()
    return Alert(late.alert).label if late else ""
