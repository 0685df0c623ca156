"""Which days the next workshop at a host is proposed for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from partners.actions import follow_up, plan_outing
from partners.results.spans import quarter_of
from tests.workshops.conftest import make_workshop
from workshops.days_off import _place_of, days_off
from workshops.models import Workshop
from workshops.proposing import propose

pytestmark = pytest.mark.django_db

# Monday 12 October 2026, 6 p.m. in Toronto: summer time. The winter quarter begins after the clocks went back.
LAST = datetime(2026, 10, 12, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_november(time_machine_at):
    time_machine_at(datetime(2026, 11, 2, 15, tzinfo=UTC))


@pytest.fixture
def last(practice, quiet_gym) -> Workshop:
    return make_workshop(host=quiet_gym, starts_at=LAST, state=Workshop.State.HELD, time_zone="America/Toronto")


def days(found) -> list[date]:
    return [each.day for each in found]


def why(proposal) -> dict[date, str]:
    return {each.day: each.why for each in proposal.unfit}


def test_it_proposes_the_next_quarter(last, quiet_gym):
    assert propose(quiet_gym).quarter == quarter_of(date(2027, 1, 1))


def test_it_proposes_three_days_a_quarter_later_on_the_same_weekday(last, quiet_gym):
    found = propose(quiet_gym)

    assert days(found.suits) == [date(2027, 1, 11), date(2027, 1, 4), date(2027, 1, 18)]


def test_it_keeps_the_hour_on_the_wall_across_the_change_of_the_clocks(last, quiet_gym):
    first = propose(quiet_gym).suits[0]

    assert first.starts_at == datetime(2027, 1, 11, 23, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(minutes=90)


def test_it_says_why_a_day_suits(last, quiet_gym):
    assert propose(quiet_gym).suits[0].reasons == [
        "A Monday at 6:00 p.m., like the last one.",
        "The second Monday of the month, as it was then.",
        "13 weeks after the last one.",
        "Time enough for every step of the preparation.",
        "No other workshop within a week.",
    ]


@pytest.mark.parametrize(
    ("postal_code", "country", "place"),
    [
        ("K1A 0B1", "CA", ("CA", "ON")),
        ("h2x1y4", "CA", ("CA", "QC")),
        ("X0A 0H0", "CA", ("CA", "NU")),
        ("14201", "CA", ("US", "NY")),
        ("00501", "US", ("US", "NY")),
        ("73301-0001", "US", ("US", "TX")),
        ("98101", "US", ("US", "WA")),
        ("10115", "DE", None),
        ("", "CA", None),
        ("W1A 1AA", "CA", None),
        ("123", "US", None),
    ],
)
def test_it_knows_where_a_host_is_by_the_postal_code(postal_code, country, place):
    assert _place_of(postal_code, near=country) == place


def test_it_leaves_out_the_hosts_holidays_and_not_the_practices(practice, quiet_gym):
    practice.country, practice.region = "CA", "ON"
    quiet_gym.postal_code = "H2X 1Y4"

    at_host, at_home = days_off(practice, 2026, host=quiet_gym), days_off(practice, 2026)

    assert date(2026, 6, 24) in at_host  # Saint-Jean-Baptiste
    assert date(2026, 6, 24) not in at_home
    assert date(2026, 2, 16) in at_home  # Family Day
    assert date(2026, 2, 16) not in at_host


def test_it_leaves_out_holidays_of_the_region(last, quiet_gym, practice):
    assert why(propose(quiet_gym))[date(2027, 2, 15)] == "Family Day"

    practice.country, practice.region = "US", "Texas"
    practice.save()
    assert "Martin Luther King" in why(propose(quiet_gym))[date(2027, 1, 18)]

    practice.country, practice.region = "XX", "Nowhere"
    practice.save()
    assert date(2027, 2, 15) not in why(propose(quiet_gym))


def test_it_leaves_out_the_fifth_of_a_month(last, quiet_gym):
    assert why(propose(quiet_gym))[date(2027, 3, 29)] == "the fifth Monday of the month"


def test_it_leaves_out_days_that_are_taken(last, quiet_gym, physician, owner):
    make_workshop(title="Elsewhere", host=physician, starts_at=datetime(2027, 1, 11, 16, tzinfo=UTC), state="draft")
    follow_up(partner=physician, title="Lunch", due_on=date(2027, 1, 18), is_meeting=True)
    follow_up(partner=physician, title="Call", due_on=date(2027, 1, 25))
    plan_outing(name="Fair", on=date(2027, 2, 1), place="", partner=None, people=[], by=owner)

    found = propose(quiet_gym)

    assert {day: words for day, words in why(found).items() if day < date(2027, 2, 8)} == {
        date(2027, 1, 11): "“Elsewhere” is on that day",
        date(2027, 1, 18): "a meeting is booked: Lunch",
        date(2027, 2, 1): "you go to Fair",
    }
    assert date(2027, 1, 25) in days(found.suits)


def test_it_takes_a_day_that_a_cancelled_workshop_left_free(last, quiet_gym):
    make_workshop(starts_at=datetime(2027, 1, 11, 16, tzinfo=UTC), state="cancelled")

    assert date(2027, 1, 11) in days(propose(quiet_gym).suits)


def test_it_leaves_out_an_hour_that_the_clocks_skip(practice, quiet_gym):
    at = datetime(2026, 10, 11, 6, 30, tzinfo=UTC)  # Sunday 2:30 a.m.
    make_workshop(host=quiet_gym, starts_at=at, state="held", time_zone="America/Toronto")

    assert why(propose(quiet_gym))[date(2027, 3, 14)] == "the clocks change at that hour"


def test_it_leaves_two_weeks_at_least(last, quiet_gym):
    this = quarter_of(date(2026, 11, 2))

    found = propose(quiet_gym, quarter=this)

    assert min(days(found.suits)) >= date(2026, 11, 16)
    assert found.suits[0].cautions == ["Only seven weeks to prepare."]


def test_it_warns_of_a_workshop_in_the_same_week(last, quiet_gym, physician):
    make_workshop(title="Elsewhere", host=physician, starts_at=datetime(2027, 1, 13, 16, tzinfo=UTC))

    found = {each.day: each.cautions for each in propose(quiet_gym, quarter=quarter_of(date(2027, 1, 1))).suits}

    assert date(2027, 1, 11) not in found or found[date(2027, 1, 11)] == ["“Elsewhere” is two days after."]
    assert date(2027, 1, 4) in found


def test_it_knows_no_days_without_a_last_workshop(practice, physician):
    found = propose(physician)

    assert (found.last, found.suits) == (None, [])
    assert found.quarter == quarter_of(date(2026, 11, 30))
