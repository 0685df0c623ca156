"""What a partner's health and balance are worked out from, read in one query: the last year of touches, referrals and workshops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from wagtail import hooks

from crm.people.composed import ask
from partners.models import Partner, Referral, SentReferral, Touch

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Did:
    """One touch, as far as it is counted."""

    kind: str
    at: datetime
    direction: str = Touch.Direction.OUT
    is_give: bool = False
    is_ask: bool = False

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


AFTER_WORKSHOP = timedelta(days=90)


@dataclass(frozen=True)
class Came:
    """One referral of theirs, as far as it is counted."""

    pk: int
    code: str
    received_at: datetime
    thanked_at: datetime | None = None

    def __str__(self) -> str:
        return f"R-{self.code}"


@dataclass(frozen=True)
class Gathering:
    """One workshop at their place."""

    pk: int
    title: str
    at: datetime
    is_held: bool = False
    taken: int = 0
    capacity: int = 0
    came: int | None = None
    stars: float | None = None

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


@dataclass(frozen=True)
class Lately:
    """The last 365 days with one partner; of the referrals also those that nobody has thanked for."""

    now: datetime
    touches: Sequence[Did] = ()
    referrals: Sequence[Came] = ()
    sent: Sequence[datetime] = ()
    gatherings: Sequence[Gathering] = ()
    first_at: datetime | None = field(default=None)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def days_known(self) -> int:
        """Since the first touch or referral ever."""
        firsts = [self.first_at, *(each.received_at for each in self.referrals), *self.sent]
        days = [timezone.localdate(at) for at in firsts if at]
        return (self.today - min(days)).days if days else 0

    @property
    def workshop_days(self) -> set[date]:
        """Days of workshops with them that have been, whether noted as a touch or held as a workshop of ours, or both."""
        noted = {did.day for did in self.touches if did.kind == Touch.TouchKind.WORKSHOP}
        return noted | {each.day for each in self.gatherings if each.is_held or each.at <= self.now}

    @property
    def sent_after_workshops(self) -> int:
        """Referrals within 90 days after a workshop with them. After it, which does not say because of it."""
        held = [each.at for each in self.gatherings if each.at <= self.now]
        return sum(any(at <= came.received_at < at + AFTER_WORKSHOP for at in held) for came in self.referrals)


def of(partner: Partner, *, now: datetime | None = None) -> Lately:
    """Read it; one query."""
    now = now or timezone.now()
    did, came, gone, first_at, *gathered = ask(_asked, now=now, key=partner.pk)[0]
    return Lately(
        now=now,
        touches=[Did(each["kind"], _at(each["at"]), each["direction"], each["gave"], each["asked"]) for each in did],
        referrals=[
            Came(each["pk"], each["code"], _at(each["received_at"]), _if_any(each["thanked_at"])) for each in came
        ],
        sent=gone,
        gatherings=[Gathering(**{**each, "at": _at(each["at"])}) for rows in gathered for each in rows],
        first_at=first_at,
    )


def _asked(*, now: datetime, key: int) -> QuerySet:
    touches, year = Touch.objects.standing().filter(partner=OuterRef("pk")).order_by(), Q(occurred_at__gt=now - YEAR)
    referrals = Referral.objects.standing().filter(partner=OuterRef("pk"))
    recent = referrals.filter(Q(received_at__gt=now - YEAR) | Q(thanked_at=None)).order_by("received_at", "pk")
    sent = SentReferral.objects.standing().filter(partner=OuterRef("pk"), sent_at__gt=now - YEAR).order_by("sent_at")
    return Partner.objects.filter(pk=key).values_list(
        _rows(touches.filter(year), kind="kind", at="occurred_at", direction="direction", gave="is_give", asked="is_ask"),
        _rows(recent, pk="pk", code="code", received_at="received_at", thanked_at="thanked_at"),
        ArraySubquery(sent.values("sent_at")),
        Subquery(touches.values("partner").annotate(first=Min("occurred_at")).values("first")),
        *(_rows(source(OuterRef("pk"), now - YEAR), **WORKSHOP) for source in hooks.get_hooks("partner_workshops")),
    )  # fmt: skip


WORKSHOP = {name: name for name in ("pk", "title", "at", "is_held", "taken", "capacity", "came", "stars")}


def _rows(rows: QuerySet, **fields: str) -> ArraySubquery:
    return ArraySubquery(rows.values(row=JSONObject(**fields)))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _if_any(text: str | None) -> datetime | None:
    return _at(text) if text else None
