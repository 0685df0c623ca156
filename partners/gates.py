"""What a stage asks for before a partner enters it. It is said, never forced: the owner may pass with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from partners.models import (
    ACTIVE_WITHIN,
    COURTING,
    FIT_TO_COURT,
    LADDER,
    SENDING,
    CadencePolicy,
    Group,
    Partner,
    Rhythm,
    Stage,
    Touch,
)
from partners.models.touch import gave, showed_up

Kinds = Touch.TouchKind
ACTIVE_REFERRALS = 2  # a second one shows that the first was no accident
CHAMPION_REFERRALS = 5  # our default: by then it is a habit
PROVIDERS = (Group.DPC, Group.FUNCTIONAL)


@dataclass(frozen=True)
class Ask:
    """One thing that a stage asks for, in a sentence, and whether it is there."""

    text: str
    is_met: bool


@dataclass(frozen=True)
class Facts:
    """What the touches with one partner and their referrals show."""

    visits: int = 0
    first_visit: datetime | None = None
    last_visit: datetime | None = None
    gives: int = 0
    advice: int = 0
    workshops: int = 0
    referrals: int = 0
    last_referral_at: datetime | None = None

    @property
    def visit_days(self) -> int:
        """Days from the first visit to the last."""
        if self.first_visit is None or self.last_visit is None:
            return 0
        return (timezone.localdate(self.last_visit) - timezone.localdate(self.first_visit)).days


def asks_of(partner: Partner, stage: Stage) -> list[Ask]:
    """What this stage asks of this partner, met or not. Nothing on the way back or to a rest."""
    return asks_of_many([partner], stage)[partner.pk]


def asks_by_stage(partner: Partner) -> dict[Stage, list[Ask]]:
    """What each step of the ladder asks of this partner."""
    facts, book = facts_of([partner])[partner.pk], Book.of_today()
    return {stage: book.asks(partner, stage, facts) for stage in LADDER}


def asks_of_many(partners: Iterable[Partner], stage: Stage) -> dict[int, list[Ask]]:
    """What this stage asks of each, in two queries however many there are; each that enters courting fills the book."""
    partners = list(partners)
    climbing = [partner for partner in partners if is_further(stage, than=Stage(partner.stage))]
    facts, book = facts_of(climbing), Book.of_today()
    asked = {}
    for partner in partners:
        asked[partner.pk] = book.asks(partner, stage, facts.get(partner.pk, Facts()))
        if all(ask.is_met for ask in asked[partner.pk]):
            book.enter(partner, stage)
    return asked


def facts_of(partners: Iterable[Partner]) -> dict[int, Facts]:
    """Count the visits, gives, questions, workshops and referrals of each."""
    keys = [partner.pk for partner in partners]
    if not keys:
        return {}
    rows = (
        Touch.objects.standing()
        .filter(partner__in=keys)
        .order_by()
        .values("partner")
        .annotate(
            visits=Count("pk", filter=showed_up()),
            first_visit=Min("occurred_at", filter=showed_up()),
            last_visit=Max("occurred_at", filter=showed_up()),
            gives=Count("pk", filter=gave()),
            advice=Count("pk", filter=Q(kind=Kinds.ADVICE_ASKED)),
            workshops=Count("pk", filter=Q(kind=Kinds.WORKSHOP)),
        )
    )
    touched: dict[int, dict[str, Any]] = {row["partner"]: _without_key(row) for row in rows}
    sent = Rhythm.objects.filter(partner__in=keys).values("partner", "referrals", "last_referral_at")
    return {row["partner"]: Facts(**_without_key(row), **touched.get(row["partner"], {})) for row in sent}


def _without_key(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "partner"}


@dataclass
class Book:
    """The numbers that asks are measured by: the owner's policy, and how many are being courted now."""

    policy: CadencePolicy
    courting: int
    at: datetime

    @classmethod
    def of_today(cls) -> Book:
        courting = Partner.objects.current().filter(stage__in=COURTING).count()
        return cls(policy=CadencePolicy.load(), courting=courting, at=timezone.now())

    def enter(self, partner: Partner, stage: Stage) -> None:
        """Count one more who is courted."""
        self.courting += stage in COURTING and partner.stage not in COURTING

    def asks(self, partner: Partner, stage: Stage, facts: Facts) -> list[Ask]:
        if not is_further(stage, than=Stage(partner.stage)):
            return []
        asked = []
        if stage in COURTING and partner.stage not in COURTING:
            asked.append(self._room_to_court())
        if stage in SENDING:
            return [*asked, *self._sending(stage, facts)]
        return [*asked, *self._courting(partner, stage, facts)]

    def _courting(self, partner: Partner, stage: Stage, facts: Facts) -> list[Ask]:
        if stage == Stage.SHOWING_UP:
            return [_fit(partner)]
        if stage == Stage.CONVERSATION:
            return self._talk(partner, facts)
        if stage == Stage.GIVING_VALUE:
            return [Ask("You asked them for advice.", facts.advice > 0)]
        return []

    def _talk(self, partner: Partner, facts: Facts) -> list[Ask]:
        """Be seen before you talk: at a studio by going there, at a practice by what helps them."""
        if partner.group in PROVIDERS:
            words = (
                "You gave them something first: read and shared their work, came to their event, introduced somebody."
            )
            return [Ask(words, facts.gives > 0)]
        visits, days = self.policy.visits_to_talk, self.policy.days_to_talk
        return [
            Ask(f"{visits} visits, classes or purchases: {facts.visits} so far.", facts.visits >= visits),
            Ask(f"Spread over {days} days: {facts.visit_days} so far.", facts.visit_days >= days),
        ]

    def _sending(self, stage: Stage, facts: Facts) -> list[Ask]:
        if stage == Stage.FIRST_REFERRAL:
            return [Ask("A referral from them is on record.", facts.referrals > 0)]
        if stage == Stage.ACTIVE:
            is_recent = facts.last_referral_at is not None and facts.last_referral_at >= self.at - ACTIVE_WITHIN
            words = f"{ACTIVE_REFERRALS} referrals, or one in the last {ACTIVE_WITHIN.days} days"
            return [Ask(f"{words}: {facts.referrals} so far.", is_recent or facts.referrals >= ACTIVE_REFERRALS)]
        return [
            Ask(f"{CHAMPION_REFERRALS} referrals: {facts.referrals} so far.", facts.referrals >= CHAMPION_REFERRALS),
            Ask("You held a workshop with them.", facts.workshops > 0),
        ]

    def _room_to_court(self) -> Ask:
        most = self.policy.most_courting
        return Ask(f"At most {most} courted at once: {self.courting} now.", self.courting < most)


def _fit(partner: Partner) -> Ask:
    if partner.fit is None:
        return Ask(f"How well they fit is not judged yet; below {FIT_TO_COURT} points they wait.", is_met=True)
    return Ask(f"A fit of {FIT_TO_COURT} points or more: {partner.fit} now.", partner.fit >= FIT_TO_COURT)


def is_further(stage: Stage, *, than: Stage) -> bool:
    """Is it a step up the ladder? Coming back from a rest is one."""
    if stage not in LADDER:
        return False
    return than not in LADDER or LADDER.index(stage) > LADDER.index(than)
