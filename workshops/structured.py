"""What search engines are told about a workshop, as schema.org knows it."""

from __future__ import annotations

from django.conf import settings

from crm.people.models import PracticeProfile
from workshops.models import Workshop

PICTURE = "fill-1200x630|format-jpeg"


def event(workshop: Workshop, practice: PracticeProfile) -> dict:
    """The workshop as an Event, in its own zone's time and with the seats that are left."""
    facts = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": workshop.title,
        "description": workshop.summary or workshop.description,
        "startDate": workshop.local_start.isoformat(),
        "endDate": workshop.local_end.isoformat(),
        "eventStatus": f"https://schema.org/{'EventCancelled' if workshop.is_cancelled else 'EventScheduled'}",
        **_where(workshop),
        "organizer": {
            "@type": "Organization",
            "@id": f"{settings.BASE_URL}/#practice",
            "name": practice.name,
            "url": f"{settings.BASE_URL}/",
        },
        "url": workshop.public_url,
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": workshop.capacity,
        "remainingAttendeeCapacity": max(0, workshop.public_seats_left),
    }
    if workshop.picture:
        rendition = workshop.picture.get_rendition(PICTURE)
        facts["image"] = rendition.full_url
    if workshop.is_open:
        facts["offers"] = _offer(workshop, practice)
    return {key: value for key, value in facts.items() if value != ""}


def _where(workshop: Workshop) -> dict:
    """A place, or the page itself: the video link is for those with a seat."""
    mode = "Online" if workshop.is_online else "Mixed" if workshop.video_url else "Offline"
    place = {"@type": "Place", "name": workshop.place, "address": workshop.place}
    online = {"@type": "VirtualLocation", "url": workshop.public_url}
    return {
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "location": {"Online": online, "Mixed": [place, online], "Offline": place}[mode],
    }


def _offer(workshop: Workshop, practice: PracticeProfile) -> dict:
    return {
        "@type": "Offer",
        "price": 0,
        "priceCurrency": "USD" if practice.country == "US" else "CAD",
        "availability": f"https://schema.org/{'SoldOut' if workshop.is_full else 'InStock'}",
        "url": workshop.public_url,
        "validFrom": workshop.created_at.isoformat(),
    }
