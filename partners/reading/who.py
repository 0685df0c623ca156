"""Whom a line is about: partners by their name, half or misspelt as it may be, and the people there by name or title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from partners.book import Book
from partners.first_names import FIRST_NAMES
from partners.names import fold
from partners.reading.days import MONTHS, WEEKDAYS
from partners.reading.tokens import Line
from partners.reading.words import (
    BASE,
    BEFORE_NAMES,
    BEFORE_PLACES,
    COMMON,
    COMPANY,
    FILLERS,
    GAVE,
    NOBODY,
    PAST,
    PHRASES,
    POSTS,
    REACHES,
)

WIDEST = 8  # words of the longest name that is looked for
SHORTEST = 4  # letters of half a name
ALIKE, SURE, APART = 80, 84, 6  # of 100: a misspelt name; one that is taken; how far ahead of the next
MOST = 6  # partners that half a name may mean before it says nothing
TITLES = frozenset({"dr", "mr", "mrs", "ms", "doctor"})
NO_NAMES = FILLERS | NOBODY | PAST | BASE | GAVE | MONTHS.keys() | WEEKDAYS.keys() | PHRASES.keys()


@dataclass(frozen=True)
class Mention:
    """Some words that stand for a partner, and which ones they may mean; nobody where it is a name that nobody has."""

    keys: tuple[int, ...]
    places: range


@dataclass(frozen=True)
class Person:
    """Somebody at a partner."""

    contact: int
    partner: int
    name: str
    title: str = ""

    @property
    def words(self) -> list[str]:
        return [word for word in fold(self.name).split() if word not in TITLES]


@dataclass(frozen=True)
class Meant:
    """Some words that stand for a person, and whom they may mean."""

    people: tuple[Person, ...]
    places: range


def partners_in(line: Line, free: set[int], book: Book) -> list[Mention]:
    """The partners these words name: whole names, else parts of names, else misspelt ones."""
    windows = list(_windows(line, free))
    found = _pick(
        [
            Mention(tuple(book.whole[run]), places)
            for run, places in windows
            if run in book.whole and _is_telling(line, run, places)
        ]
    )
    if found:
        return found
    hits = [(run, places) for run, places in windows if run in book.parts and _may_stand(line, run, places)]
    found = _pick([Mention(tuple(book.parts[run]), places) for run, places in hits if len(book.parts[run]) <= MOST])
    return found or _misspelt(line, windows, book)


def unknown_in(line: Line, free: set[int]) -> Mention | None:
    """A capitalised name after “at”: a partner that nobody has yet."""
    for place in sorted(free):
        if line.tokens[place].low not in ("at", "from", "visited") and line.tokens[place].text != "@":
            continue
        end = place + 1
        while end in free and end < place + 6 and _is_name_word(line, end):
            end += 1
        if end > place + 1:
            return Mention((), range(place + 1, end))
    return None


def _is_name_word(line: Line, place: int) -> bool:
    token = line.tokens[place]
    return token.is_capital and token.low not in MONTHS and token.low not in WEEKDAYS


def _windows(line: Line, free: set[int]) -> Iterator[tuple[str, range]]:
    """Every run of neighbouring words as one word, the longest first."""
    parts = [(part, place) for part, place in _bare_parts(line)]
    for width in range(min(WIDEST, len(parts)), 0, -1):
        for first in range(len(parts) - width + 1):
            window = parts[first : first + width]
            words = [part for part, _place in window]
            places = range(window[0][1], window[-1][1] + 1)
            if all(words) and words[0] != "and" and words[-1] != "and" and all(place in free for place in places):
                yield "".join(word for word in words if word != "and"), places


def _bare_parts(line: Line) -> Iterator[tuple[str, int]]:
    for place, token in enumerate(line.tokens):
        if token.is_word:
            parts = token.parts if token.bare == token.low else (token.bare,)
            yield from ((part, place) for part in parts)
        elif line.ends(place):
            yield "", place


def _pick(mentions: list[Mention]) -> list[Mention]:
    """Those that share no words, the longest first, in the order of the line."""
    kept: list[Mention] = []
    for each in mentions:
        if all(each.places.stop <= other.places.start or each.places.start >= other.places.stop for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda mention: mention.places.start)


def _is_telling(line: Line, run: str, places: range) -> bool:
    """A name of one everyday word counts where a name would stand."""
    return len(places) > 1 or run not in COMMON | NO_NAMES or _is_named(line, places)


def _may_stand(line: Line, run: str, places: range) -> bool:
    """May these words stand for a longer name? Not “family”, and not the “still” of “they still want a talk”."""
    if len(run) < SHORTEST or all(line.tokens[place].low in COMMON | NO_NAMES for place in places):
        return len(places) > 1 and len(run) >= SHORTEST and _is_named(line, places)
    return _is_named(line, places) or (len(places) > 1 and run not in NO_NAMES)


def _is_named(line: Line, places: range) -> bool:
    """Capitalised, or after a word that a place's name follows."""
    if all(
        line.tokens[place].is_capital
        for place in places
        if line.tokens[place].is_word and line.tokens[place].low != "and"
    ):
        return places.start > 0 or len(places) > 1 or line.tokens[places.start].low not in NO_NAMES
    before = places.start - 1
    if before < 0 or line.ends(before):
        return not {line.tokens[place].low for place in places} & NO_NAMES
    if line.tokens[before].low in ("the", "their"):
        before -= 1
    return before >= 0 and (line.tokens[before].low in BEFORE_PLACES or line.tokens[before].text == "@")


def _misspelt(line: Line, windows: list[tuple[str, range]], book: Book) -> list[Mention]:
    best: tuple[tuple, Mention] | None = None
    for run, places in windows:
        if len(run) <= SHORTEST or len(places) > 4 or not _is_named(line, places):
            continue
        if all(line.tokens[place].low in NO_NAMES | COMMON for place in places) or _is_first_name(line, places):
            continue
        alike = process.extract(run, book.parts.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=12)
        if alike and (best is None or _rank(alike[0][1], run) > best[0]):
            best = _rank(alike[0][1], run), Mention(_near(alike, book), places)
    return [best[1]] if best and best[1].keys else []


def _rank(score: float, run: str) -> tuple:
    """Among those that are surely alike the longer, which leaves no word of the name behind."""
    return (True, len(run), score) if score >= SURE else (False, score, len(run))


def _is_first_name(line: Line, places: range) -> bool:
    return len(places) == 1 and line.tokens[places.start].bare in FIRST_NAMES


def _near(alike: list, book: Book) -> tuple[int, ...]:
    """The one that is clearly meant, or the few that may be."""
    scores: dict[int, float] = {}
    for run, score, _place in alike:
        for key in book.parts[run][: MOST + 1]:
            scores[key] = max(score, scores.get(key, 0))
    keys = sorted(scores, key=lambda key: (-scores[key], book.folded[key]))
    if len(keys) == 1 or scores[keys[0]] - scores[keys[1]] >= APART:
        return tuple(keys[:1])
    top = [key for key in keys if scores[keys[0]] - scores[key] < APART]
    return tuple(top) if len(top) <= MOST else ()


def people_in(line: Line, free: set[int], people: list[Person]) -> list[Meant]:
    """The people these words mean, by full name, title, first or last name."""
    found: list[Meant] = []
    for find in (_by_full_name, _by_title, _by_one_name):
        taken = {place for meant in found for place in meant.places}
        found += [meant for meant in find(line, free - taken, people) if not taken & set(meant.places)]
    return sorted(found, key=lambda meant: meant.places.start)


def _by_full_name(line: Line, free: set[int], people: list[Person]) -> Iterator[Meant]:
    for person in people:
        if len(person.words) > 1:
            for places in _spans(line, free, "".join(person.words), len(person.words)):
                yield Meant((person,), places)
                break


def _by_title(line: Line, free: set[int], people: list[Person]) -> Iterator[Meant]:
    titles: dict[str, list[Person]] = {}
    for person in people:
        words = fold(person.title).split()
        for run in {"".join(words), words[-1] if words else ""} - {""}:
            titles.setdefault(run, []).append(person)
    taken: set[int] = set()
    for run, places in _windows(line, free):
        if run in titles and not taken & set(places) and _is_about_a_person(line, places):
            taken |= set(places)
            whole = [person for person in titles[run] if fold(person.title).replace(" ", "") == run]
            yield Meant(tuple(whole or titles[run]), places)


def _is_about_a_person(line: Line, places: range) -> bool:
    before = line.tokens[places.start - 1].low if places.start else ""
    return (
        not places.start
        or before
        in {
            "the",
            "their",
            "a",
            "an",
            "our",
            "with",
            "and",
            "to",
            "its",
            "by",
            "met",
            "called",
            "texted",
            "from",
            "saw",
        }
        or line.ends(places.start - 1)
    )


def _by_one_name(line: Line, free: set[int], people: list[Person]) -> Iterator[Meant]:
    for place in sorted(free):
        token = line.tokens[place]
        if not token.is_word or not _may_be_name(line, place):
            continue
        named = [person for person in people if token.bare in person.words]
        if not named and len(token.bare) > SHORTEST and token.bare not in NO_NAMES:
            named = [
                person for person in people if person.words and fuzz.ratio(token.bare, person.words[0]) >= SURE - 4
            ]
        if named:
            yield Meant(tuple(named), range(place, place + 1))


def _may_be_name(line: Line, place: int) -> bool:
    token = line.tokens[place]
    if token.is_capital and (place or token.bare not in NO_NAMES):
        return True
    before = line.tokens[place - 1] if place else None
    if token.bare in NO_NAMES and token.bare not in FIRST_NAMES:
        return before is not None and before.low in ("with", "met", "dr")
    return token.bare in FIRST_NAMES or (
        before is not None and (before.low in BEFORE_NAMES or before.text in BEFORE_NAMES)
    )


def _spans(line: Line, free: set[int], run: str, width: int) -> Iterator[range]:
    for found, places in _windows(line, free):
        if found == run and len(places) >= min(width, 2):
            yield places


def names_in(line: Line, free: set[int], *, is_bold: bool = False) -> list[range]:
    """Words that seem to be somebody's name: capitalised, or a first name, after “with”, “met” and the like.

    Boldly, any word that stands where a name would: good enough to ask whether anybody is called so.
    """
    found: list[range] = []
    place = 0
    while place < len(line.tokens):
        end = place
        while end in free and end < place + 3 and _is_somebody(line, end, is_later=end > place, is_bold=is_bold):
            end += 1
        if end > place and _follows_a_lead(line, place, found):
            found.append(range(place, end))
        place = max(end, place + 1)
    return found


def _is_somebody(line: Line, place: int, *, is_later: bool, is_bold: bool) -> bool:
    token = line.tokens[place]
    if not token.is_word or token.bare in NOBODY | TITLES | COMMON or token.low in MONTHS or token.low in WEEKDAYS:
        return False
    if token.is_capital and token.text[1:2].islower():
        return True
    return not is_later and (token.bare in FIRST_NAMES or (is_bold and token.bare not in NO_NAMES))


def follows_company(line: Line, place: int) -> bool:
    """With Sam, met Sam; and with Priya and Sam, whoever Priya is."""
    while place > 1 and (line.tokens[place - 1].low in ("and", "dr") or line.tokens[place - 1].text in ("&", ",", "+")):
        is_title = line.tokens[place - 1].low == "dr"
        place -= 1 if is_title else 2
    while place > 1 and line.tokens[place - 1].low not in COMPANY and _is_part_of_name(line, place - 1):
        place -= 1
    return place > 0 and line.tokens[place - 1].low in COMPANY


def _is_part_of_name(line: Line, place: int) -> bool:
    """The first name before the last, or what they are there: met the new owner Jess."""
    token = line.tokens[place]
    return token.is_capital or token.low in POSTS or token.low in ("the", "their", "new")


def _follows_a_lead(line: Line, place: int, found: list[range]) -> bool:
    token = line.tokens[place]
    if not place or line.ends(place - 1):
        following = line.tokens[place + 1].low if place + 1 < len(line.tokens) else ""
        return token.bare in FIRST_NAMES or (token.is_capital and following in PAST)
    before = line.tokens[place - 1]
    if before.low in (BEFORE_NAMES | POSTS | REACHES) - {"at", "by", "and"}:
        return True
    is_linked = before.low == "and" or before.text in ("&", ",", "+")
    return is_linked and ((bool(found) and found[-1].stop == place - 1) or follows_company(line, place))
