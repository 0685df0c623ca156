"""The calendar objects, read back with two independent libraries."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import vobject
from django.conf import settings
from icalendar import Calendar

from tests.workshops.conftest import fill, known_invite, letters_to
from workshops import actions, invites
from workshops.models import Invite

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"
VIDEO = "https://meet.example.com/a-room-of-our-own"


@pytest.fixture
def invite(practice) -> Invite:
    return known_invite()


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def revise(invite: Invite, **changes) -> Invite:
    invite.sequence += 1
    invite.stamped_at += timedelta(days=1)
    for field, value in changes.items():
        setattr(invite, field, value)
    return invite


def request_of(invite, practice):
    return invites.calendar(invite, practice)


def update_of(invite, practice):
    invite.registration.workshop.starts_at += timedelta(days=7)
    invite.registration.workshop.ends_at += timedelta(days=7)
    return invites.calendar(revise(invite), practice)


def cancel_of(invite, practice):
    update_of(invite, practice)
    return invites.calendar(revise(invite, is_cancelled=True), practice)


def publish_of(invite, practice):
    return invites.published(invite.registration.workshop, practice)


def own_copy_of(invite, practice):
    return invites.own_copy(invite, practice)


def online_of(invite, practice):
    invite.registration.workshop.place, invite.registration.workshop.video_url = "", VIDEO
    return invites.calendar(invite, practice)


ALL = {
    "request": request_of,
    "update": update_of,
    "cancel": cancel_of,
    "publish": publish_of,
    "own_copy": own_copy_of,
    "online": online_of,
}


@pytest.mark.parametrize("kind", ALL)
def test_it_writes_the_same_bytes_as_ever(kind, invite, practice):
    text = ALL[kind](invite, practice)

    assert text.encode() == (GOLDEN / f"{kind}.ics").read_bytes()


@pytest.mark.parametrize(
    ("kind", "method", "sequence", "status"),
    [
        ("request", "REQUEST", 0, "CONFIRMED"),
        ("update", "REQUEST", 1, "CONFIRMED"),
        ("cancel", "CANCEL", 2, "CANCELLED"),
        ("publish", "PUBLISH", 0, "CONFIRMED"),
        ("own_copy", "PUBLISH", 0, "CONFIRMED"),
        ("online", "REQUEST", 0, "CONFIRMED"),
    ],
)
def test_it_reads_back_alike_in_two_libraries(kind, method, sequence, status, invite, practice):
    text = ALL[kind](invite, practice)

    ours = Calendar.from_ical(text.encode())
    event = ours.walk("VEVENT")[0]
    assert (str(ours["METHOD"]), event["SEQUENCE"], str(event["STATUS"])) == (method, sequence, status)
    assert not event.errors
    theirs = vobject.readOne(text)
    assert theirs.method.value == method
    assert theirs.vevent.sequence.value == str(sequence)
    assert theirs.vevent.status.value == status
    assert theirs.vevent.uid.value == str(event["UID"])
    assert theirs.vevent.summary.value == "Knees that last: für Läufer; and, others"
    assert theirs.vevent.dtstart.value == event.decoded("DTSTART")


@pytest.mark.parametrize("kind", ALL)
def test_it_ends_lines_with_crlf_and_folds_them_at_75_octets(kind, invite, practice):
    invite.registration.workshop.title = "Schön lang " * 10
    raw = ALL[kind](invite, practice).encode()

    lines = raw.split(b"\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75


@pytest.mark.parametrize("kind", ["request", "update", "cancel", "online"])
def test_it_names_one_attendee_and_nobody_else(kind, invite, practice):
    event = Calendar.from_ical(ALL[kind](invite, practice).encode()).walk("VEVENT")[0]

    attendee = event["ATTENDEE"]
    assert not isinstance(attendee, list)
    assert str(attendee) == "mailto:ada@example.com"
    assert attendee.params["CN"] == "Ada The Countess Lovelace"
    assert str(event["ORGANIZER"]) == "mailto:invites@in.harbour.example.com"


@pytest.mark.parametrize("kind", ["publish", "own_copy"])
def test_it_publishes_without_an_attendee(kind, invite, practice):
    assert "ATTENDEE" not in ALL[kind](invite, practice)


def test_it_tells_the_video_link_to_whoever_has_a_seat_and_to_nobody_else(invite, practice):
    invite.registration.workshop.video_url = VIDEO
    with_seat = [unfolded(write(invite, practice)) for write in (request_of, own_copy_of, online_of)]
    without = [unfolded(write(invite, practice)) for write in (publish_of, cancel_of, own_copy_of)]

    assert all(VIDEO in text for text in with_seat)
    assert not any(VIDEO in text for text in without)


def test_it_says_that_a_workshop_without_a_place_is_online(invite, practice):
    workshop = invite.registration.workshop
    workshop.place, workshop.video_url = "", VIDEO

    assert "LOCATION:Online" in publish_of(invite, practice)
    assert "location=Online" in invites.google_link(workshop)
    assert VIDEO not in invites.google_link(workshop) + invites.outlook_link(workshop)


def test_it_rings_two_hours_before_where_there_is_something_to_go_to(invite, practice):
    alarm = Calendar.from_ical(request_of(invite, practice).encode()).walk("VALARM")[0]

    assert (str(alarm["ACTION"]), alarm.decoded("TRIGGER")) == ("DISPLAY", timedelta(hours=-2))
    assert "VALARM" not in publish_of(invite, practice) + cancel_of(invite, practice)


def test_it_writes_times_in_utc(invite, practice):
    text = request_of(invite, practice)

    assert "DTSTART:20261114T150000Z" in text
    assert "VTIMEZONE" not in text


def test_it_leaks_no_secret_link(invite, practice):
    text = "".join(write(invite, practice) for write in ALL.values())

    assert invite.registration.token not in text.replace("\r\n ", "")


def test_it_never_invites_the_practice_to_its_own_workshop(invite, practice):
    invite.organizer, invite.registration.email = "", practice.email.upper()

    text = request_of(invite, practice)

    assert invites.method(invite, practice) == "PUBLISH"
    assert "ATTENDEE" not in text


@pytest.mark.parametrize("name", ["Eve\r\nATTENDEE:mailto:eve@example.com", "Eve\x00\x1b", '"', "Ünï çødé 🏃" * 9])
def test_it_survives_hostile_names(name, invite, practice):
    invite.registration.name = name

    event = Calendar.from_ical(request_of(invite, practice).encode()).walk("VEVENT")[0]

    assert str(event["ATTENDEE"]) == "mailto:ada@example.com"
    assert not event.errors


def test_it_keeps_uid_and_organizer_when_the_practice_changes_its_address(invite, practice, settings):
    before = request_of(invite, practice)
    practice.email, settings.INBOUND_HOST = "new@elsewhere.example.org", "in.elsewhere.example.org"

    assert request_of(invite, practice) == before


def test_it_names_an_invite_after_the_practices_domain_and_keeps_the_name(workshop):
    uids = [registration.invite.uid for registration in fill(workshop, "Ada", "Bo")]

    assert all(re.fullmatch(rf"[0-9a-f-]{{36}}@{settings.HOST_NAME}", uid) for uid in uids)
    assert len(set(uids)) == 2


def test_it_keeps_the_organizer_where_no_answers_are_read(workshop, practice):
    (ada,) = fill(workshop, "Ada")
    before, practice.email = practice.email, "new@elsewhere.example.org"
    practice.save()
    actions.move(workshop, place="Elsewhere 1")

    assert [f"mailto:{before}" in unfolded(letter.calendar) for letter in letters_to(ada)] == [True, True]


def test_it_asks_for_answers_where_they_are_read(workshop, practice, settings):
    (ada,) = fill(workshop, "Ada")
    settings.INBOUND_HOST = "in.harbour.example.com"
    (bo,) = fill(workshop, "Bo")

    assert f"mailto:{practice.email}" in unfolded(letters_to(ada)[0].calendar)
    assert "mailto:invites@in.harbour.example.com" in unfolded(letters_to(bo)[0].calendar)


def test_it_writes_to_the_same_spelling_as_the_message(invite, practice):
    invite.registration.email = "ada@bücher.example"

    assert "mailto:ada@xn--bcher-kva.example" in unfolded(request_of(invite, practice))


def test_it_says_when_on_the_workshops_own_clock(invite, practice):
    words = str(Calendar.from_ical(request_of(invite, practice).encode()).walk("VEVENT")[0]["DESCRIPTION"])

    assert invite.registration.workshop.when in words


def test_it_links_to_calendars_that_read_no_invite(invite):
    workshop = invite.registration.workshop

    google, outlook = invites.google_link(workshop), invites.outlook_link(workshop)

    assert "dates=20261114T150000Z%2F20261114T163000Z" in google
    assert "ctz=America%2FToronto" in google
    assert "startdt=2026-11-14T15%3A00%3A00Z" in outlook
    assert f"{settings.BASE_URL}/workshops/knees/".replace(":", "%3A").replace("/", "%2F") in outlook
    assert "subject=Knees%20that%20last" in outlook  # a plus sign would be shown as one
    assert "location=Ironworks%20Gym%2C%204%20Forge%20Lane" in google
    assert invites.outlook_link(workshop, host="outlook.office.com").startswith("https://outlook.office.com/calendar/")
