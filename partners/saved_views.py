"""The partners that ask for something, as tabs over the list and the board: each a set, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OrderBy, Q, QuerySet, Value
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from crm.people.composed import ask
from partners.models import FIT_TO_COURT, OFF_RAMPS, Partner, Stage
from partners.models.partner import FIT, is_quiet


@dataclass(frozen=True)
class SavedView:
    """One tab: its name in the address, its label, whom it holds at a moment, and the order its rows come in."""

    key: str
    label: str
    words: str
    holds: Callable[[datetime], Q]
    order: OrderBy | None = None


VIEWS = (
    SavedView(
        "overdue",
        "Overdue",
        "Something you promised is late.",
        lambda now: Q(rhythm__next_step_on__lt=timezone.localdate(now)),
        F("rhythm__next_step_on").asc(),
    ),
    SavedView(
        "no_next_step",
        "No next step",
        "Nothing is promised, so nothing will happen by itself.",
        lambda now: Q(rhythm__next_step=None) & ~Q(stage__in=OFF_RAMPS),
    ),
    SavedView(
        "thanks",
        "Thank-you owed",
        "They sent you somebody and wait for a word.",
        lambda now: Q(rhythm__thanks_owed_since__isnull=False),
        F("rhythm__thanks_owed_since").asc(),
    ),
    SavedView(
        "quiet",
        "Gone quiet",
        "Past the latest day to be in touch.",
        is_quiet,
        F("rhythm__latest_on").asc(),
    ),
    SavedView(
        "court",
        "Mine to court",
        f"Identified, and a fit of {FIT_TO_COURT} points or more; the best first.",
        lambda now: Q(GreaterThanOrEqual(FIT, FIT_TO_COURT), stage=Stage.IDENTIFIED),
        FIT.desc(),
    ),
)
BY_KEY = {view.key: view for view in VIEWS}


@dataclass(frozen=True)
class Tab:
    key: str
    label: str
    words: str
    count: int


def tabs(now: datetime) -> list[Tab]:
    """All, and every saved view, with how many partners each holds: one query."""
    [(everybody, *held)] = ask(_counts, now=now) or [(0,) * (1 + len(VIEWS))]
    return [
        Tab("", "All", "Every partner who is not archived.", everybody),
        *(Tab(view.key, view.label, view.words, count) for view, count in zip(VIEWS, held, strict=True)),
    ]


def _counts(*, now: datetime, key: int) -> QuerySet:
    """One row: everybody is read once, however many views there are."""
    held = {view.key: Count("pk", filter=view.holds(now)) for view in VIEWS}
    together = Partner.objects.current().order_by().annotate(one=Value(1)).values("one")
    return together.annotate(everybody=Count("pk"), **held).values_list("everybody", *held)
