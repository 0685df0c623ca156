"""The partners of a list as a board: a column for each stage, the cards that need somebody first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Case, Count, F, QuerySet, Value, When, Window
from django.db.models.functions import Lower, RowNumber
from django.utils import timezone
from django.utils.safestring import SafeString

from crm.people.addresses import address
from crm.people.composed import AnyOf, ask
from crm.people.models import User
from partners.models import LADDER, OFF_RAMPS, Activity, CadencePolicy, Partner, Stage, Touch
from partners.models.partner import KIND_LABELS, PartnerQuerySet, Rots
from partners.templatetags.partner_words import days_ago, due_tag, shortened

MOST = 10  # cards in a column; the rest is in the list
RESTING = "resting"
SHOWN = (
    *("pk", "name", "kind", "tier", "stage", "stage_changed_at", "paused_until", "activity", "is_stuck", "is_quiet"),
    *("rhythm__last_touch_at", "rhythm__latest_on", "rhythm__next_step_on", "rhythm__next_step__title"),
    *("rhythm__last_touch__kind", "rhythm__last_touch__by__first_name", "rhythm__last_touch__by__last_name"),
    "rhythm__last_touch__by__email",
)
TOUCHES = dict(Touch.TouchKind.choices)


class Known(NamedTuple):
    """What a card is made of: SHOWN, in its order. A record of five models for each card would take longer than the rest."""

    pk: int
    name: str
    kind: str
    tier: str
    stage: str
    stage_changed_at: datetime
    paused_until: date | None
    activity: str
    is_stuck: bool
    is_quiet: bool | None
    last_touch_at: datetime | None
    latest_on: date | None
    next_step_on: date | None
    next_step: str | None
    touch_kind: str | None
    first_name: str | None
    last_name: str | None
    email: str | None


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


def of(partners: PartnerQuerySet | None, *, now: datetime) -> list[Column]:
    """The columns of these partners, in three queries; without any, of all who are not archived, as most are looked at."""
    columns = {stage.value: Column(stage.value, stage.label, (stage,)) for stage in LADDER}
    columns[RESTING] = Column(RESTING, "Resting", OFF_RAMPS)
    rots = CadencePolicy.load().rots
    counts = ask(_all_counts, now=now) if partners is None else _counts(partners)
    first = ask(_all_first, rots, now=now) if partners is None else _first(partners, now, rots)
    for stage, count in counts:
        columns[_column_of(stage)].count += count
    for card in _cards([key for key, _place in first], now, rots):
        columns[_column_of(card.stage)].cards.append(card)
    return list(columns.values())


def _column_of(stage: str) -> str:
    return RESTING if stage in OFF_RAMPS else stage


def _all_counts(*, now: datetime, key: int) -> QuerySet:
    return _counts(Partner.objects.current())


def _counts(partners: PartnerQuerySet) -> QuerySet:
    return partners.order_by().values_list("stage").annotate(count=Count("pk"))


def _all_first(rots: Rots, *, now: datetime, key: int) -> QuerySet:
    return _first(Partner.objects.current(), now, rots)


def _first(partners: PartnerQuerySet, now: datetime, rots: Rots) -> QuerySet:
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
    return ranked.filter(place__lte=MOST).order_by("place").values_list("pk", "place")


def cards(keys: Iterable[int], *, now: datetime) -> list[Card]:
    """The cards of these partners, in this order."""
    return _cards(list(keys), now, CadencePolicy.load().rots)


def _cards(keys: list[int], now: datetime, rots: Rots) -> list[Card]:
    found = {row[0]: Known(*row) for row in ask(_shown, rots, now=now, keys=keys)}
    return [_card(found[key], now) for key in keys]


def _shown(rots: Rots, *, now: datetime, key: int, keys: list[int]) -> QuerySet:
    known = Partner.objects.with_activity(now).with_needs(now, rots=rots)
    return known.filter(pk=AnyOf(keys)).order_by().values_list(*SHOWN)


def _card(partner: Known, now: datetime) -> Card:
    days = (timezone.localdate(now) - timezone.localdate(partner.stage_changed_at)).days
    return Card(
        key=partner.pk,
        name=partner.name,
        stage=partner.stage,
        url=address("partners:inspect", partner.pk),
        moves_url=address("partner_stages", partner.pk),
        about=f"{KIND_LABELS[partner.kind]} · tier {partner.tier.upper()}",
        activity=f"Activity: {Activity(partner.activity).label.lower()}",
        warning=_warning(partner, days, timezone.localdate(now)),
        last_touch=_last_touch(partner),
        next_step=shortened(partner.next_step, 40) if partner.next_step else "No next step",
        due=due_tag(partner.next_step_on),
        since={0: "Here since today", 1: "1 day here"}.get(days, f"{days} days here"),
    )


def _last_touch(partner: Known) -> str:
    """When, what and who."""
    if partner.touch_kind is None or partner.last_touch_at is None:
        return "Never touched"
    by = f", {_named(partner.first_name, partner.last_name, partner.email)}" if partner.email else ""
    return f"{TOUCHES[partner.touch_kind]} {days_ago(partner.last_touch_at)}{by}"


@lru_cache
def _named(first_name: str, last_name: str, email: str) -> str:
    return str(User(first_name=first_name, last_name=last_name, email=email))


def _warning(partner: Known, days: int, today: date) -> str:
    if partner.stage == Stage.PAUSED and partner.paused_until and partner.paused_until <= today:
        return "The pause is over"
    if partner.is_stuck:
        return f"Stuck for {days} days"
    return f"Gone quiet for {(today - partner.latest_on).days} days" if partner.is_quiet and partner.latest_on else ""
