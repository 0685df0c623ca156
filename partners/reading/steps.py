"""What a line promises: the thought that begins with something to do and names a day to come, or says outright that it will be done."""

from __future__ import annotations

from dataclasses import dataclass

from partners.reading.days import Day
from partners.reading.tokens import Line
from partners.reading.words import ARTICLES, BASE, EITHER, LINKS, NOUNS, PAST, PROMISES, SHORT_PROMISES, STRICT, THINGS

HEADINGS = frozenset({"next", "nextstep", "todo", "followup", "action"})


@dataclass(frozen=True)
class Step:
    """A promise: the words it stands on, those of them that say what, and the day."""

    places: range
    said: tuple[int, ...]
    day: Day | None


def steps_in(line: Line, days: list[Day]) -> list[Step]:
    """Every promise, in order."""
    found: list[Step] = []
    heading: int | None = None
    for number, clause in enumerate(line.clauses):
        if "".join(line.tokens[place].low for place in clause) in HEADINGS:
            heading = clause.start
            continue
        here = [day for day in days if day.first in clause]
        step = _whole(line, clause, here, clause.start) if heading is not None else _step(line, clause, here, number)
        if step:
            found.append(_with_lead(line, step, heading))
        elif here and found and found[-1].day is None and _is_only(line, clause, here[0]):
            last = found.pop()  # send the slides, Wednesday
            found.append(Step(range(last.places.start, clause.stop), last.said, here[0]))
        heading = None
    return found


def _step(line: Line, clause: range, days: list[Day], number: int) -> Step | None:
    if promise := _promise(line, clause):
        return _whole(line, range(promise[0], clause.stop), days, promise[1])
    for day in days:
        if day.future and (step := _before_day(line, clause, day, number) or _after_day(line, clause, day, number)):
            return step
    if number and not days and (start := _first_word(line, clause)) is not None and line.tokens[start].low in STRICT:
        return _whole(line, clause, days, start)
    return None


def _promise(line: Line, clause: range) -> tuple[int, int] | None:
    """Where “I need to”, “asked me to”, “I'll” begins in this thought, and where what follows it does."""
    spans = [span for phrase in PROMISES for span in line.phrases.get(phrase, ()) if span[0] in clause]
    spans += [(place, place) for place in clause if line.tokens[place].text.lower() in SHORT_PROMISES]
    spans += [
        (place, place)
        for place in clause[:-1]
        if line.tokens[place].text == "will"
        and line.tokens[place + 1].low in BASE
        and line.tokens[place - 1].low not in ("she", "he", "they")
    ]
    if not spans:
        return None
    first, last = min(spans, key=lambda span: (span[0], -span[1]))
    return (first, last + 1) if last + 1 < clause.stop else None


def _before_day(line: Line, clause: range, day: Day, number: int) -> Step | None:
    """Call next Tuesday: the verb stands before the day, after whatever has happened."""
    after = max(
        (place + 1 for place in clause if place < day.first and line.tokens[place].low in PAST), default=clause.start
    )
    verbs = [place for place in range(after, day.first) if _is_verb(line, clause, place)]
    if not verbs:
        return None
    first = _first_word(line, clause)
    is_opening = number == 0 and verbs[0] == first
    if is_opening and len(verbs) > 1 and line.tokens[verbs[0]].low in EITHER:
        verbs, is_opening = verbs[1:], False  # coffee with Sam call Friday: the coffee has been
    if is_opening and day.past:
        return None  # call Friday: it may have happened
    if number and day.past and verbs[0] != first and line.tokens[verbs[0]].low not in STRICT:
        return None
    return _whole(line, range(verbs[0], clause.stop), [day], verbs[0])


def _after_day(line: Line, clause: range, day: Day, number: int) -> Step | None:
    """Tomorrow send the guide."""
    if any(line.tokens[place].low not in LINKS for place in range(clause.start, day.first)):
        return None
    following = [
        place for place in range(day.last + 1, min(clause.stop, day.last + 4)) if _is_verb(line, clause, place)
    ]
    if not following or (day.past and number == 0):
        return None
    return _whole(line, range(day.first, clause.stop), [day], day.first)


def _is_verb(line: Line, clause: range, place: int) -> bool:
    if line.tokens[place].low not in BASE:
        return False
    before = {line.tokens[each].low for each in range(max(clause.start, place - 2), place)}
    if line.tokens[place].low in NOUNS and before & ARTICLES:  # a joint talk
        return False
    return place == clause.start or line.tokens[place - 1].low not in THINGS


def _first_word(line: Line, clause: range) -> int | None:
    return next((place for place in clause if line.tokens[place].is_word and line.tokens[place].low not in LINKS), None)


def _whole(line: Line, places: range, days: list[Day], said_from: int) -> Step | None:
    """From here to the end of the thought, or to where it tells of the past again."""
    days = [day for day in days if day.future and day.first in places]
    day = days[0] if days else None
    beyond = max(said_from, day.last if day else 0) + 1
    end = next((place for place in places if place > beyond and line.tokens[place].low in PAST), places.stop)
    while end - 1 > beyond and line.tokens[end - 1].low in LINKS:
        end -= 1
    said = tuple(place for place in range(max(said_from, places.start), end) if not day or place not in day.places)
    if not any(line.tokens[place].is_word for place in said) and day is None:
        return None
    return Step(range(places.start, end), said, day)


def _with_lead(line: Line, step: Step, heading: int | None) -> Step:
    """With the words that lead to it: and, then, to, will, next."""
    start = step.places.start if heading is None else heading
    while start > 0 and (line.tokens[start - 1].low in LINKS or (line.ends(start - 1) and _is_then(line, start - 2))):
        start -= 1
    return Step(range(start, step.places.stop), step.said, step.day)


def _is_only(line: Line, clause: range, day: Day) -> bool:
    return bool(day.future) and all(place in day.places or not line.tokens[place].is_word for place in clause)


def _is_then(line: Line, place: int) -> bool:
    return place >= 0 and line.tokens[place].low in LINKS
