"""What workshops add to a partner's timeline."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from partners.models import Partner
from partners.timeline import Entry
from workshops.models import Workshop


def hosted(partner: Partner, limit: int) -> Iterator[Entry]:
    """The workshops at this partner's place, those to come on top."""
    now = timezone.now()
    for workshop in Workshop.objects.public().filter(host=partner).order_by("-starts_at")[:limit]:
        seats = f"{workshop.seats_taken} of {workshop.capacity} seats taken."
        url = reverse("workshops:inspect", args=[workshop.pk])
        yield Entry(
            workshop.starts_at,
            "workshop",
            f"Workshop: {workshop.title}",
            seats,
            url=url,
            tags=["to come"] if workshop.starts_at > now else [],
        )
