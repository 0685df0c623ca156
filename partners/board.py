"""The partners of a list as a board: a column for each stage, the cards that need somebody first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Value, When, Window
from django.db.models.functions import Lower, RowNumber
from django.utils import timezone
from django.utils.safestring import SafeString

from crm.people.addresses import address
from crm.people.composed import AnyOf, records
from partners.models import LADDER, OFF_RAMPS, CadencePolicy, Partner, Rhythm, Stage
from partners.models.partner import PartnerQuerySet, Rots
from partners.templatetags.partner_words import days_ago, due_tag, shortened

MOST = 10  # cards in a column; the rest is in the list
RESTING = "resting"
SHOWN = (
    *("name", "kind", "tier", "stage", "stage_changed_at", "paused_until"),
    *("rhythm__last_touch_at", "rhythm__ideal_on", "rhythm__latest_on", "rhythm__next_step_on", "rhythm__meeting_on"),
    *("rhythm__last_touch__kind", "rhythm__last_touch__by__first_name", "rhythm__last_touch__by__last_name"),
    *("rhythm__last_touch__by__email", "rhythm__next_step__title"),
)


@dataclass(frozen=True)
class Card:
    """What one card says, in words: a board has hundreds, and a template that thinks would be slow."""

    key: int
    name: str
    stage: str
    url: str
    moves_url: str
    about: str
    activity: str
    warning: str
    last_touch: str
    next_step: str
    due: SafeString
    since: str


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
    rots = CadencePolicy.load().rots
    for card in _cards(_first(partners, now, rots), now, rots):
        columns[_column_of(card.stage)].cards.append(card)
    return list(columns.values())


def _column_of(stage: str) -> str:
    return RESTING if stage in OFF_RAMPS else stage


def _first(partners: PartnerQuerySet, now: datetime, rots: Rots) -> list[int]:
    """The keys of the cards of every column that come first: what goes stale, then what is due, then by name."""
    # By number, for words take longer to sort.
    ladder = [When(stage=stage, then=Value(number)) for number, stage in enumerate(LADDER)]
    column = Case(*ladder, default=Value(len(LADDER)))
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
    ranked = partners.order_by().with_needs(now, rots=rots).annotate(place=place)
    return [key for key, _place in ranked.filter(place__lte=MOST).order_by("place").values_list("pk", "place")]


def cards(keys: Iterable[int], *, now: datetime) -> list[Card]:
    """The cards of these partners, in this order."""
    return _cards(list(keys), now, CadencePolicy.load().rots)


def _cards(keys: list[int], now: datetime, rots: Rots) -> list[Card]:
    found = {partner.pk: partner for partner in records(_shown, rots, now=now, keys=keys)}
    return [_card(found[key], now) for key in keys]


def _shown(rots: Rots, *, now: datetime, key: int, keys: list[int]) -> PartnerQuerySet:
    known = Partner.objects.with_rhythm().with_activity(now).only(*SHOWN)
    return known.with_needs(now, rots=rots).filter(pk=AnyOf(keys)).order_by()


def _card(partner: Partner, now: datetime) -> Card:
    rhythm, days = partner.rhythm, (timezone.localdate(now) - timezone.localdate(partner.stage_changed_at)).days
    return Card(
        key=partner.pk,
        name=partner.name,
        stage=partner.stage,
        url=partner.get_absolute_url(),
        moves_url=address("partner_stages", partner.pk),
        about=f"{partner.get_kind_display()} · tier {partner.tier.upper()}",
        activity=f"Activity: {partner.get_activity_display().lower()}",
        warning=_warning(partner, days, now),
        last_touch=_last_touch(rhythm),
        next_step=shortened(rhythm.next_step.title, 40) if rhythm.next_step else "No next step",
        due=due_tag(rhythm.next_step_on),
        since={0: "Here since today", 1: "1 day here"}.get(days, f"{days} days here"),
    )


def _last_touch(rhythm: Rhythm) -> str:
    """When, what and who."""
    touch = rhythm.last_touch
    if touch is None or rhythm.last_touch_at is None:
        return "Never touched"
    return f"{touch.get_kind_display()} {days_ago(rhythm.last_touch_at)}{f', {touch.by}' if touch.by else ''}"


def _warning(partner: Any, days: int, now: datetime) -> str:
    """What to say on the card of a partner that with_needs() knows of."""
    today, latest = timezone.localdate(now), partner.rhythm.latest_on
    if partner.stage == Stage.PAUSED and partner.paused_until and partner.paused_until <= today:
        return "The pause is over"
    if partner.is_stuck:
        return f"Stuck for {days} days"
    return f"Gone quiet for {(today - latest).days} days" if partner.is_quiet and latest else ""
