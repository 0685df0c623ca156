"""The partners of a list as a board: a column for each stage, the cards that need somebody first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, Count, F, Value, When, Window
from django.db.models.functions import Lower, RowNumber
from django.utils import timezone

from partners.models import LADDER, OFF_RAMPS, CadencePolicy, Partner, Stage
from partners.models.partner import PartnerQuerySet

MOST = 30  # cards in a column; the rest is in the list
RESTING = "resting"


@dataclass(frozen=True)
class Card:
    """One partner on the board, and what is wrong with it, if anything is."""

    partner: Partner
    days: int
    warning: str


@dataclass
class Column:
    """One stage, or all that rest, with the first of its cards."""

    key: str
    label: str
    stages: tuple[Stage, ...]
    count: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def of(partners: PartnerQuerySet, *, now: datetime) -> list[Column]:
    """The columns of these partners, in three queries."""
    columns = {stage.value: Column(stage.value, stage.label, (stage,)) for stage in LADDER}
    columns[RESTING] = Column(RESTING, "Resting", OFF_RAMPS)
    for stage, count in partners.order_by().values_list("stage").annotate(count=Count("pk")):
        columns[_column_of(stage)].count += count
    for card in cards(_first(partners, now), now=now):
        columns[_column_of(card.partner.stage)].cards.append(card)
    return list(columns.values())


def _column_of(stage: str) -> str:
    return RESTING if stage in OFF_RAMPS else stage


def _first(partners: PartnerQuerySet, now: datetime) -> list[int]:
    """The keys of the cards of every column that come first: what goes stale, then what is due, then by name."""
    column = Case(When(stage__in=OFF_RAMPS, then=Value(RESTING)), default=F("stage"))
    place = Window(
        RowNumber(),
        partition_by=column,
        order_by=[
            F("is_stuck").desc(),
            F("is_quiet").desc(nulls_last=True),
            F("rhythm__next_step_on").asc(nulls_last=True),
            Lower("name"),
            F("pk"),
        ],
    )
    ranked = partners.order_by().with_needs(now, rots_after=CadencePolicy.load().rots_after).annotate(place=place)
    return [key for key, _place in ranked.filter(place__lte=MOST).order_by("place").values_list("pk", "place")]


def cards(keys: Iterable[int], *, now: datetime) -> list[Card]:
    """The cards of these partners, in this order."""
    keys = list(keys)
    known = Partner.objects.with_rhythm().with_activity(now)
    found = known.with_needs(now, rots_after=CadencePolicy.load().rots_after).in_bulk(keys)
    return [_card(found[key], now) for key in keys]


def _card(partner: Partner, now: datetime) -> Card:
    days = (timezone.localdate(now) - timezone.localdate(partner.stage_changed_at)).days
    return Card(partner=partner, days=days, warning=_warning(partner, days, now))


def _warning(partner, days: int, now: datetime) -> str:
    """What to say on the card of a partner that with_needs() knows of."""
    today = timezone.localdate(now)
    if partner.stage == Stage.PAUSED and partner.paused_until and partner.paused_until <= today:
        return "The pause is over"
    if partner.is_stuck:
        return f"Stuck for {days} days"
    return f"Gone quiet for {(today - partner.rhythm.latest_on).days} days" if partner.is_quiet else ""
