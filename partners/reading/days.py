"""Which days a line names, gone by and to come. A day that could be two stays two: somebody else decides, or asks."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from partners.reading.tokens import Line
from partners.reading.words import listed

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues",
            "wednesday wed weds",
            "thursday thu thur thurs",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
DOUBTFUL = frozenset({"mon", "wed", "sat", "sun"})  # words of their own: only beside on, next, last, this, by
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug"),
            *("september sep sept", "october oct", "november nov", "december dec"),
        ),
        1,
    )
    for name in names.split()
}
NUMBERS = {
    name: number
    for number, names in enumerate(
        ("a an one", "two couple", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
    for name in names.split()
}
ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "month": 30, "months": 30}
TIMES = frozenset({"morning", "afternoon", "evening", "night", "lunch", "lunchtime"})
# Friday class, the Saturday run: the weekday is a name there.
NAMED_AFTER = listed(
    "class classes group run runs session sessions crew club workout special circuit flow ride night league"
)
# Not the day itself, so it is left as it stands.
VAGUE = listed("before after until till since around about every each")
NEAR = 180


@dataclass(frozen=True)
class Day:
    """Some words that name a day: which it can be if it is gone by, and which if it is to come."""

    first: int
    last: int
    past: tuple[date, ...] = ()
    future: tuple[date, ...] = ()

    @property
    def places(self) -> range:
        return range(self.first, self.last + 1)


def days_in(line: Line, today: date) -> list[Day]:
    """Every day that is named, in order."""
    found: list[Day] = []
    place = 0
    while place < len(line.tokens):
        day = _day_at(line, place, today)
        if day is None:
            place += 1
            continue
        place = day.last + 1
        if line.tokens[day.first].low == "by":  # by Friday is never one gone by
            day = replace(day, past=())
        if not _is_vague(line, day) and (day.past or day.future):
            found.append(day)
    return found


def _is_vague(line: Line, day: Day) -> bool:
    return day.first > 0 and line.tokens[day.first - 1].low in VAGUE


def _day_at(line: Line, place: int, today: date) -> Day | None:
    words = [token.low if not line.ends(place + n) else "" for n, token in enumerate(line.tokens[place : place + 7])]
    words += [""] * (7 - len(words))
    for rule in (_by_name, _by_count, _by_span, _by_weekday, _by_month, _by_ordinal):
        if found := rule(words, today):
            return _day_of(place, found)
    found = _by_number(line.tokens[place].text, today)
    return _day_of(place, found) if found else None


def _day_of(place: int, found: tuple[int, tuple[date, ...], tuple[date, ...]]) -> Day:
    length, past, future = found
    return Day(place, place + length - 1, past, future)


Found = tuple[int, tuple[date, ...], tuple[date, ...]] | None


def _by_name(words: list[str], today: date) -> Found:
    """Yesterday, tomorrow morning, the day before yesterday."""
    lead = 1 if words[0] == "the" else 0
    if words[lead : lead + 3] == ["day", "before", "yesterday"]:
        return lead + 3, (today - timedelta(2),), ()
    if words[lead : lead + 3] == ["day", "after", "tomorrow"]:
        return lead + 3, (), (today + timedelta(2),)
    of_day = 1 if words[1] in TIMES else 0
    if words[0] in ("yesterday", "ystd", "yest"):
        return 1 + of_day, (today - timedelta(1),), ()
    if words[0] in ("tomorrow", "tmrw", "tmr", "tomorow", "tommorow", "tommorrow"):
        return 1 + of_day, (), (today + timedelta(1),)
    if words[0] == "last" and words[1] in ("night", "evening"):
        return 2, (today - timedelta(1),), ()
    if words[:2] == ["earlier", "today"] or (words[0] == "this" and words[1] == "morning"):
        return 2, (today,), ()
    if words[0] in ("today", "tonight") or (words[0] == "this" and words[1] in TIMES):
        return 1 if words[0] != "this" else 2, (today,), (today,)
    return None


def _by_count(words: list[str], today: date) -> Found:
    """Three days ago, in two weeks, a couple of weeks from now."""
    lead = 1 if words[0] == "in" else 0
    at = lead + (1 if words[lead] == "a" and words[lead + 1] == "couple" else 0)
    number = (
        int(words[at])
        if words[at].isascii() and words[at].isdecimal() and len(words[at]) < 4
        else NUMBERS.get(words[at])
    )
    at += 2 if words[at + 1] == "of" else 1
    if not number or words[at] not in UNITS:
        return None
    if lead:
        return at + 1, (), (_shifted(today, number, words[at]),)
    if words[at + 1] == "ago":
        return at + 2, (_shifted(today, -number, words[at]),), ()
    if words[at + 1 : at + 3] == ["from", "now"]:
        return at + 3, (), (_shifted(today, number, words[at]),)
    return None


def _shifted(today: date, number: int, unit: str) -> date:
    if UNITS[unit] != 30:
        return today + timedelta(days=number * UNITS[unit])
    months = today.year * 12 + today.month - 1 + number
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _by_span(words: list[str], today: date) -> Found:
    """Last week, next month."""
    if words[1] not in ("week", "month"):
        return None
    if words[0] == "last":
        return 2, (_shifted(today, -1, words[1]),), ()
    return (2, (), (_shifted(today, 1, words[1]),)) if words[0] == "next" else None


def _by_weekday(words: list[str], today: date) -> Found:
    lead = 1 if words[0] in ("on", "by") else 0
    said = words[lead] if words[lead] in ("last", "next", "this", "coming") else ""
    at = lead + bool(said) + (1 if said == "this" and words[lead + 1] == "coming" else 0)
    if words[at] not in WEEKDAYS or words[at + 1] in NAMED_AFTER or words[0] == "the":
        return None
    if words[at] in DOUBTFUL and not (lead or said or words[at + 1] in TIMES):
        return None
    length = at + 1 + (1 if words[at + 1] in TIMES else 0)
    past, future = _weekday(
        WEEKDAYS[words[at]], today, "coming" if words[lead : lead + 2] == ["this", "coming"] else said
    )
    return length, past, future


def _weekday(number: int, today: date, said: str) -> tuple[tuple[date, ...], tuple[date, ...]]:
    back, ahead = (today.weekday() - number) % 7, (number - today.weekday()) % 7
    gone = today - timedelta(days=back or 7)
    coming = today + timedelta(days=ahead or 7)
    if said == "last":
        return (gone,), ()
    if said == "coming":
        return (), (coming,)
    if said == "next":  # the coming one, or the one of next week: on a Monday these differ
        of_next_week = today + timedelta(days=7 - today.weekday() + number)
        return (), tuple(dict.fromkeys((coming, of_next_week)))
    if said == "this":
        this = today + timedelta(days=number - today.weekday())
        return ((this,) if this <= today else ()), ((this,) if this >= today else ())
    same_day = (today,) if not back else ()
    return (*same_day, gone), (*same_day, coming)


def _by_month(words: list[str], today: date) -> Found:
    """3 Nov, November 3rd, the 3rd of November 2026."""
    lead = 1 if words[0] in ("on", "by") else 0
    lead += words[lead] == "the"
    day, at = _number(words[lead]), lead + 1
    at += words[at] == "of"
    if day and words[at] in MONTHS:
        return _of_year(day, MONTHS[words[at]], words, at + 1, today)
    if words[lead] in MONTHS and (day := _number(words[lead + 1])):
        return _of_year(day, MONTHS[words[lead]], words, lead + 2, today)
    return None


def _number(word: str) -> int:
    found = ORDINAL.fullmatch(word)
    written = found[1] if found else word
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 3 else 0


def _of_year(day: int, month: int, words: list[str], at: int, today: date) -> Found:
    if re.fullmatch(r"20\d\d", words[at]):
        return _sorted(at + 1, [_date(int(words[at]), month, day)], today)
    return _sorted(at, _years(month, day, today), today)


def _years(month: int, day: int, today: date) -> list[date | None]:
    """The last one and the next; the farther of the two is dropped where the other is near."""
    days = [found for year in range(today.year - 1, today.year + 2) if (found := _date(year, month, day))]
    gone, coming = [each for each in days if each <= today][-1:], [each for each in days if each >= today][:1]
    both = sorted({*gone, *coming}, key=lambda each: abs(each - today))
    is_far = len(both) == 2 and abs(both[1] - today).days > NEAR
    return [*both[:1]] if is_far else [*both]


def _by_number(text: str, today: date) -> Found:
    """2026-11-03, and 3/11, which is read both ways."""
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return _sorted(1, [_date(*(int(part) for part in found.groups()))], today)
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?", text):
        one, two = int(found[1]), int(found[2])
        pairs = dict.fromkeys([(two, one), (one, two)])
        if found[3]:
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            return _sorted(1, [_date(year, month, day) for month, day in pairs], today)
        return _sorted(1, [each for month, day in pairs for each in _years(month, day, today)], today)
    return None


def _by_ordinal(words: list[str], today: date) -> Found:
    """On the 12th."""
    lead = 1 if words[0] in ("on", "by") else 0
    lead += words[lead] == "the"
    found = ORDINAL.fullmatch(words[lead])
    if not lead or not found:
        return None
    months = [_shifted(today.replace(day=1), number, "month") for number in (-2, -1, 0, 1, 2)]
    days = [each for month in months if (each := _date(month.year, month.month, int(found[1])))]
    gone, coming = [each for each in days if each <= today][-1:], [each for each in days if each >= today][:1]
    return lead + 1, tuple(gone), tuple(coming)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _sorted(length: int, days: list[date | None], today: date) -> Found:
    real = sorted({day for day in days if day})
    if not real:
        return None
    return length, tuple(day for day in real if day <= today), tuple(day for day in real if day >= today)
