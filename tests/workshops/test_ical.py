"""What we write, read back by the icalendar package: whatever people type, it comes out as it went in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from workshops import ical

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"), max_size=200)


def event_of(*lines: str):
    text = ical.calendar(ical.component("VEVENT", ["UID:1", "DTSTAMP:20261101T000000Z", *lines]))
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    return Calendar.from_ical(text.encode()).walk("VEVENT")[0]


@given(WORDS)
def test_it_keeps_what_people_type(words):
    kept = ical.CONTROL_BUT_BREAKS.sub(" ", words.replace("\r\n", "\n")).strip()
    event = event_of(ical.text("SUMMARY", words))

    assert str(event.get("SUMMARY", "")) == kept
    assert not event.errors


@given(WORDS)
def test_it_lets_no_name_write_a_line_of_its_own(words):
    event = event_of(ical.line("ATTENDEE", "mailto:ada@example.com", CN=words, RSVP="TRUE"))

    assert str(event["ATTENDEE"]) == "mailto:ada@example.com"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert set(event) == {"UID", "DTSTAMP", "ATTENDEE"}


def test_it_writes_an_instant_in_utc():
    at = datetime(2026, 11, 1, 1, 30, tzinfo=timezone(timedelta(hours=-5)))

    assert ical.moment("DTSTART", at) == "DTSTART:20261101T063000Z"
    assert event_of(ical.moment("DTSTART", at)).decoded("DTSTART") == at.astimezone(UTC)


def test_it_refuses_a_time_without_a_zone():
    with pytest.raises(ValueError, match="without a zone"):
        ical.moment("DTSTART", datetime(2026, 11, 1, 1, 30))  # noqa: DTZ001 - the very fault
