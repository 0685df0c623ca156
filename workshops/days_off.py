"""Public holidays where the practice is, so that nobody is asked to a workshop on one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from crm.people.models import PracticeProfile


def days_off(practice: PracticeProfile, year: int) -> Mapping[date, str]:
    """The holidays of a year by their day; those of the region too, where the profile names one that is known."""
    return _days_off(practice.country.strip().upper(), practice.region.strip(), year)


@lru_cache(maxsize=16)
def _days_off(country: str, region: str, year: int) -> Mapping[date, str]:
    try:
        known = holidays.country_holidays(country, years=year)
    except NotImplementedError:  # a country it does not know: then no day is off
        return {}
    code = _code(known, region)
    return holidays.country_holidays(country, subdiv=code, years=year) if code else known


def _code(known: holidays.HolidayBase, region: str) -> str:
    """Ontario and ON are the same; what is neither a name nor a code counts for nothing."""
    by_name = {name.casefold(): code for name, code in known.subdivisions_aliases.items()}
    by_code = {code.casefold(): code for code in known.subdivisions}
    return by_code.get(region.casefold()) or by_name.get(region.casefold(), "")
