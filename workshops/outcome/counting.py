"""The figures of each workshop: the same few queries for three workshops and for three hundred.

Referrals are those of the host within 90 days after. That they came after is all that is said: nobody knows why.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, Lower
from django.utils import timezone
from wagtail import hooks

from partners.models import Referral
from workshops.models import ACTIVE, Registration, Workshop

AFTER = timedelta(days=90)
State, Source = Registration.State, Registration.Source


class Asked(NamedTuple):
    """A workshop of which a room above is asked how many people its letters invited."""

    pk: int
    slug: str
    starts_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of one workshop. ``None`` is what nobody wrote down, which is not nought."""

    pk: int
    title: str
    starts_at: datetime
    ends_at: datetime
    day: date
    host: tuple[int, str] | None = None
    topic: tuple[int, str] | None = None
    invited_by_word: int | None = None
    invited_by_letter: int = 0
    registered: int = 0
    by_host: int = 0
    at_door: int = 0
    gave_back: int = 0
    waited: int = 0
    seats: int = 0
    came: int | None = None
    rated: int = 0
    stars: int = 0
    to_call: int = 0
    evaluations: int | None = None
    referrals: frozenset[int] = frozenset()
    days_left: int = 0

    @property
    def invited(self) -> int | None:
        """What somebody noted counts everybody; without it, those whom letters with its link reached."""
        return self.invited_by_letter or None if self.invited_by_word is None else self.invited_by_word

    @property
    def percent(self) -> int | None:
        """How many in a hundred of those with a seat came."""
        return round(100 * self.came / self.seats) if self.came is not None and self.seats else None

    @property
    def rating(self) -> float | None:
        return self.stars / self.rated if self.rated else None

    @property
    def is_complete(self) -> bool:
        """Are the 90 days after it over?"""
        return not self.days_left


def held(now: datetime | None = None) -> QuerySet[Workshop]:
    """Workshops that took place, the latest first."""
    over = Q(state=Workshop.State.HELD) | Q(state=Workshop.State.OPEN, ends_at__lte=now or timezone.now())
    return Workshop.objects.filter(over).order_by("-starts_at", "-pk")


def outcome_of(workshop: Workshop) -> Outcome:
    """What came of this one."""
    (found,) = outcomes(Workshop.objects.filter(pk=workshop.pk))
    return found


def outcomes(workshops: QuerySet[Workshop], *, now: datetime | None = None) -> list[Outcome]:
    """What came of each of them, in their order; three queries, and one of each room above that writes to people."""
    now = now or timezone.now()
    rows = list(workshops.values(*COLUMNS))
    people = _people([row["pk"] for row in rows])
    sent = _sent(rows)
    written_to = _written_to(rows)
    return [
        _outcome(row, {**people.get(row["pk"], {}), "written_to": written_to.get(row["pk"], 0)}, sent, now)
        for row in rows
    ]


COLUMNS = (
    *(
        "pk",
        "title",
        "slug",
        "starts_at",
        "ends_at",
        "time_zone",
        "invited",
        "host",
        "host__name",
        "topic",
        "topic__name",
    ),
    *("door_closed_at", "debrief__evaluations"),
)


def _people(keys: list[int]) -> dict[int, dict[str, Any]]:
    """Whoever came back after cancelling is one person, with two rows; guests of one party share an address."""
    somebody = Concat(Cast("contact", CharField()), Value(" "), Lower("name"), output_field=CharField())
    rows: Iterable[Any] = (
        Registration.objects.filter(workshop__in=keys)
        .admitted()
        .order_by()
        .values("workshop")
        .annotate(
            registered=Count(somebody, distinct=True),
            by_host=Count(somebody, distinct=True, filter=Q(source=Source.HOST_LINK)),
            at_door=Count("pk", filter=Q(source=Source.WALK_IN, state=State.CONFIRMED)),
            holding=Count("pk", filter=Q(state__in=ACTIVE)),
            waited=Count("pk", filter=Q(state=State.WAITING)),
            seats=Count("pk", filter=Q(state=State.CONFIRMED)),
            came=Count("pk", filter=Q(state=State.CONFIRMED, checked_in_at__isnull=False)),
            rated=Count("rating"),
            stars=Sum("rating", default=0),
            to_call=Count("may_call_at"),
        )
    )
    return {row.pop("workshop"): row for row in rows}


def _written_to(rows: list[dict[str, Any]]) -> Counter[int]:
    """How many people letters with a workshop's link reached before it; the rooms above that write letters know."""
    asked = [Asked(row["pk"], row["slug"], row["starts_at"]) for row in rows]
    return (
        sum((Counter(room(asked)) for room in hooks.get_hooks("workshop_invited")), Counter()) if asked else Counter()
    )


def _sent(rows: list[dict[str, Any]]) -> dict[int, list[tuple[datetime, int]]]:
    """What each host sent from the first of these workshops on, in the order in which it came."""
    hosts = {row["host"] for row in rows if row["host"]}
    if not hosts:
        return {}
    ends = [row["ends_at"] for row in rows]
    within = Referral.objects.standing().filter(
        partner__in=hosts, received_at__gte=min(ends), received_at__lt=max(ends) + AFTER
    )
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for partner, at, key in within.order_by("received_at", "pk").values_list("partner", "received_at", "pk"):
        found[partner].append((at, key))
    return found


def _outcome(
    row: dict[str, Any], people: dict[str, Any], by_host: dict[int, list[tuple[datetime, int]]], now: datetime
) -> Outcome:
    is_known, sent = people.get("came") or row["door_closed_at"], by_host.get(row["host"], [])
    first, last = (bisect_left(sent, (moment, 0)) for moment in (row["ends_at"], row["ends_at"] + AFTER))
    return Outcome(
        pk=row["pk"],
        title=row["title"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        day=row["starts_at"].astimezone(ZoneInfo(row["time_zone"])).date(),
        host=(row["host"], row["host__name"]) if row["host"] else None,
        topic=(row["topic"], row["topic__name"]) if row["topic"] else None,
        invited_by_word=row["invited"],
        invited_by_letter=people["written_to"],
        registered=people.get("registered", 0),
        by_host=people.get("by_host", 0),
        at_door=people.get("at_door", 0),
        gave_back=max(0, people.get("registered", 0) - people.get("holding", 0)),
        waited=people.get("waited", 0),
        seats=people.get("seats", 0),
        came=people.get("came", 0) if is_known else None,
        rated=people.get("rated", 0),
        stars=people.get("stars", 0),
        to_call=people.get("to_call", 0),
        evaluations=row["debrief__evaluations"],
        referrals=frozenset(key for _at, key in sent[first:last]),
        days_left=max(0, -((now - row["ends_at"] - AFTER) // timedelta(days=1))),
    )
