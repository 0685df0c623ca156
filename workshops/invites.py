"""Calendar objects (RFC 5545 and 5546): one event per registration, and the same bytes for the same revision.

Times are written in UTC, which every client shows in its own zone. A registrant's event names them and nobody else,
and carries no link of theirs: calendars are shared with colleagues and families.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

from icalendar import Calendar, Event, vCalAddress

from crm.people.models import PracticeProfile
from workshops.models import Invite, Workshop

PRODID = "-//Rapport//Workshops//EN"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


def method(invite: Invite, practice: PracticeProfile) -> str:
    """REQUEST or CANCEL. The practice can't invite itself: its own address gets a plain event instead."""
    if invite.is_cancelled:
        return "CANCEL"
    return "PUBLISH" if _is_organizer(invite, practice) else "REQUEST"


def calendar(invite: Invite, practice: PracticeProfile) -> str:
    """The invite as it stands now: a request, its latest update, or its cancellation."""
    registration = invite.registration
    event = _event(registration.workshop, practice)
    event.add("uid", str(invite.uid))
    event.add("sequence", invite.sequence)
    event.add("created", registration.created_at.astimezone(UTC))
    event.add("status", "CANCELLED" if invite.is_cancelled else "CONFIRMED")
    _stamp(event, invite.stamped_at)
    if not _is_organizer(invite, practice):
        event.add("attendee", _attendee(registration.name, registration.email))
    return _text(event, method=method(invite, practice))


def published(workshop: Workshop, practice: PracticeProfile, *, invite: Invite | None = None) -> str:
    """The event for download, naming nobody but us; a registrant's own copy keeps the UID of their invite."""
    event = _event(workshop, practice)
    event.add("uid", str(invite.uid if invite else workshop.uid))
    event.add("sequence", invite.sequence if invite else workshop.revision)
    event.add("created", workshop.created_at.astimezone(UTC))
    is_cancelled = workshop.is_cancelled or (invite is not None and invite.is_cancelled)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    _stamp(event, invite.stamped_at if invite else workshop.revised_at)
    return _text(event, method="PUBLISH")


def google_link(workshop: Workshop) -> str:
    """Opens a filled-in event in Google Calendar: a copy, which later changes do not reach."""
    span = f"{workshop.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}/{workshop.ends_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    query = {
        "action": "TEMPLATE",
        "text": workshop.title,
        "dates": span,
        "ctz": workshop.time_zone,
        "location": workshop.place,
        "details": workshop.public_url,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query)}"


def outlook_link(workshop: Workshop, *, host: str = "outlook.live.com") -> str:
    """The same for Outlook.com, or with ``outlook.office.com`` for Microsoft 365."""
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": f"{workshop.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{workshop.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "subject": workshop.title,
        "location": workshop.place,
        "body": workshop.public_url,
    }
    return f"https://{host}/calendar/0/deeplink/compose?{urlencode(query)}"


def _event(workshop: Workshop, practice: PracticeProfile) -> Event:
    event = Event()
    event.add("dtstart", workshop.starts_at.astimezone(UTC))
    event.add("dtend", workshop.ends_at.astimezone(UTC))
    event.add("summary", _plain(workshop.title))
    event.add("location", _plain(workshop.place))
    event.add("description", "\n\n".join(filter(None, (_plain(workshop.summary), workshop.public_url))))
    event.add("url", workshop.public_url)
    event.add("transp", "OPAQUE")
    event.add("class", "PUBLIC")
    organizer = vCalAddress(f"mailto:{practice.email}")
    organizer.params["CN"] = _common_name(practice.name)
    event.add("organizer", organizer)
    return event


def _attendee(name: str, email: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{email}")
    attendee.params.update(
        {
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "ACCEPTED",
            "RSVP": "TRUE",
            "CN": _common_name(name) or email,
        }
    )
    return attendee


def _stamp(event: Event, at: datetime) -> None:
    event.add("dtstamp", at.astimezone(UTC))
    event.add("last-modified", at.astimezone(UTC))


def _text(event: Event, *, method: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _is_organizer(invite: Invite, practice: PracticeProfile) -> bool:
    return invite.registration.email.strip().lower() == practice.email.strip().lower()


def _plain(text: str) -> str:
    return CONTROL_CHARACTERS.sub(" ", text).strip()


def _common_name(name: str) -> str:
    """A name without quotes: they would be encoded in a way that older clients print as it stands."""
    return _plain(name).replace('"', "").strip()
