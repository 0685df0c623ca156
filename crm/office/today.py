"""What today asks for: what is overdue, due, quiet and coming, and a picture of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import Case, Count, DateTimeField, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber, TruncWeek
from django.utils import timezone

from campaigns.models import Broadcast
from partners.models import FollowUp, Partner, Referral, Touch
from workshops.models import Workshop

SHOWN = 10
COMING = timedelta(days=14)
WEEKS = 12
BAR, GAP, HIGH = 20, 6, 80


@dataclass
class Section:
    """A list cut at SHOWN, and how many there are in truth."""

    rows: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        return max(0, self.total - len(self.rows))


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
    x: int
    height: int

    @property
    def y(self) -> int:
        return HIGH - self.height + 20

    @property
    def middle(self) -> int:
        return self.x + BAR // 2


def to_dos(today: date) -> dict[str, Section]:
    """The open to dos by urgency: overdue, due and coming soon; one query, however many there are."""
    urgency = Case(
        When(due_on__lt=today, then=Value("overdue")), When(due_on=today, then=Value("due")), default=Value("coming")
    )
    ranked = (
        FollowUp.objects.open()
        .filter(due_on__lte=today + COMING)
        .annotate(
            urgency=urgency,
            place=Window(RowNumber(), partition_by="urgency", order_by=["due_on", "pk"]),
            total=Window(Count("*"), partition_by="urgency"),
        )
    )
    shown = ranked.filter(place__lte=SHOWN).select_related("partner", "contact").order_by("due_on", "pk")
    rows: dict[str, list[FollowUp]] = {"overdue": [], "due": [], "coming": []}
    for todo in shown:
        rows[todo.urgency].append(todo)
    return {name: _section(found) for name, found in rows.items()}


def gone_quiet(now: datetime) -> Section:
    """The partners that nobody has been in touch with for too long, the longest first."""
    quiet = Partner.objects.current().with_rhythm().gone_quiet(now).annotate(total=Window(Count("*")))
    return _section(quiet.order_by("rhythm__latest_on", "pk")[:SHOWN])


def owed_thanks() -> Section:
    """Referrals that nobody has thanked for, the longest wait first."""
    unthanked = Referral.objects.awaiting_thanks().annotate(total=Window(Count("*")))
    return _section(unthanked.select_related("partner").order_by("received_at", "pk")[:SHOWN])


def letters(now: datetime) -> tuple[list[Broadcast], list[Broadcast]]:
    """Broadcasts that missed their time and want a new one, and those that leave within the next two weeks."""
    missed = Q(state=Broadcast.State.MISSED)
    soon = Q(state=Broadcast.State.SCHEDULED, send_at__lt=now + COMING)
    found = Broadcast.objects.filter(missed | soon).select_related("letter", "audience").order_by("send_at", "pk")
    late: list[Broadcast] = []
    leaving: list[Broadcast] = []
    for broadcast in found[: 2 * SHOWN]:
        (late if broadcast.state == Broadcast.State.MISSED else leaving).append(broadcast)
    return late, leaving


def _section(rows: Iterable[Any]) -> Section:
    """Every row carries how many there are."""
    rows = list(rows)
    return Section(rows, rows[0].total if rows else 0)


def coming(todos: Section, leaving: Sequence[Broadcast], now: datetime) -> list[Coming]:
    """To dos, workshops and letters of the next two weeks, in the order they come."""
    workshops = Workshop.objects.coming().filter(starts_at__lt=now + COMING).select_related("host")[:SHOWN]
    everything = chain(
        (Coming(todo.due_on, "todo", todo) for todo in todos.rows),
        (Coming(timezone.localdate(workshop.starts_at), "workshop", workshop) for workshop in workshops),
        (Coming(timezone.localdate(letter.send_at), "letter", letter) for letter in leaving),
    )
    return sorted(everything, key=lambda item: item.at)


def weeks(today: date) -> list[Week]:
    """Touches and referrals of each of the last weeks, this one included."""
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    since = timezone.make_aware(datetime.combine(starts[0], datetime.min.time()))
    happened = _by_week("touch", Touch.objects.standing().filter(occurred_at__gte=since), "occurred_at")
    sent = _by_week("referral", Referral.objects.filter(received_at__gte=since), "received_at")
    counted = {(line["what"], line["week"].date()): line["n"] for line in happened.union(sent, all=True)}
    touches = [counted.get(("touch", start), 0) for start in starts]
    most = max([*touches, 1])
    return [
        Week(
            starts_on=start,
            touches=touches[place],
            referrals=counted.get(("referral", start), 0),
            x=place * (BAR + GAP),
            height=round(HIGH * touches[place] / most),
        )
        for place, start in enumerate(starts)
    ]


def _by_week(what: str, rows: QuerySet[Any], field: str) -> QuerySet[Any, dict[str, Any]]:
    weekly = rows.order_by().annotate(what=Value(what), week=TruncWeek(field, output_field=DateTimeField()))
    return weekly.values("what", "week").annotate(n=Count("pk"))
