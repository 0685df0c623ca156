"""The partners that ask for something, as tabs over the list and the board: each a set, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Value
from django.utils import timezone

from crm.people.composed import ask
from partners.models import FIT_TO_COURT, Partner
from partners.models.partner import PartnerQuerySet


@dataclass(frozen=True)
class SavedView:
    """One tab: its name in the address, its label, what it holds, and the order its rows come in."""

    key: str
    label: str
    words: str
    choose: Callable[[PartnerQuerySet, datetime], PartnerQuerySet]
    ordering: str = ""


VIEWS = (
    SavedView(
        "overdue",
        "Overdue",
        "Something you promised is late.",
        lambda partners, now: partners.with_late_to_dos(timezone.localdate(now)),
        "rhythm__next_step_on",
    ),
    SavedView(
        "no_next_step",
        "No next step",
        "Nothing is promised, so nothing will happen by itself.",
        lambda partners, now: partners.without_next_step(),
    ),
    SavedView(
        "thanks",
        "Thank-you owed",
        "They sent you somebody and wait for a word.",
        lambda partners, now: partners.owed_thanks(),
        "rhythm__thanks_owed_since",
    ),
    SavedView(
        "quiet",
        "Gone quiet",
        "Past the latest day to be in touch.",
        lambda partners, now: partners.gone_quiet(now),
        "rhythm__latest_on",
    ),
    SavedView(
        "court",
        "Mine to court",
        f"Identified, and a fit of {FIT_TO_COURT} points or more; the best first.",
        lambda partners, now: partners.to_court(),
        "-fit_score",
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
    counts = dict(ask(_counts, now=now))
    return [
        Tab("", "All", "Every partner who is not archived.", counts.get("", 0)),
        *(Tab(view.key, view.label, view.words, counts.get(view.key, 0)) for view in VIEWS),
    ]


def _counts(*, now: datetime, key: int) -> QuerySet:
    current = Partner.objects.current()
    sets = [("", current), *((view.key, view.choose(current, now)) for view in VIEWS)]
    first, *rest = (
        partners.order_by()
        .annotate(view=Value(name))
        .values("view")
        .annotate(count=Count("pk"))
        .values_list("view", "count")
        for name, partners in sets
    )
    return first.union(*rest, all=True)
