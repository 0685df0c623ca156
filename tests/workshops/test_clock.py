"""The hours on the wall, on the two days on which the clocks change, and wherever the owner and the server are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

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
