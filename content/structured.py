"""What search engines are told about the practice, as schema.org knows it."""

from __future__ import annotations

import re

from django.conf import settings

from crm.people.models import PracticeProfile

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FULL_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPAN = re.compile(
    r"^(?P<first>[A-Z][a-z]{2})(?:\s*[-–]\s*(?P<last>[A-Z][a-z]{2}))?\s+(?P<opens>\d\d:\d\d)[-–](?P<closes>\d\d:\d\d)$"
)


def practice_id() -> str:
    """The stable name under which other nodes refer to the practice."""
    return f"{settings.BASE_URL}/#practice"


def practice(profile: PracticeProfile) -> dict:
    """The practice as a Physiotherapy business; what the profile leaves empty is left out."""
    address = {
        "streetAddress": profile.street,
        "addressLocality": profile.city,
        "addressRegion": profile.region,
        "postalCode": profile.postal_code,
        "addressCountry": profile.country if profile.city else "",
    }
    facts = {
        "@context": "https://schema.org",
        "@type": "Physiotherapy",
        "@id": practice_id(),
        "name": profile.name,
        "url": f"{settings.BASE_URL}/",
        "description": profile.tagline,
        "telephone": profile.phone,
        "email": profile.email,
        "areaServed": profile.city,
        "address": _present({"@type": "PostalAddress", **address}) if any(address.values()) else None,
        "openingHoursSpecification": opening_hours(profile.hours),
        "availableService": [{"@type": "PhysicalTherapy", "name": "Physical therapy"}],
    }
    return _present(facts)


def opening_hours(text: str) -> list[dict]:
    """The lines that read like “Mon-Fri 08:00-18:00”; other lines are for people only."""
    found = (SPAN.match(line.strip()) for line in text.splitlines())
    return [_span(match) for match in found if match and {match["first"], match["last"] or match["first"]} <= {*DAYS}]


def _span(match: re.Match) -> dict:
    first, last = DAYS.index(match["first"]), DAYS.index(match["last"] or match["first"])
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": list(FULL_DAYS[first : last + 1]),
        "opens": match["opens"],
        "closes": match["closes"],
    }


def _present(facts: dict) -> dict:
    return {key: value for key, value in facts.items() if value}
