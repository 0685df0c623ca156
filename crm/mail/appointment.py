"""The calendar part of a message, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from icalendar import Calendar

from crm.mail.models import Message


@dataclass(frozen=True)
class Appointment:
    """A calendar object in words."""

    what: str
    summary: str
    when: str
    where: str
    version: str


MEANINGS = {
    "REQUEST": "An invitation: the reader's calendar offers to put it in.",
    "CANCEL": "A cancellation: the reader's calendar takes it out.",
    "PUBLISH": "A copy for the reader's calendar.",
}


def appointment(message: Message) -> Appointment | None:
    """What the calendar part says; None where there is none or it cannot be read."""
    if not message.calendar:
        return None
    try:
        event = Calendar.from_ical(message.calendar.encode()).walk("VEVENT")[0]
        start, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
    except (ValueError, KeyError, IndexError):
        return None
    return Appointment(
        what=MEANINGS.get(message.calendar_method.upper(), "A calendar object."),
        summary=str(event.get("SUMMARY", "")),
        when=_span(start, end),
        where=str(event.get("LOCATION", "")),
        version=f"{event.get('UID', '')}, change {event.get('SEQUENCE', 0)}",
    )


def _span(start, end) -> str:
    day = date_format(start, "DATE_FORMAT")
    if not isinstance(start, datetime):
        return day
    until = f" to {date_format(end, 'TIME_FORMAT')}" if isinstance(end, datetime) else ""
    return f"{day}, {date_format(start, 'TIME_FORMAT')}{until}"
