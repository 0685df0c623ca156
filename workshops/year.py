"""A year of workshops at a glance: partners by rows, quarters by columns, and where one is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from partners.models import Partner
from partners.results.spans import Span, quarter_of
from workshops.models import Registration, Workshop
from workshops.proposing import MOST_A_QUARTER, SOONEST
from workshops.results import REGULAR

CAP = MOST_A_QUARTER
FOLDED = 60
PLANNED_AHEAD = timedelta(days=183)


@dataclass
class Quarter:
    """One column: how many workshops stand in it."""

    span: Span
    count: int = 0

    @property
    def number(self) -> int:
        return (self.span.starts_on.month + 2) // 3

    @property
    def year(self) -> int:
        return self.span.starts_on.year

    @property
    def is_now(self) -> bool:
        return self.span.starts_on <= timezone.localdate() < self.span.ends_before

    @property
    def is_past(self) -> bool:
        return self.span.ends_before <= timezone.localdate()

    @property
    def has_time(self) -> bool:
        """Is there time left in it to prepare a workshop?"""
        return self.span.last_day >= timezone.localdate() + SOONEST

    @property
    def is_near(self) -> bool:
        """One that is planned now: this quarter and the next two, as long as there is time."""
        return self.has_time and self.span.starts_on <= timezone.localdate() + PLANNED_AHEAD

    @property
    def is_over(self) -> bool:
        return self.count > CAP


@dataclass
class Cell:
    """What one partner has in one quarter."""

    quarter: Quarter
    workshops: list[Any] = field(default_factory=list)
    is_missing: bool = False

    @property
    def is_planned(self) -> bool:
        return any(not workshop.is_cancelled for workshop in self.workshops)


@dataclass
class Row:
    """One partner's year; without a partner, what we host on our own."""

    partner: Partner | None
    cells: list[Cell]
    is_regular: bool = False


@dataclass
class Year:
    """The whole table."""

    number: int
    quarters: list[Quarter]
    regular: list[Row]
    others: list[Row]
    missing: int

    @property
    def crowded(self) -> list[Quarter]:
        """Quarters to come with more workshops than one person does well."""
        return [quarter for quarter in self.quarters if quarter.is_over and not quarter.is_past]

    @property
    def shown(self) -> list[int]:
        return [row.partner.pk for row in (*self.regular, *self.others) if row.partner]


def year_of(number: int) -> Year:
    """Active partners and champions first, then whoever else has a workshop that year; two queries in all.

    In its last quarter a year has a fifth column: the quarter that is planned for now.
    """
    this = quarter_of(timezone.localdate())
    starts = [date(number, month, 1) for month in (1, 4, 7, 10)]
    quarters = [
        Quarter(quarter_of(day)) for day in (*starts, *([this.ends_before] if this.starts_on == starts[-1] else []))
    ]
    ahead = Span(this.starts_on, quarter_of(this.ends_before).ends_before)
    found = _workshops(Span(quarters[0].span.starts_on, quarters[-1].span.ends_before), ahead)
    planned = {row.host_id for row in found if _is_within(ahead, row.starts_at) and not row.is_cancelled}
    placed = _placed(found, quarters)
    regular, others = _partners({pk for pk, _quarter in placed if pk})

    def row_of(partner: Partner | None, *, is_regular: bool = False) -> Row:
        lacks = is_regular and partner is not None and partner.pk not in planned
        pk = partner.pk if partner else None
        cells = [Cell(q, placed.get((pk, q.span.starts_on), []), lacks and _is_ahead(q, ahead)) for q in quarters]
        return Row(partner, cells, is_regular)

    ours = [row_of(None)] if any(pk is None for pk, _quarter in placed) else []
    return Year(
        number,
        quarters,
        [row_of(partner, is_regular=True) for partner in regular],
        [*(row_of(partner) for partner in others), *ours],
        sum(partner.pk not in planned for partner in regular),
    )


def others(shown: Iterable[int]) -> tuple[Sequence[Partner], int]:
    """Partners without a row of their own, by name, cut at FOLDED; and how many there are in truth."""
    rest = Partner.objects.current().exclude(pk__in=list(shown))
    return list(rest.order_by("name", "pk")[:FOLDED]), rest.count()


def _workshops(*spans: Span) -> list[Workshop]:
    within = Q()
    for span in spans:
        within |= Q(starts_at__gte=span.since, starts_at__lt=span.until)
    waiting = Count("registrations", filter=Q(registrations__state=Registration.State.WAITING))
    came = Count("registrations", filter=Q(registrations__checked_in_at__isnull=False))
    return list(Workshop.objects.filter(within).annotate(waiting=waiting, came=came).order_by("starts_at", "pk"))


def _placed(found: Iterable[Workshop], quarters: Sequence[Quarter]) -> dict[tuple[int | None, date], list[Workshop]]:
    """Every workshop of the year by its host and its quarter; the quarters count those that are not called off."""
    placed: dict[tuple[int | None, date], list[Workshop]] = defaultdict(list)
    for workshop in found:
        for quarter in quarters:
            if _is_within(quarter.span, workshop.starts_at):
                placed[workshop.host_id, quarter.span.starts_on].append(workshop)
                quarter.count += not workshop.is_cancelled
    return placed


def _partners(hosts: set[int]) -> tuple[list[Partner], list[Partner]]:
    """Those who send us people regularly, and other hosts of the year."""
    is_regular = Q(stage__in=REGULAR, archived_at=None)
    rows = Partner.objects.filter(is_regular | Q(pk__in=hosts)).order_by("tier", "name", "pk")
    split: tuple[list[Partner], list[Partner]] = ([], [])
    for row in rows:
        split[row.stage not in REGULAR or row.archived_at is not None].append(row)
    return split


def _is_within(span: Span, at: datetime) -> bool:
    return span.since <= at < span.until


def _is_ahead(quarter: Quarter, ahead: Span) -> bool:
    """One of the two quarters in which a workshop is looked for, with time left to prepare it."""
    return ahead.starts_on <= quarter.span.starts_on < ahead.ends_before and quarter.has_time
