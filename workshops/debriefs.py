"""How a workshop went in figures, and which ones still wait to be looked back on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from partners.models import FollowUp
from workshops.models import Registration, Workshop

DUE_AFTER = timedelta(days=7)
FORGOTTEN_AFTER = timedelta(days=90)
State = Registration.State


@dataclass(frozen=True)
class Figures:
    """Who came, out of whom, and how they liked it. Numbers only."""

    registered: int
    came: int | None
    waited: int
    gave_back: int
    rated: int
    rating: float | None

    @property
    def percent(self) -> int | None:
        """How many in a hundred of those with a seat came."""
        return round(100 * self.came / self.registered) if self.came is not None and self.registered else None


def figures_of(workshop: Workshop) -> Figures:
    """One query. Without anybody checked in and the door never closed, nobody knows who came."""
    found = workshop.registrations.aggregate(
        registered=Count("pk", filter=Q(state=State.CONFIRMED)),
        came=Count("pk", filter=Q(checked_in_at__isnull=False)),
        waited=Count("pk", filter=Q(state=State.WAITING)),
        gave_back=Count("pk", filter=Q(state=State.CANCELLED)),
        rated=Count("rating"),
        rating=Avg("rating"),
    )
    is_known = found["came"] or workshop.door_closed_at
    return Figures(**{**found, "came": found["came"] if is_known else None})


def waiting_for_debrief(now: datetime) -> QuerySet[Workshop]:
    """Held a week ago and more, never looked back on, and no open to do of its plan says so; the latest first."""
    held = Workshop.objects.filter(state__in=[Workshop.State.OPEN, Workshop.State.HELD])
    over = held.filter(ends_at__lt=now - DUE_AFTER, ends_at__gt=now - FORGOTTEN_AFTER)
    key = Concat(Value(":workshop:"), Cast(OuterRef("pk"), CharField()), Value(":"))
    asked = FollowUp.objects.open().filter(partner=OuterRef("host"), once_key__contains=key)
    return (
        over.filter(Q(debrief=None) | Q(debrief__closed_at=None)).exclude(Exists(asked)).order_by(F("ends_at").desc())
    )
