"""What sort of touch a line tells of, and whether something was given, asked for, or answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from partners.models import Touch
from partners.reading.tokens import Line
from partners.reading.words import (
    ABOUT,
    ASKED,
    CAME_IN,
    FAVOURS,
    GAVE,
    GIFT_NEEDED,
    NO_FAVOUR,
    NOT,
    NOT_GIVEN,
    PHRASES,
    RESULTS,
    THEY,
    THINGS,
    TOPICS,
    USEFUL,
    WEAK,
)

Kind = Touch.TouchKind
ORDER = (Touch.Outcome.YES, Touch.Outcome.NO_REPLY, Touch.Outcome.WARM, Touch.Outcome.POLITE)
REACH = 6  # words after a verb in which its object is looked for


@dataclass(frozen=True)
class Said:
    """A value, and the words it was read from."""

    value: str
    places: range


def kinds_in(line: Line, places: set[int]) -> list[Said]:
    """Every kind of touch that is told of, the one that counts first."""
    strong = _longest(line, places, (phrase for phrase in PHRASES if phrase not in WEAK))
    strong = [(span, phrase) for span, phrase in strong if not _is_topic(line, span, PHRASES[phrase])]
    spans = strong or _longest(line, places, WEAK & PHRASES.keys())
    found = [Said(PHRASES[phrase], span) for span, phrase in sorted(spans, key=lambda each: each[0].start)]
    if found and found[0].value == Kind.CALL:
        found.sort(key=lambda said: said.value != Kind.VOICEMAIL)  # called, left a voicemail
    return found


def _longest(line: Line, places: set[int], phrases: Iterable[str]) -> list[tuple[range, str]]:
    """Where these phrases stand, the longest of those that share words."""
    spans = [
        (range(first, last + 1), phrase)
        for phrase in phrases
        for first, last in line.phrases.get(phrase, ())
        if all(place in places for place in range(first, last + 1))
    ]
    kept: list[tuple[range, str]] = []
    for span, phrase in sorted(spans, key=lambda each: (-len(each[1].split()), -len(each[1]), each[0].start)):
        if all(span.stop <= other.start or span.start >= other.stop for other, _phrase in kept):
            kept.append((span, phrase))
    return kept


def _is_topic(line: Line, span: range, kind: str) -> bool:
    """About the workshop, for a talk: what it was about, not what happened."""
    return kind in TOPICS and span.start > 0 and line.tokens[span.start - 1].low in ABOUT


def gift_in(line: Line, places: set[int], names: set[int]) -> Said | None:
    """Did we give something? Not what they gave us, nor what was given up."""
    for place in sorted(places):
        word = line.tokens[place].low
        if word not in GAVE or (place and line.tokens[place - 1].low in THEY | THINGS):
            continue
        after = _after(line, place, places | names)
        words = [line.tokens[each].low for each in after]
        if not words or words[0] in NOT_GIVEN or (word in GIFT_NEEDED and not USEFUL & set(words)):
            continue
        return Said("on", range(place, after[-1] + 1))
    return None


def favour_in(line: Line, places: set[int], names: set[int]) -> Said | None:
    """Did we ask for a referral, a workshop, a mention?"""
    for place in sorted(places):
        if line.tokens[place].low not in ASKED or (place and line.tokens[place - 1].low in THEY):
            continue
        after = _after(line, place, places | names)
        words = [line.tokens[each].low for each in after]
        wanted = next((number for number, word in enumerate(words) if word in FAVOURS), None)
        if wanted is not None and words[0] not in NO_FAVOUR:
            return Said("on", range(place, after[wanted] + 1))
    return None


def outcome_in(line: Line, places: set[int]) -> Said | None:
    """How it went; “not interested” is left to a person."""
    spans = [
        (span, RESULTS[phrase])
        for span, phrase in _longest(line, places, RESULTS)
        if not NOT & {line.tokens[place].low for place in range(max(0, span.start - 2), span.start)}
    ]
    if not spans:
        return None
    span, outcome = min(spans, key=lambda each: (ORDER.index(each[1]), each[0].start))
    return Said(outcome, span)


def coming_in(line: Line, places: set[int], people: set[int]) -> Said | None:
    """Did they come to us? “They called”, “Dana texted”, “heard from”."""
    spans = _longest(line, places, CAME_IN)
    if spans:
        return Said("on", min(spans, key=lambda each: each[0].start)[0])
    verbs = {"called", "texted", "emailed", "phoned", "messaged", "wrote", "visited", "rang", "dmed"}
    for place in sorted(places):
        before = place - 1
        if (
            line.tokens[place].low in verbs
            and before in places
            and (line.tokens[before].low in THEY or before in people)
        ):
            return Said("on", range(before, place + 1))
    return None


def _after(line: Line, place: int, places: set[int]) -> list[int]:
    """The next words of the same thought."""
    found: list[int] = []
    for each in range(place + 1, min(len(line.tokens), place + 1 + REACH)):
        if each not in places or line.ends(each) or (found and line.tokens[each].low in ("and", "at", "then")):
            break
        if line.tokens[each].is_word:
            found.append(each)
    return found
