from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from crm.people.zones import TimeDoesNotExist, TimeHappensTwice, instant

NEW_YORK, PHOENIX, TORONTO = ZoneInfo("America/New_York"), ZoneInfo("America/Phoenix"), ZoneInfo("America/Toronto")
AUTUMN, SPRING = date(2026, 11, 1), date(2026, 3, 8)


def test_it_reads_the_wall_clock_of_the_zone():
    assert instant(date(2026, 7, 1), time(18, 0), TORONTO) == datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    assert instant(date(2026, 12, 1), time(18, 0), TORONTO) == datetime(2026, 12, 1, 23, 0, tzinfo=UTC)


def test_it_refuses_a_time_the_clocks_jump_over():
    with pytest.raises(
        TimeDoesNotExist, match=r"2:30 a\.m\. on Sunday, March 8, 2026 does not exist in America/New_York"
    ):
        instant(SPRING, time(2, 30), NEW_YORK)


def test_it_asks_which_of_two_equal_hours_is_meant():
    with pytest.raises(TimeHappensTwice, match="happens twice"):
        instant(AUTUMN, time(1, 30), NEW_YORK)

    assert instant(AUTUMN, time(1, 30), NEW_YORK, turn="first") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert instant(AUTUMN, time(1, 30), NEW_YORK, turn="second") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_it_ignores_the_choice_on_every_other_day():
    assert instant(AUTUMN, time(18, 0), NEW_YORK, turn="second") == datetime(2026, 11, 1, 23, 0, tzinfo=UTC)


def test_it_knows_who_keeps_no_summer_time():
    assert instant(SPRING, time(2, 30), PHOENIX) == datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
