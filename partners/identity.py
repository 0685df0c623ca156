"""Does a free text look as if it named a patient? It is never refused: whoever writes it is told what was seen.

The rules look at words only, so they err on the side of asking. What belongs to the partner itself, the names, addresses
and numbers of the people there, does not count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils import timezone

from partners.first_names import FIRST_NAMES
from partners.identity_words import BODY, COMPLAINTS, NOT_PATIENTS, NOT_PERSONS, RETURNS, TOPICS
from partners.models import Partner, Role
from partners.names import fold

LONGEST = 5_000  # characters that are looked at
DOB_YEARS = 3  # a full date at least so long ago is rather a birthday than an appointment
NUMBERED = 10  # digits of a phone number without its country

E_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w$€£.,/-])(?:\+|\(|\b)\d(?:[\s().\-–]{0,2}\d){6,14}(?![\w/])")
A_DATE = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
WRITTEN = rf"{MONTHS}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTHS}\.?,?\s+\d{{4}}"
FULL_DATE = re.compile(rf"(?<![\w/.-])(?:{A_DATE}|{WRITTEN})(?![\w/-])", re.IGNORECASE)
BIRTH = re.compile(
    rf"\b(?:d\.?\s?o\.?\s?b\b\.?|dates? of birth|birth\s?date|born(?:\s+on)?)[\s:#=-]*(?:{WRITTEN}|{A_DATE}|{MONTHS}\s+\d+)",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\b(?:mrn|medical record|chart|patient\s+(?:id|no|number)|health\s?card|ohip|hcn|ssn|social security|insurance"
    r"|policy|member\s+id|claim)\b(?:\s+(?:id|no|number|is))*[.\s:#=-]*(?=[\w-]*\d)[\w-]*\d[\w -]*\d",
    re.IGNORECASE,
)
SOCIAL = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
WORD = re.compile(r"[^\W\d_](?:[\w]|['’.](?=\w))*(?:-\w+)*['’]?")
BREAKS = re.compile(r"[.;!?\n]|,\s*\w+\s+\w")  # a comma binds the word right after it: Jane Doe, knee pain


@dataclass(frozen=True)
class Seen:
    """Some words of a text, and what they look like."""

    words: str
    what: str


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    is_first: bool  # of its sentence

    @property
    def bare(self) -> str:
        """Folded, without a possessive s."""
        return fold(re.sub(r"['’]s?$", "", self.text))

    @property
    def is_possessive(self) -> bool:
        return bool(re.search(r"['’]s?$", self.text))

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper() and not (len(self.text) > 1 and self.text.isupper() and len(self.text) < 6)


def seen_in(text: str, partner: Partner | None = None, *, known: Iterable[str] = ()) -> list[Seen]:
    """What in this text looks like a patient's identity. ``known`` are names, addresses and numbers that may stand there."""
    text = text[:LONGEST]
    found = list(_look(text)) if text.strip() else []
    if not found:
        return []
    ours = _belonging([*known, *_at(partner)])
    kept = [(seen, start, end) for seen, start, end in found if not _is_ours(seen, ours)]
    return _without_overlaps(kept)


def sentence(seen: list[Seen]) -> str:
    """What was seen, in words for whoever typed it."""
    parts = [f"“{each.words}” ({each.what})" for each in seen]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"This looks as if it named a patient: {listed}. Patients are never named in Rapport. Take it out, or save it all the same."


def mark(seen: list[Seen]) -> str:
    """A short mark of exactly what was seen: a yes to it is no yes to something else."""
    return hashlib.sha256("\x1f".join(f"{each.what}\x1e{each.words}" for each in seen).encode()).hexdigest()[:16]


def kinds(seen: list[Seen]) -> str:
    """What was seen without the words themselves, for the change history."""
    return ", ".join(dict.fromkeys(each.what for each in seen))


Find = tuple[Seen, int, int]


def _look(text: str) -> Iterator[Find]:
    for pattern, what in ((E_MAIL, "an e-mail address"), (BIRTH, "a date of birth"), (RECORD, "a record number")):
        yield from _matches(pattern, what, text)
    yield from _matches(SOCIAL, "a social security number", text)
    for found in FULL_DATE.finditer(text):
        year = re.search(r"(?:19|20)\d\d", found[0])
        if year and int(year[0]) <= timezone.localdate().year - DOB_YEARS:
            yield Seen(found[0], "a date of birth"), *found.span()
    for found in PHONE.finditer(text):
        if _is_phone(found[0]):
            yield Seen(found[0].strip(), "a phone number"), *found.span()
    yield from _named(text)


def _matches(pattern: re.Pattern[str], what: str, text: str) -> Iterator[Find]:
    for found in pattern.finditer(text):
        yield Seen(found[0].strip(), what), *found.span()


def _is_phone(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    if FULL_DATE.fullmatch(written) or re.fullmatch(r"(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d", written):
        return False
    if len(digits) < NUMBERED:
        return written.startswith(("+", "(")) or bool(re.fullmatch(r"\d{3}[-. ]\d{4}", written))
    return len(set(digits)) > 2 or not digits.isascii()


def _named(text: str) -> Iterator[Find]:
    words = _words(text)
    for place, word in enumerate(words):
        if _is_patient_word(words, place):
            yield _span(text, word, words[place + 1], "a patient’s name")
        if not _is_ailing(words, place):
            continue
        owner = _owner(text, words, place)
        if owner is not None:
            first, last = sorted((owner, word), key=lambda each: each.start)
            yield _span(
                text, first, last, "a name beside a body part" if word.bare in BODY else "a name beside a complaint"
            )


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    before = 0
    for found in WORD.finditer(text):
        is_first = not words or bool(re.search(r"[.!?\n]", text[before : found.start()]))
        words.append(_Word(found[0], found.start(), found.end(), is_first))
        before = found.end()
    return words


def _span(text: str, first: _Word, last: _Word, what: str) -> Find:
    return Seen(text[first.start : last.end], what), first.start, last.end


def _is_patient_word(words: list[_Word], place: int) -> bool:
    """Patient Jane, client Maria: a name after the word."""
    if words[place].bare not in ("patient", "client", "mr", "mrs", "miss", "ms") or place + 1 == len(words):
        return False
    name = words[place + 1]
    is_title = words[place].bare not in ("patient", "client")
    if is_title:
        return False
    return (name.is_capital and name.bare not in NOT_PATIENTS) or name.bare in FIRST_NAMES


def _is_ailing(words: list[_Word], place: int) -> bool:
    """A body part or complaint of somebody, and not what a workshop or a handout is about."""
    word = words[place].bare
    if word not in BODY and word not in COMPLAINTS:
        return False
    return not any(after.bare in TOPICS for after in words[place + 1 : place + 4])


def _owner(text: str, words: list[_Word], place: int) -> _Word | None:
    """Whose it is: Jane's left knee, Jane has knee pain, the sore knee of Jane."""
    ailing = words[place]
    for back in range(place - 1, max(-1, place - 7), -1):
        word = words[back]
        if BREAKS.search(text[word.end : ailing.start]):
            break
        steps = place - back
        if word.is_possessive and steps <= 3 and _is_somebody(word, is_beside=steps <= 2):
            return None if _returns(words, place) else word
        if ailing.bare not in RETURNS and _is_person(words, back):
            return word
    for ahead in range(place + 1, min(len(words), place + 5)):
        if BREAKS.search(text[ailing.end : words[ahead].start]):
            break
        between = {word.bare for word in words[place + 1 : ahead]} | set(
            re.findall(r"[,:–-]", text[ailing.end : words[ahead].start])
        )
        if _is_person(words, ahead) and between & {"of", "for", "is", "from", "in", "about", "re", ",", ":", "-", "–"}:
            return words[ahead]
    return None


def _returns(words: list[_Word], place: int) -> bool:
    """Jane's back from her holiday."""
    if words[place].bare not in RETURNS:
        return False
    after = words[place + 1].bare if place + 1 < len(words) else ""
    return after in (
        "from",
        "in",
        "at",
        "to",
        "on",
        "next",
        "tomorrow",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
    )


def _is_somebody(word: _Word, *, is_beside: bool) -> bool:
    if word.bare in NOT_PERSONS or not word.bare:
        return False
    return word.bare in FIRST_NAMES or word.is_capital or is_beside


def _is_person(words: list[_Word], place: int) -> bool:
    """A first name, or two capitalised words, or one after a title."""
    word = words[place]
    if word.bare in NOT_PERSONS:
        return False
    if word.bare in FIRST_NAMES:
        return True
    before = words[place - 1].bare if place else ""
    if before in ("mr", "mrs", "ms", "miss", "patient", "client"):
        return word.is_capital
    following = words[place + 1] if place + 1 < len(words) else None
    return (
        word.is_capital
        and not word.is_first
        and following is not None
        and following.is_capital
        and following.start == word.end + 1
        and following.bare not in NOT_PERSONS | TOPICS | BODY
    )


def _at(partner: Partner | None) -> list[str]:
    if partner is None:
        return []
    people = Role.objects.filter(partner=partner).values_list("contact__name", "contact__email", "contact__phone")
    return [partner.name, partner.email, partner.phone, *(value for row in people for value in row)]


@dataclass(frozen=True)
class _Ours:
    words: frozenset[str]
    addresses: frozenset[str]
    numbers: frozenset[str]


def _belonging(values: Iterable[str]) -> _Ours:
    values = [value for value in values if value]
    numbers = {re.sub(r"\D", "", value)[-NUMBERED:] for value in values if re.search(r"\d{3}", value)}
    words = {word for value in values if "@" not in value for word in fold(value).split() if not word.isdecimal()}
    return _Ours(frozenset(words), frozenset(value.lower() for value in values if "@" in value), frozenset(numbers))


def _is_ours(seen: Seen, ours: _Ours) -> bool:
    if seen.what == "an e-mail address":
        return seen.words.lower() in ours.addresses
    if seen.what == "a phone number":
        return re.sub(r"\D", "", seen.words)[-NUMBERED:] in ours.numbers
    if seen.what.startswith(("a name", "a patient")):
        return any(name in ours.words for name in _names_of(seen.words))
    return False


@lru_cache(maxsize=1024)
def _names_of(words: str) -> tuple[str, ...]:
    """The words of a finding that are its name: the first of it, or the last where the name comes after."""
    found = _words(words)
    return tuple(
        found[place].bare for place in (0, len(found) - 1) if found and found[place].bare not in BODY | COMPLAINTS
    )


def _without_overlaps(found: list[Find]) -> list[Seen]:
    """In the order of the text, the longer of two that share words."""
    kept: list[Find] = []
    for each in sorted(found, key=lambda find: (find[1] - find[2], find[1])):
        if all(each[2] <= start or each[1] >= end for _seen, start, end in kept):
            kept.append(each)
    return [seen for seen, _start, _end in sorted(kept, key=lambda find: find[1])]
