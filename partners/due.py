"""What is due with partners, cut to what a page or an e-mail can show. Today and the morning's e-mail share it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from django.utils import timezone

from crm.people.composed import Record, records
from partners.cadence import band
from partners.models import THANKS_LATE, FollowUp, Partner, Referral
from partners.models.referral import business_day_before

SHOWN = 8
COMING = timedelta(days=14)


@dataclass(frozen=True)
class Section:
    """A list cut at SHOWN, and how many there are in truth."""

    rows: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        return max(0, self.total - len(self.rows))


def to_dos(now: datetime, *, until: timedelta = COMING) -> dict[str, Section]:
    """The open to dos by urgency: overdue, due, meetings ahead and other things coming."""
    today = timezone.localdate(now)

    def places(todo: FollowUp) -> list[str]:
        if todo.due_on <= today:
            return ["overdue" if todo.due_on < today else "due"]
        return ["meetings" if todo.is_meeting else "coming"]

    return _sections(records(_to_dos, until, now=now), ["overdue", "due", "meetings", "coming"], places)


def _to_dos(until: timedelta, *, now: datetime, key: int) -> QuerySet[FollowUp]:
    today = timezone.localdate(now)
    ahead = FollowUp.objects.coming(today).filter(due_on__lte=today + until)
    sets = {
        "overdue": FollowUp.objects.overdue(today),
        "due": FollowUp.objects.due(today),
        "meetings": ahead.filter(is_meeting=True),
        "coming": ahead.filter(is_meeting=False),
    }
    return cut(FollowUp.objects.select_related("partner", "contact"), sets, order=["due_on", "pk"])


def slipping(now: datetime) -> dict[str, Section]:
    """Who has gone quiet, and who is due for a touch and not quiet yet; the longest first."""
    today = timezone.localdate(now)

    def places(partner: Partner) -> list[str]:
        return ["quiet" if band(partner, today=today) == "quiet" else "soon"]

    return _sections(records(_slipping, now=now), ["quiet", "soon"], places)


def _slipping(*, now: datetime, key: int) -> QuerySet[Partner]:
    partners = Partner.objects.current()
    sets = {"quiet": partners.gone_quiet(now), "soon": partners.due_soon(now)}
    return cut(Partner.objects.select_related("rhythm__last_touch"), sets, order=["rhythm__latest_on", "pk"])


def referrals(now: datetime) -> dict[str, Section]:
    """Referrals owed a thank-you for over 48 hours, other thanks owed, and those that wait too long.

    One that waits for its thanks and for a call stands in both lists.
    """
    late_before = now - THANKS_LATE

    def places(referral: Any) -> list[str]:
        found = [] if referral.thanked_at else ["late" if referral.received_at < late_before else "owed"]
        waits = referral.alert and referral.state in Referral.OPEN_STATES
        return [*found, "ageing"] if waits else found

    found = records(_referrals, now=now, last_business_day=business_day_before(now))
    return _sections(found, ["late", "owed", "ageing"], places)


def _referrals(*, now: datetime, key: int, last_business_day: datetime) -> QuerySet[Referral]:
    sets = {
        "late": Referral.objects.thanks_late(now),
        "owed": Referral.objects.awaiting_thanks().filter(received_at__gte=now - THANKS_LATE),
        "ageing": Referral.objects.ageing(now, last_business_day=last_business_day),
    }
    rows = Referral.objects.with_alert(now, last_business_day=last_business_day).select_related("partner")
    return cut(rows, sets, order=["received_at", "pk"])


def cut(
    rows: QuerySet[Record], sets: Mapping[str, QuerySet[Any]], *, order: list[str], shown: int = SHOWN
) -> QuerySet[Record]:
    """The first of each set and how many it has, in one query however many there are.

    Each set is cut by its own index before anything else is read: numbering all of them would sort them all.
    """
    firsts = [each.order_by(*order).values("pk")[:shown] for each in sets.values()]
    totals = {f"{name}_total": Subquery(_count(each)) for name, each in sets.items()}
    return rows.filter(pk__in=firsts[0].union(*firsts[1:], all=True)).annotate(**totals).order_by(*order)


def _count(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values(one=Value(1)).annotate(total=Count("pk")).values("total")


def _sections(rows: Iterable[Any], names: Iterable[str], places: Callable[[Any], list[str]]) -> dict[str, Section]:
    """The rows of a cut, each in the lists it belongs to."""
    found: dict[str, list[Any]] = {name: [] for name in names}
    for row in rows:
        for place in places(row):
            found[place].append(row)
    return {
        name: Section(each[:SHOWN], getattr(each[0], f"{name}_total") if each else 0) for name, each in found.items()
    }
