"""Calendar objects (RFC 5545 and 5546): one event per registration, and the same bytes for the same revision.

Times are written in UTC, which every client shows in its own zone. A registrant's event names them and nobody else,
and carries no link of theirs: calendars are shared with colleagues and families. The video link stands only in the
event of somebody with a seat.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, urlencode

from crm.mail.letterheads import Letterhead, sender_of_invites
from crm.mail.render import AddressUnusable, mailbox
from crm.people.models import PracticeProfile
from workshops import ical
from workshops.models import Invite, Workshop

ALARM = "-PT2H"
ONLINE = "Online"


def method(invite: Invite, practice: PracticeProfile) -> str:
    """REQUEST or CANCEL. Nobody can invite themselves: the organizer's own address gets a plain event instead."""
    if invite.is_cancelled:
        return "CANCEL"
    return "PUBLISH" if _is_organizer(invite, practice) else "REQUEST"


def calendar(invite: Invite, practice: PracticeProfile) -> str:
    """The invite as it stands now: a request, its latest update, or its cancellation."""
    attendee = [] if _is_organizer(invite, practice) else [_attendee(invite)]
    return _written(invite, practice, method=method(invite, practice), attendee=attendee)


def own_copy(invite: Invite, practice: PracticeProfile) -> str:
    """A registrant's own event for download, under the UID of their invite; it names nobody but us."""
    return _written(invite, practice, method="PUBLISH")


def published(workshop: Workshop, practice: PracticeProfile) -> str:
    """The event for whoever likes to have it, naming nobody but us."""
    return ical.calendar(
        [
            "METHOD:PUBLISH",
            *ical.component(
                "VEVENT",
                [
                    ical.line("UID", str(workshop.uid)),
                    ical.line("SEQUENCE", workshop.revision),
                    ical.line("STATUS", "CANCELLED" if workshop.is_cancelled else "CONFIRMED"),
                    ical.moment("DTSTAMP", workshop.revised_at),
                    ical.moment("LAST-MODIFIED", workshop.revised_at),
                    ical.moment("CREATED", workshop.created_at),
                    *_facts(workshop),
                    _organizer(practice.email, practice),
                ],
            ),
        ]
    )


def organizer_of(invite: Invite, practice: PracticeProfile) -> str:
    """Where the answers of calendars go. It stays the same for the life of an invite, as its UID does."""
    return invite.organizer or practice.email


def letterhead(invite: Invite, practice: PracticeProfile) -> Letterhead:
    """Who signs the message that carries it: the organizer, where that address may send."""
    return Letterhead.now(practice, sender=sender_of_invites(organizer_of(invite, practice), practice))


def google_link(workshop: Workshop) -> str:
    """Opens a filled-in event in Google Calendar: a copy, which later changes do not reach."""
    span = f"{_moment(workshop.starts_at)}/{_moment(workshop.ends_at)}"
    query = {
        "action": "TEMPLATE",
        "text": workshop.title,
        "dates": span,
        "ctz": workshop.time_zone,
        "location": place_for_all(workshop),
        "details": workshop.public_url,
    }
    return f"https://calendar.google.com/calendar/render?{_query(query)}"


def outlook_link(workshop: Workshop, *, host: str = "outlook.live.com") -> str:
    """The same for Outlook.com, or with ``outlook.office.com`` for Microsoft 365."""
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": f"{workshop.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{workshop.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "subject": workshop.title,
        "location": place_for_all(workshop),
        "body": workshop.public_url,
    }
    return f"https://{host}/calendar/0/deeplink/compose?{_query(query)}"


def place_for_all(workshop: Workshop) -> str:
    """Where it is, as everybody may know it: never the video link."""
    return workshop.place or ONLINE


def _query(asked: dict[str, str]) -> str:
    """Spaces as %20: Outlook would show a plus sign between any two words."""
    return urlencode(asked, quote_via=quote)


def _written(invite: Invite, practice: PracticeProfile, *, method: str, attendee: list[str] | None = None) -> str:
    registration = invite.registration
    workshop = registration.workshop
    is_off = invite.is_cancelled or workshop.is_cancelled
    event = [
        ical.line("UID", invite.uid),
        ical.line("SEQUENCE", invite.sequence),
        ical.line("STATUS", "CANCELLED" if is_off else "CONFIRMED"),
        ical.moment("DTSTAMP", invite.stamped_at),
        ical.moment("LAST-MODIFIED", invite.stamped_at),
        ical.moment("CREATED", registration.created_at),
        *_facts(workshop, video_url="" if is_off else workshop.video_url),
        _organizer(organizer_of(invite, practice), practice),
        *(attendee or []),
        *([] if is_off else _alarm(workshop.title)),
    ]
    return ical.calendar([f"METHOD:{method}", *ical.component("VEVENT", event)])


def _facts(workshop: Workshop, *, video_url: str = "") -> tuple[str, ...]:
    place = workshop.place or video_url or place_for_all(workshop)
    video = f"Video link: {video_url}" if video_url else ""
    about = "\n\n".join(filter(None, (ical.plain(workshop.summary), workshop.when, video, workshop.public_url)))
    return _lines(
        workshop.starts_at, workshop.ends_at, workshop.title, place, about, workshop.public_url, video_url=video_url
    )


@lru_cache(maxsize=256)
def _lines(
    starts_at: datetime, ends_at: datetime, title: str, place: str, about: str, page: str, *, video_url: str
) -> tuple[str, ...]:
    """Kept: they are the same in the invite of everybody who registers for one workshop."""
    return (
        ical.moment("DTSTART", starts_at),
        ical.moment("DTEND", ends_at),
        ical.text("SUMMARY", ical.plain(title)),
        ical.text("LOCATION", ical.plain(place)),
        ical.text("DESCRIPTION", about),
        ical.line("URL", page),
        *([ical.line("CONFERENCE", video_url, VALUE="URI", LABEL="Video link")] if video_url else []),
        "TRANSP:OPAQUE",
        "CLASS:PUBLIC",
    )


def _organizer(address: str, practice: PracticeProfile) -> str:
    return ical.line("ORGANIZER", f"mailto:{address}", CN=practice.name)


def _attendee(invite: Invite) -> str:
    """The one who is invited, by the very address the message goes to."""
    registration = invite.registration
    return ical.line(
        "ATTENDEE",
        f"mailto:{_address(registration.email)}",
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT="ACCEPTED",
        RSVP="TRUE",
        CN=ical.plain(registration.name).replace('"', "").strip() or registration.email,
    )


def _address(email: str) -> str:
    try:
        return mailbox(email)
    except AddressUnusable:  # it is told where the message is written; a seat is not lost over it
        return email


@lru_cache(maxsize=256)
def _alarm(title: str) -> tuple[str, ...]:
    """A reminder of the calendar's own. Many programs put the user's habits in its place."""
    words = ical.text("DESCRIPTION", ical.plain(title))
    return tuple(ical.component("VALARM", ["ACTION:DISPLAY", words, f"TRIGGER:{ALARM}"]))


def _is_organizer(invite: Invite, practice: PracticeProfile) -> bool:
    return invite.registration.email.strip().lower() == organizer_of(invite, practice).strip().lower()


def _moment(at: datetime) -> str:
    return ical.moment("", at)[1:]
