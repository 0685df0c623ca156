"""The addresses of the office's screens for a workshop, and its form as a browser sends it back."""

from __future__ import annotations

from django.urls import reverse

from workshops.models import Workshop

PAGES = ["index", "add", "edit", "copy", "inspect", "history", "delete", "cancel"]


def address(page: str, workshop: Workshop) -> str:
    return reverse(f"workshops:{page}", args=[] if page in {"index", "add"} else [workshop.pk])


def sent(workshop: Workshop, **changes) -> dict:
    """The edit form as a browser sends it back."""
    start, end = workshop.local_start, workshop.local_end
    return {
        "title": workshop.title,
        "host": workshop.host_id or "",
        "audience": workshop.audience,
        "day": f"{start:%Y-%m-%d}",
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        "time_zone": workshop.time_zone,
        "place": workshop.place,
        "video_url": workshop.video_url,
        "capacity": workshop.capacity,
        "host_seats": workshop.host_seats,
        "summary": workshop.summary,
        "description": workshop.description,
        **({"is_private": "on"} if workshop.is_private else {}),
        **changes,
    }
