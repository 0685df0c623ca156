"""Days in words are what date_format() says, by the clock and in the language that are meant."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import override

from crm.people.days import worded


def test_it_says_what_django_says_in_each_language():
    for language in ("en", "de", "en"):
        with override(language):
            assert worded(date(2026, 3, 3), "DATE_FORMAT") == date_format(date(2026, 3, 3), "DATE_FORMAT")


def test_it_tells_one_moment_by_two_clocks():
    at = datetime(2026, 3, 3, 18, 30, tzinfo=UTC)
    assert worded(at, "TIME_FORMAT") == "6:30 p.m."
    assert worded(at.astimezone(ZoneInfo("America/Toronto")), "TIME_FORMAT") == "1:30 p.m."
