"""What workshops add to a partner's timeline."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from partners.models import Partner
from partners.timeline import Entry
from workshops.models import Workshop


def hosted(partner: Partner, limit: int) -> Iterator[Entry]:
    """The workshops held at this partner's place, newest first."""
    workshops = Workshop.objects.filter(host=partner, starts_at__lte=timezone.now()).order_by("-starts_at")
    for workshop in workshops.exclude(state=Workshop.State.DRAFT)[:limit]:
        seats = f"{workshop.seats_taken} of {workshop.capacity} seats taken."
        url = reverse("workshops:inspect", args=[workshop.pk])
        yield Entry(workshop.starts_at, "workshop", f"Workshop: {workshop.title}", seats, url=url)
