"""Public holidays where a workshop is held, so that nobody is asked to one on such a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays

from crm.people.models import PracticeProfile
from partners.models import Partner

CANADIAN, AMERICAN = re.compile(r"([A-Z])(\d[A-Z]) ?\d[A-Z]\d"), re.compile(r"(\d{3})\d\d(-\d{4})?")
PROVINCES = {
    "A": "NL",
    "B": "NS",
    "C": "PE",
    "E": "NB",
    "G": "QC",
    "H": "QC",
    "J": "QC",
    "K": "ON",
    "L": "ON",
    "M": "ON",
    "N": "ON",
    "P": "ON",
    "R": "MB",
    "S": "SK",
    "T": "AB",
    "V": "BC",
    "X": "NT",
    "Y": "YT",
}
# The last three-digit beginning of the ZIP codes of each state, in their order; what lies between is nobody's.
STATES = (
    *((9, "PR"), (27, "MA"), (29, "RI"), (38, "NH"), (49, "ME"), (59, "VT"), (69, "CT"), (89, "NJ"), (149, "NY")),
    *((196, "PA"), (199, "DE"), (200, "DC"), (201, "VA"), (205, "DC"), (219, "MD"), (246, "VA"), (268, "WV")),
    *((289, "NC"), (299, "SC"), (319, "GA"), (349, "FL"), (369, "AL"), (385, "TN"), (397, "MS"), (399, "GA")),
    *((427, "KY"), (459, "OH"), (479, "IN"), (499, "MI"), (528, "IA"), (549, "WI"), (567, "MN"), (577, "SD")),
    *((588, "ND"), (599, "MT"), (629, "IL"), (658, "MO"), (679, "KS"), (693, "NE"), (714, "LA"), (729, "AR")),
    *((732, "OK"), (733, "TX"), (749, "OK"), (799, "TX"), (816, "CO"), (831, "WY"), (838, "ID"), (847, "UT")),
    *((865, "AZ"), (884, "NM"), (885, "TX"), (898, "NV"), (961, "CA"), (968, "HI"), (979, "OR"), (994, "WA")),
    (999, "AK"),
)


def days_off(practice: PracticeProfile, year: int, *, host: Partner | None = None) -> Mapping[date, str]:
    """The holidays of a year by their day, where the host is; where that is not known, where the practice is."""
    country = practice.country.strip().upper()
    found = _place_of(host.postal_code, near=country) if host else None
    return _days_off(*(found or (country, practice.region.strip())), year)


def _place_of(postal_code: str, *, near: str) -> tuple[str, str] | None:
    """Country and region of a postal code, for a practice in Canada or the United States; elsewhere codes look alike."""
    code = postal_code.strip().upper()
    if near not in ("CA", "US"):
        return None
    if (letter := CANADIAN.fullmatch(code)) and letter[1] in PROVINCES:
        is_nunavut = letter[1] == "X" and letter[2] in ("0A", "0B", "0C")
        return "CA", "NU" if is_nunavut else PROVINCES[letter[1]]
    if digits := AMERICAN.fullmatch(code):
        number = int(digits[1])
        return ("US", "NY") if number == 5 else ("US", next(state for last, state in STATES if number <= last))
    return None


@lru_cache(maxsize=64)
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
