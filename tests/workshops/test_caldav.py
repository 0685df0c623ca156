"""A calendar server takes every calendar object of ours, and shows what became of it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
import vobject

from tests.fakes.caldav import CalDav

GOLDEN = Path(__file__).parent / "golden"
PLACE = "invites/knees.ics"
BETWEEN = b"""<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><C:filter>
<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="20261121T000000Z" end="20261122T000000Z"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with CalDav(tmp_path_factory.mktemp("caldav"), port=port) as server:
        assert server.ask("MKCALENDAR", "invites/")[0] == 201
        yield server


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.ics").read_bytes()


def shown(server, path: str = PLACE):
    return vobject.readOne(server.ask("GET", path)[2]).vevent


def test_it_takes_an_invite_and_shows_the_update_and_the_cancellation(server):
    assert server.put(PLACE, golden("request"), If_None_Match="*") == 201
    event = shown(server)
    uid = event.uid.value
    assert event.dtstart.value == datetime(2026, 11, 14, 15, 0, tzinfo=UTC)
    assert event.attendee.value == "mailto:ada@example.com"
    assert event.organizer.value == "mailto:invites@in.harbour.example.com"

    assert server.put(PLACE, golden("update"), If_Match=server.ask("GET", PLACE)[1]) == 204
    event = shown(server)
    assert (event.uid.value, event.sequence.value) == (uid, "1")
    assert event.dtstart.value == datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert uid in server.ask("REPORT", "invites/", BETWEEN, Depth="1", Content_Type="application/xml")[2]

    assert server.put(PLACE, golden("cancel"), If_Match=server.ask("GET", PLACE)[1]) == 204
    event = shown(server)
    assert (event.uid.value, event.sequence.value, event.status.value) == (uid, "2", "CANCELLED")


@pytest.mark.parametrize("name", ["publish", "own_copy", "online"])
def test_it_takes_every_other_object(server, name):
    assert server.ask("MKCALENDAR", f"{name}/")[0] == 201
    assert server.put(f"{name}/one.ics", golden(name)) == 201

    event = shown(server, f"{name}/one.ics")
    assert event.summary.value == "Knees that last: für Läufer; and, others"
    assert event.status.value == "CONFIRMED"


def test_it_takes_a_feed_whole(server):
    assert server.put("feed/", golden("feed")) == 201

    calendar = vobject.readOne(server.ask("GET", "feed/")[2])
    assert {event.summary.value: event.status.value for event in calendar.vevent_list} == {
        "Knees that last: für Läufer; and, others": "CONFIRMED",
        "Draft: Backs that carry": "TENTATIVE",
        "Cancelled: Hips that swing": "CANCELLED",
    }


def test_it_is_a_server_that_refuses_what_is_no_calendar(server):
    assert server.put("invites/nothing.ics", b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n") == 400
