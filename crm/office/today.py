"""What today asks for: what is overdue, due, quiet and coming, and a picture of the last weeks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Value
from django.utils import timezone

from campaigns.models import Broadcast
from crm.people.composed import ask, records
from partners.due import COMING, SHOWN, Section
from partners.models import Referral, Review, Touch
from workshops.actions.waiting import OFFERED_UNTIL
from workshops.debriefs import waiting_for_debrief
from workshops.models import Registration, Workshop

WEEKS = 12
REVIEW_DAYS = 2  # asked for on Monday, and on Tuesday once more
WORKSHOPS = 100  # more are never ahead of one practice
BAR, GAP, HIGH = 20, 6, 80


@dataclass
class Coming:
    """Something ahead: a to do, a workshop, or a letter that leaves."""

    at: date
    sort: str
    row: object


@dataclass
class Week:
    """One bar of the picture, and a dot for every week that brought referrals."""

    starts_on: date
    touches: int
    referrals: int
    is_reviewed: bool
    x: int
    height: int

    @property
    def y(self) -> int:
        return HIGH - self.height + 20

    @property
    def middle(self) -> int:
        return self.x + BAR // 2


def letters(now: datetime) -> tuple[list[Broadcast], list[Broadcast]]:
    """Broadcasts that missed their time and want a new one, and those that leave within the next two weeks."""
    late: list[Broadcast] = []
    leaving: list[Broadcast] = []
    for broadcast in records(_letters, now=now):
        (late if broadcast.state == Broadcast.State.MISSED else leaving).append(broadcast)
    return late, leaving


def _letters(*, now: datetime, key: int) -> QuerySet[Broadcast]:
    missed = Q(state=Broadcast.State.MISSED)
    soon = Q(state=Broadcast.State.SCHEDULED, send_at__lt=now + COMING)
    found = Broadcast.objects.filter(missed | soon).select_related("letter", "audience")
    return found.order_by("send_at", "pk")[: 2 * SHOWN]


def workshops(now: datetime) -> tuple[list[Any], list[Any], list[Any]]:
    """Those whose door is open, those to come, each with how many registrations look odd, and those to look back on."""
    found: list[Any] = records(_workshops, now=now)
    return (
        [workshop for workshop in found if workshop.is_at_the_door],
        [workshop for workshop in found if workshop.starts_at > now],
        [workshop for workshop in found if workshop.is_behind],
    )


def _workshops(*, now: datetime, key: int) -> QuerySet[Workshop]:
    to_check = Count("registrations", filter=Q(registrations__state=Registration.State.QUARANTINED))
    came = Count("registrations", filter=Q(registrations__checked_in_at__isnull=False))
    waiting = Count("registrations", filter=Q(registrations__state=Registration.State.WAITING))
    ahead = Workshop.objects.coming(now).values("pk")[:WORKSHOPS]
    at_door = Workshop.objects.at_the_door(now).order_by("starts_at").values("pk")[:SHOWN]
    behind = Q(pk__in=waiting_for_debrief(now).values("pk")[:SHOWN])
    return (
        Workshop.objects.filter(Q(pk__in=ahead) | Q(pk__in=at_door) | behind)
        .select_related("host")
        .annotate(to_check=to_check, came=came, waiting=waiting, is_behind=ExpressionWrapper(behind, BooleanField()))
        .order_by("starts_at", "pk")
    )


def seats_to_give(workshops: Sequence[Any], now: datetime) -> list[Any]:
    """Those that begin so soon that nobody moves up by itself, with a seat free and somebody waiting."""
    soon = [workshop for workshop in workshops if workshop.starts_at - now <= OFFERED_UNTIL]
    return [workshop for workshop in soon if workshop.waiting and workshop.seats_left > 0]


def coming(
    todos: dict[str, Section], leaving: Sequence[Broadcast], workshops: Sequence[Any], now: datetime
) -> list[Coming]:
    """To dos, meetings, workshops and letters of the next two weeks, in the order they come."""
    soon = [workshop for workshop in workshops if workshop.starts_at < now + COMING][:SHOWN]
    everything = chain(
        (Coming(todo.due_on, "todo", todo) for todo in (*todos["meetings"].rows, *todos["coming"].rows)),
        (Coming(timezone.localdate(workshop.starts_at), "workshop", workshop) for workshop in soon),
        (Coming(timezone.localdate(letter.send_at), "letter", letter) for letter in leaving),
    )
    return sorted(everything, key=lambda item: item.at)


def weeks(today: date) -> list[Week]:
    """Touches and referrals of each of the last weeks, this one included, and whether somebody looked back on it."""
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    counted = {(what, starts[place]): n for what, place, n in ask(_happened, *starts, now=timezone.now())}
    touches = [counted.get(("touch", start), 0) for start in starts]
    most = max([*touches, 1])
    return [
        Week(
            starts_on=start,
            touches=touches[place],
            referrals=counted.get(("referral", start), 0),
            is_reviewed=counted.get(("review", start), 0) > 0,
            x=place * (BAR + GAP),
            height=round(HIGH * touches[place] / most),
        )
        for place, start in enumerate(starts)
    ]


def _happened(*starts: date, now: datetime, key: int) -> QuerySet[Any]:
    """How many touches, referrals and reviews there are in each week, counted by their indexes."""
    edges = [timezone.make_aware(datetime.combine(start, datetime.min.time())) for start in starts]
    touches = _by_week("touch", Touch.objects.standing(), "occurred_at", edges)
    sent = _by_week("referral", Referral.objects.standing(), "received_at", edges)
    first, *others = [*touches, *sent, *_by_week("review", Review.objects.all(), "monday", starts)]
    return first.union(*others, all=True)


def _by_week(what: str, rows: QuerySet[Any], field: str, edges: Sequence[date]) -> Iterator[QuerySet[Any]]:
    """One count for each week: PostgreSQL counts a stretch of an index faster than it works out the week of each row."""
    for place, (start, end) in enumerate(zip(edges, [*edges[1:], None], strict=True)):
        week = rows.order_by().filter(**{f"{field}__gte": start, **({f"{field}__lt": end} if end else {})})
        counted = week.annotate(what=Value(what), place=Value(place)).values("what", "place")
        yield counted.annotate(n=Count("pk")).values_list("what", "place", "n")


def review_owed(weeks: Sequence[Week], today: date) -> date | None:
    """The Monday of last week, while this week is young and nobody has looked back on it yet."""
    last = weeks[-2]
    return last.starts_on if today.weekday() < REVIEW_DAYS and not last.is_reviewed else None
