"""Give before you ask: what was given and asked, and what still lacks before an ask is welcome.

Value first, advice before referrals, and a few weeks of both: the numbers stand in ``CadencePolicy``. A visit, a class or a
purchase is a give here, and so is somebody we sent them. Nothing here forbids: it explains, and a reason lets it pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Count, FilteredRelation, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners.models import CadencePolicy, Group, Partner, SentReferral, Touch
from partners.models.touch import gave, showed_up

SHOWS_BEFORE_ASK = 1
ADVICE_BEFORE_ASK = 1
GIVES_AN_ASK = 2
BALANCE_OVER = timedelta(days=180)
PROVIDERS = (Group.DPC, Group.FUNCTIONAL)


def _gave(at: str = "") -> Q:
    """A give by itself, or by showing up."""
    return gave(at) | showed_up(at)


GAVE = _gave()


@dataclass(frozen=True)
class Lacking:
    """What is missing before an ask; false when nothing is."""

    gives: int = 0
    shows: int = 0
    days: int = 0
    advice: int = 0

    def __bool__(self) -> bool:
        return any((self.gives, self.shows, self.days, self.advice))

    @property
    def parts(self) -> list[str]:
        """Each thing that is missing, in a few words."""
        found = [self._gives()] if self.gives or self.shows else []
        if self.advice:
            found.append("a question for their advice")
        if self.days:
            found.append(_count(self.days, "day", "days"))
        return found

    @property
    def sentence(self) -> str:
        return f"Too early to ask. Still missing: {', '.join(self.parts)}." if self else ""

    def _gives(self) -> str:
        if not self.gives:
            return "one visit, class or purchase"
        gives = _count(self.gives, "more give", "more gives")
        by = "by showing up" if self.gives == 1 else "one of them by showing up"
        return f"{gives}, {by}" if self.shows else gives


@dataclass(frozen=True)
class Balance:
    """What was given and asked lately, once they have sent us somebody; false when all is well."""

    gives: int = 0
    asks: int = 0

    def __bool__(self) -> bool:
        return self.missing > 0

    @property
    def missing(self) -> int:
        return max(0, GIVES_AN_ASK * self.asks - self.gives)

    @property
    def sentence(self) -> str:
        if not self:
            return ""
        asked, gave = _count(self.asks, "ask", "asks"), _count(self.gives, "give", "gives")
        return (
            f"You have asked more than you gave: {asked} and {gave} in {BALANCE_OVER.days} days. "
            f"Even it out with {_count(self.missing, 'more give', 'more gives')}."
        )


def lacking(partner: Partner, *, at: datetime | None = None, apart_from: Touch | None = None) -> Lacking:
    """What is missing before this partner may be asked for something; nothing once they have sent us somebody."""
    at = at or timezone.now()
    seen = _seen(partner, until=at, apart_from=apart_from)
    if seen["has_sent"]:
        return Lacking()
    gives, days = _asked_of(partner)
    if _is_provider(partner):
        shows = advice = 0
    else:
        shows, advice = SHOWS_BEFORE_ASK - seen["shows"], ADVICE_BEFORE_ASK - seen["advice"]
    gone = _days(seen["first"] or at, at)
    return Lacking(*(max(0, number) for number in (gives - seen["gives"] - seen["sent"], shows, days - gone, advice)))


def balance(partner: Partner) -> Balance:
    """Gives and asks of the last half year, once they have sent us somebody: two gives for each ask."""
    now = timezone.now()
    seen = _seen(partner, until=now, since=now - BALANCE_OVER)
    return Balance(seen["gives"] + seen["sent"], seen["asks"]) if seen["has_sent"] else Balance()


def _seen(
    partner: Partner, *, until: datetime, since: datetime | None = None, apart_from: Touch | None = None
) -> dict[str, Any]:
    """What was given, shown and asked in a span of time, in one query. Whom we sent them counts beside the touches."""
    span: dict[str, datetime] = {"lte": until} | ({"gt": since} if since else {})
    touches = Q(touches__taken_back_at=None, **{f"touches__occurred_at__{how}": day for how, day in span.items()})
    if apart_from:
        touches &= ~Q(touches__pk=apart_from.pk)
    sent = SentReferral.objects.filter(
        partner=OuterRef("pk"), taken_back_at=None, **{f"sent_at__{how}": day for how, day in span.items()}
    )
    of_theirs = sent.order_by().values("partner").annotate(n=Count("pk")).values("n")
    them = (
        Partner.objects.filter(pk=partner.pk)
        .order_by()
        .annotate(
            near=FilteredRelation("touches", condition=touches),
            has_sent=Q(rhythm__referrals__gt=0),
            sent=Coalesce(Subquery(of_theirs), 0),
        )
    )
    seen: Any = (
        them.values("has_sent", "sent")
        .annotate(
            gives=Count("near", filter=_gave("near__")),
            shows=Count("near", filter=showed_up("near__")),
            asks=Count("near", filter=Q(near__is_ask=True)),
            advice=Count("near", filter=Q(near__kind=Touch.TouchKind.ADVICE_ASKED)),
            first=Min("near__occurred_at"),
        )
        .get()
    )
    return seen


def _is_provider(partner: Partner) -> bool:
    return partner.group in PROVIDERS


def _asked_of(partner: Partner) -> tuple[int, int]:
    """How many gives and days come first with partners of this group."""
    policy = CadencePolicy.load()
    if _is_provider(partner):
        return policy.provider_gives_before_ask, policy.provider_days_before_ask
    return policy.gives_before_ask, policy.days_before_ask


def _days(first: datetime, last: datetime) -> int:
    return (timezone.localdate(last) - timezone.localdate(first)).days


def _count(number: int, one: str, many: str) -> str:
    return f"{apnumber(number) if number else 'no'} {one if number == 1 else many}"
