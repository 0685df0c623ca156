"""The hours on the wall, on the two days on which the clocks change, and wherever the owner and the server are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
BACK = date(2026, 11, 1)  # the clocks of most of North America go back at two
FORWARD = date(2026, 3, 8)
TORONTO = "America/Toronto"


@pytest.fixture(autouse=True)
def _winter(time_machine_at, practice):
    time_machine_at(datetime(2026, 1, 5, 12, 0, tzinfo=UTC))


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def typed(day: date, starts: str, ends: str, zone: str = TORONTO, **more: str) -> dict[str, str]:
    return {
        "title": "Knees that last", "audience": "members", "day": f"{day:%Y-%m-%d}", "starts": starts, "ends": ends,
        "time_zone": zone, "place": "Here", "capacity": "2", "host_seats": "0", **more,
    }  # fmt: skip


def plan(office, *args, **more) -> Workshop:
    response = office.post(reverse("workshops:add"), typed(*args, **more))
    assert response.status_code == 302, response.context["form"].errors
    workshop = Workshop.objects.get()
    return actions.publish(workshop)


def refused(office, *args, **more) -> str:
    response = office.post(reverse("workshops:add"), typed(*args, **more))
    assert not Workshop.objects.exists()
    return " ".join(response.context["form"].errors.get("starts", []))


def invited(workshop: Workshop):
    """The event that a registrant gets, and what their letter says of its hours."""
    (ada,) = fill(workshop, "Ada")
    letter = letters_to(ada)[0]
    return Calendar.from_ical(letter.calendar.encode()).walk("VEVENT")[0], letter.content.text


@pytest.mark.parametrize(
    ("turn", "hour", "shown"), [("first", 5, "Toronto time (EDT)"), ("second", 6, "Toronto time (EST)")]
)
def test_it_means_the_one_of_two_hours_that_was_chosen(office, turn, hour, shown):
    workshop = plan(office, BACK, "01:30", "03:00", turn=turn)

    assert workshop.starts_at == datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
    event, text = invited(workshop)
    assert event.decoded("DTSTART") == workshop.starts_at
    assert event.decoded("DTEND") == datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    assert shown in text
    assert "1:30 a.m. to 3:00 a.m." in text


GAPS = {  # in 2026; the first zones of a day leave out an hour, Lord Howe half an hour
    "Europe/Berlin": (date(2026, 3, 29), "02:30", "2:30 a.m."),
    "Europe/London": (date(2026, 3, 29), "01:30", "1:30 a.m."),
    "Europe/Dublin": (date(2026, 3, 29), "01:30", "1:30 a.m."),  # whose winter is the exception
    "Australia/Sydney": (date(2026, 10, 4), "02:30", "2:30 a.m."),
    "Pacific/Auckland": (date(2026, 9, 27), "02:30", "2:30 a.m."),
    "Australia/Lord_Howe": (date(2026, 10, 4), "02:15", "2:15 a.m."),
    "America/Santiago": (date(2026, 9, 6), "00:30", "12:30 a.m."),
}
TWICE = {
    "Europe/Berlin": (date(2026, 10, 25), "02:30", "2026-10-25T00:30Z", 60),
    "Europe/London": (date(2026, 10, 25), "01:30", "2026-10-25T00:30Z", 60),
    "Europe/Dublin": (date(2026, 10, 25), "01:30", "2026-10-25T00:30Z", 60),
    "Australia/Sydney": (date(2026, 4, 5), "02:30", "2026-04-04T15:30Z", 60),
    "Pacific/Auckland": (date(2026, 4, 5), "02:30", "2026-04-04T13:30Z", 60),
    "Australia/Lord_Howe": (date(2026, 4, 5), "01:45", "2026-04-04T14:45Z", 30),
    "America/Santiago": (date(2026, 4, 4), "23:30", "2026-04-05T02:30Z", 60),
}  # fmt: skip


@pytest.mark.parametrize("zone", GAPS)
def test_it_refuses_the_hour_left_out_wherever_clocks_go_forward(office, zone):
    day, starts, said = GAPS[zone]

    sentence = refused(office, day, starts, "05:00", zone)

    assert sentence.startswith(said)
    assert f"does not exist in {zone}: the clocks go forward. Choose another time." in sentence


@pytest.mark.parametrize("turn", ["", "first", "second"])
@pytest.mark.parametrize("zone", TWICE)
def test_it_means_the_one_of_two_hours_wherever_clocks_go_back(office, zone, turn):
    day, starts, first, minutes = TWICE[zone]
    ends = "23:50" if starts > "12" else "04:00"
    if not turn:
        assert f"happens twice in {zone}" in refused(office, day, starts, ends, zone)
        return

    workshop = plan(office, day, starts, ends, zone, turn=turn)

    assert workshop.starts_at == datetime.fromisoformat(first) + timedelta(minutes=minutes * (turn == "second"))
    assert workshop.local_start.time() == time.fromisoformat(starts)
    event, text = invited(workshop)
    assert event.decoded("DTSTART") == workshop.starts_at
    assert workshop.zone_name in text


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney", "America/Toronto", "America/Phoenix"])
def test_it_shows_the_same_instant_in_invite_feed_and_copy(office, client, owner, zone):
    """Everything is written in UTC, so no program needs to know a zone of ours."""
    workshop = plan(office, date(2026, 6, 13), "10:00", "11:30", zone)
    event, _text = invited(workshop)
    feed = Calendar.from_ical(client.get(actions.open_feed(owner).get_absolute_url()).content)
    copy = Calendar.from_ical(client.get(reverse("workshop_calendar", args=[workshop.slug])).content)

    found = [event, feed.walk("VEVENT")[0], copy.walk("VEVENT")[0]]
    assert {one.decoded("DTSTART") for one in found} == {workshop.starts_at}
    assert {one["DTSTART"].to_ical()[-1:] for one in found} == {b"Z"}
    assert not feed.walk("VTIMEZONE") + copy.walk("VTIMEZONE")


def test_it_asks_which_of_two_hours_is_meant(office):
    sentence = refused(office, BACK, "01:30", "03:00")

    assert "happens twice in America/Toronto" in sentence
    assert "first or the second" in sentence


def test_it_keeps_the_hour_that_was_chosen_when_something_else_is_edited(office):
    workshop = plan(office, BACK, "01:30", "03:00", turn="second")
    page = reverse("workshops:edit", args=[workshop.pk])
    shown = {name: value for name, value in office.get(page).context["form"].initial.items() if value is not None}
    office.post(page, {**shown, "place": "There"})

    workshop.refresh_from_db()
    assert (workshop.place, workshop.starts_at) == ("There", datetime(2026, 11, 1, 6, 30, tzinfo=UTC))


def test_it_refuses_an_hour_that_the_clocks_leave_out(office):
    assert "2:30 a.m. on Sunday, March 8, 2026 does not exist in America/Toronto" in refused(
        office, FORWARD, "02:30", "04:00"
    )


def test_it_knows_a_place_whose_clocks_never_change(office):
    zone = "America/Phoenix"
    assert plan(office, FORWARD, "02:30", "04:00", zone).starts_at == datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    Workshop.objects.all().delete()

    workshop = plan(office, BACK, "01:30", "03:00", zone)
    assert workshop.starts_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert "Phoenix time (MST)" in invited(workshop)[1]


@pytest.mark.parametrize("owners_zone", ["America/Vancouver", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize("servers_zone", ["UTC", "Asia/Kathmandu"])
def test_it_reads_hours_on_the_workshops_clock_wherever_anybody_is(
    office, practice, settings, owners_zone, servers_zone
):
    settings.TIME_ZONE = servers_zone
    practice.time_zone = owners_zone
    practice.save()

    workshop = plan(office, date(2026, 6, 13), "10:00", "11:30")

    assert workshop.starts_at == datetime(2026, 6, 13, 14, 0, tzinfo=UTC)
    event, text = invited(workshop)
    assert event.decoded("DTSTART") == workshop.starts_at
    assert "10:00 a.m. to 11:30 a.m." in text
    assert "Toronto time (EDT)" in text


def test_it_lasts_as_long_as_it_does_over_the_change(office):
    workshop = plan(office, BACK, "00:30", "03:00")

    assert (workshop.ends_at - workshop.starts_at).total_seconds() == 3.5 * 3600


def test_it_moves_from_one_season_into_the_other_by_the_clock_on_the_wall(office):
    workshop = plan(office, date(2026, 10, 31), "10:00", "11:30")
    page = reverse("workshops:edit", args=[workshop.pk])
    shown = {name: value for name, value in office.get(page).context["form"].initial.items() if value is not None}
    office.post(page, {**shown, "day": f"{BACK:%Y-%m-%d}"})

    workshop.refresh_from_db()
    assert workshop.local_start.time() == time(10)
    assert workshop.starts_at == datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
