"""How many of those who were sent came: for a partner, a kind, or the whole practice, and whether one sends too many.

Converted means evaluated, as WebPT counts it. Within 30 or 90 days only referrals that had so long are asked about, or
everybody who was sent yesterday would count as lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from partners.models import CadencePolicy, Group, Kind, Partner, Referral

DAYS = (30, 90)
# Over a quarter from one source is unstable (PPS Impact); the share of one type and the least to judge by are ours.
WINDOW = timedelta(days=90)
MOST_OF_A_PARTNER = 25
MOST_OF_A_TYPE = 60
LEAST_TO_JUDGE = 8
NOBODY = 0  # no partner's key
TO_COURT = (Group.FITNESS, Group.DPC, Group.FUNCTIONAL)


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    done: int
    of: int

    @property
    def percent(self) -> int | None:
        """Rounded; nothing of nothing is nothing."""
        return round(100 * self.done / self.of) if self.of else None

    def __str__(self) -> str:
        return f"{self.done} of {self.of}"


@dataclass(frozen=True)
class Conversions:
    """Of those who were sent: how many came at all, within 30 days, and within 90."""

    ever: Share
    within_30: Share
    within_90: Share


@dataclass(frozen=True)
class Concentration:
    """What leans too much on one side; falsy when nothing does."""

    sentences: list[str]
    partners: list[tuple[Partner, Share]]
    group: Group | None = None
    court_next: Group | None = None

    def __bool__(self) -> bool:
        return bool(self.sentences)


def counts(now: datetime, path: str = "") -> dict[str, Count]:
    """The five counts behind Conversions, for aggregate() or annotate(); ``path`` leads to the referrals."""
    real = Q(**{f"{path}taken_back_at": None, f"{path}is_quarantined": False, f"{path}pk__isnull": False})
    sums = {
        "sent_ever": Count(f"{path}pk", filter=real),
        "seen_ever": Count(f"{path}pk", filter=real & Q(**{f"{path}evaluated_at__isnull": False})),
    }
    for days in DAYS:
        span = timedelta(days=days)
        had_so_long = real & Q(**{f"{path}received_at__lte": now - span})
        in_time = Q(**{f"{path}evaluated_at__lte": F(f"{path}received_at") + span})
        sums[f"had_{days}"] = Count(f"{path}pk", filter=had_so_long)
        sums[f"seen_in_{days}"] = Count(f"{path}pk", filter=had_so_long & in_time)
    return sums


def of(referrals: QuerySet[Referral], *, now: datetime | None = None) -> Conversions:
    """What became of these referrals; one query."""
    return read(referrals.order_by().aggregate(**counts(now or timezone.now())))


def read(sums: dict[str, int]) -> Conversions:
    """The counts of one row, as shares."""
    return Conversions(
        ever=Share(sums["seen_ever"], sums["sent_ever"]),
        within_30=Share(sums["seen_in_30"], sums["had_30"]),
        within_90=Share(sums["seen_in_90"], sums["had_90"]),
    )


def whole(*, since: datetime | None = None, now: datetime | None = None) -> Conversions:
    """What became of everybody the practice was sent, ever or since a moment."""
    return of(Referral.objects.filter(received_at__gte=since) if since else Referral.objects.all(), now=now)


def of_partner(partner: Partner, *, now: datetime | None = None) -> Conversions:
    return of(Referral.objects.filter(partner=partner), now=now)


def by_partner(*, now: datetime | None = None) -> QuerySet[Partner]:
    """Every partner that ever sent somebody, with the counts that read() understands; who sent most comes first."""
    sums = counts(now or timezone.now(), "referrals__")
    senders = Partner.objects.filter(rhythm__referrals__gt=0)
    return senders.annotate(**sums).order_by("-rhythm__referrals", "name", "pk")


def by_kind(*, since: datetime | None = None, now: datetime | None = None) -> dict[Kind, Conversions]:
    """What became of those whom each kind of partner sent."""
    referrals = Referral.objects.filter(received_at__gte=since) if since else Referral.objects.all()
    rows: Iterable[Any] = referrals.order_by().values("partner__kind").annotate(**counts(now or timezone.now()))
    return {Kind(row["partner__kind"]): read(row) for row in rows if row["sent_ever"]}


def concentration(*, now: datetime | None = None) -> Concentration:
    """Warn when a partner sent over 25 % of the last 90 days, or a type over 60 %; of fewer than 8 nothing is said."""
    now = now or timezone.now()
    recent = Referral.objects.standing().filter(received_at__gte=now - WINDOW, received_at__lte=now).order_by()
    rows = list(recent.values_list("partner", "partner__kind").annotate(n=Count("pk")))
    total = sum(n for _pk, _kind, n in rows)
    most = sorted((row for row in rows if row[2] * 100 > MOST_OF_A_PARTNER * total), key=lambda row: (-row[2], row[0]))
    # Asked for before it is known whether they are enough, so that a page costs the same with few and with many.
    partners = Partner.objects.in_bulk([NOBODY, *(pk for pk, _kind, _n in most)])
    if total < LEAST_TO_JUDGE:
        return Concentration([], [])
    heavy = [(partners[pk], Share(n, total)) for pk, _kind, n in most]
    by_group = dict.fromkeys(Group, 0)
    for _pk, kind, n in rows:
        by_group[Kind(kind).group] += n
    group = next((each for each, n in by_group.items() if n * 100 > MOST_OF_A_TYPE * total), None)
    court_next = min(TO_COURT, key=lambda each: by_group[each]) if heavy or group else None
    return Concentration(_warnings(heavy, group, by_group, total, court_next), heavy, group, court_next)


def _warnings(
    heavy: list[tuple[Partner, Share]], group: Group | None, by_group: dict, total: int, court_next: Group | None
) -> list[str]:
    said = [
        f"{share.done} of your {share.of} referrals of the last 90 days came from {partner}. If they stop, you feel it."
        for partner, share in heavy
    ]
    if group:
        said.append(f"{by_group[group]} of {total} came from one type of partner: {group.label}.")
    if court_next:
        said.append(f"Court somebody in {court_next.label} next: {_from_them(by_group[court_next])}.")
    return said


def _from_them(sent: int) -> str:
    return f"only {sent} came from there" if sent else "nobody came from there"


def may_be_told(count: int) -> str:
    """How many they sent, as it may be said to a partner: a small number would point at somebody."""
    smallest = CadencePolicy.load().smallest_count
    return str(count) if count >= smallest else f"fewer than {smallest}"
