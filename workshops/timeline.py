"""What workshops add to a partner's timeline, and to the year that its health is worked out from."""

from __future__ import annotations

from datetime import datetime

from django.db.models import (
    Avg,
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from partners.models import Partner
from partners.timeline import Entry, Source, Words
from workshops.models import Registration, Workshop


def source() -> Source:
    """The workshops at a partner's place, those to come on top."""
    words = {"title": "title", "taken": "seats_taken", "capacity": "capacity", "state": "state"}
    return Source("workshop", "Workshops", _hosted, "starts_at", words, _draw)


def _hosted(partner: Partner) -> QuerySet[Workshop]:
    return Workshop.objects.public().filter(host=partner)


def _draw(at: datetime, key: str, words: Words) -> Entry:
    tags = ["cancelled"] if words["state"] == Workshop.State.CANCELLED else ["to come"] if at > timezone.now() else []
    seats = f"{words['taken']} of {words['capacity']} seats taken."
    url = reverse("workshops:inspect", args=[key])
    return Entry(at, "workshop", f"Workshop: {words['title']}", seats, url=url, tags=tags)


def year_of(host, since: datetime) -> QuerySet[Workshop]:
    """Those at this partner's place since then, held or to come; ``host`` may be an OuterRef."""
    hosted = Workshop.objects.filter(
        host=host, starts_at__gt=since, state__in=[Workshop.State.OPEN, Workshop.State.HELD]
    )
    is_held = ExpressionWrapper(Q(state=Workshop.State.HELD), output_field=BooleanField())
    there = Registration.objects.came().filter(workshop=OuterRef("pk")).order_by().values("workshop")
    seen = Subquery(there.annotate(n=Count("pk")).values("n"))
    nobody = Case(When(door_closed_at__isnull=False, then=Value(0)), output_field=IntegerField())
    return hosted.annotate(
        at=F("starts_at"),
        is_held=is_held,
        taken=F("seats_taken"),
        came=Coalesce(seen, nobody),
        stars=Subquery(there.annotate(mean=Avg("rating")).values("mean")),
    ).order_by("-starts_at")
