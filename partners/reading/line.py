"""A line and what it says, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from partners.book import Book
from partners.models import Touch
from partners.reading import happened
from partners.reading.days import Day, days_in
from partners.reading.steps import Step, steps_in
from partners.reading.tokens import Line
from partners.reading.who import (
    TITLES,
    Meant,
    Mention,
    Person,
    follows_company,
    names_in,
    partners_in,
    people_in,
    unknown_in,
)
from partners.reading.words import FILLERS, LEAD_TO_PLACES, LINKS, PAST

LONGEST = 500
FEW = 5  # partners that one person's name may lead to

PeopleOf = Callable[[list[int]], list[Person]]
PeopleNamed = Callable[[list[str]], list[Person]]


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """What the line leaves open, and what it may mean."""

    field: str
    sentence: str
    choices: tuple[Choice, ...] = ()


@dataclass
class Reading:
    """What a line fills in, and the words each field came from."""

    line: str
    values: dict[str, object] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # of what a value is only the number
    questions: list[Question] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)
    newcomers: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def fill(self, name: str, value: object, words: str) -> None:
        self.values[name] = value
        self.sources[name] = words


def read(text: str, *, today: date, book: Book, people_of: PeopleOf, people_named: PeopleNamed) -> Reading:
    """Read one line. Every word of it is in a field, in the words a field came from, or in the summary."""
    return _Reader(Line(text[:LONGEST]), today, book, people_of, people_named).reading()


@dataclass
class _Reader:
    line: Line
    today: date
    book: Book
    people_of: PeopleOf
    people_named: PeopleNamed
    used: set[int] = field(default_factory=set)  # words that some field was read from
    gone: set[int] = field(default_factory=set)  # words that the summary does not need any more
    named: set[int] = field(default_factory=set)  # words of partners' names, which say nothing else

    def reading(self) -> Reading:
        self.found = Reading(self.line.text)
        self._read_steps()
        self._read_partner()
        self._read_people()
        self._read_day()
        self._read_touch()
        self._sum_up()
        return self.found

    @cached_property
    def days(self) -> list[Day]:
        return days_in(self.line, self.today)

    @cached_property
    def steps(self) -> list[Step]:
        return steps_in(self.line, self.days)

    @cached_property
    def told(self) -> set[int]:
        """The words about what has happened: all but the promises."""
        promised = {place for step in self.steps for place in step.places}
        return set(range(len(self.line.tokens))) - promised

    @cached_property
    def dated(self) -> set[int]:
        return {place for day in self.days for place in day.places}

    def _read_steps(self) -> None:
        if not self.steps:
            return
        said = [self._title(step, with_day=number > 0) for number, step in enumerate(self.steps)]
        words = self._words({place for step in self.steps for place in step.places})
        self.gone |= {place for step in self.steps for place in step.places}
        self.used |= self.gone
        if title := "; ".join(part for part in said if part):
            self.found.fill("next_step", title, words)
        day = next((step.day for step in self.steps if step.day), None)
        if day:
            self._promise_by(day, self._words(set(day.places)))
        if not any(self.line.tokens[place].is_word and self.line.tokens[place].low not in LINKS for place in self.told):
            self.found.fill("is_ahead", True, words)

    def _title(self, step: Step, *, with_day: bool) -> str:
        places = {place for place in step.places if place >= min(step.said, default=0)} if with_day else set(step.said)
        return _begin(_tidy(self._words(places)))

    def _promise_by(self, day: Day, words: str) -> None:
        if len(day.future) == 1:
            self.found.fill("due_on", day.future[0], words)
            return
        self.found.sources["due_on"] = words
        self._ask_day("due_on", day, day.future)

    def _ask_day(self, name: str, day: Day, days: tuple[date, ...]) -> None:
        said = self._words(set(day.places))
        choices = tuple(Choice(each.isoformat(), _label(each, self.today)) for each in days)
        self.found.questions.append(Question(name, f"Which day do you mean by “{said}”?", choices))

    def _read_partner(self) -> None:
        free = self.told - self.dated
        mentions = partners_in(self.line, free, self.book)
        if not mentions and (self.gone or not free):
            rest = set(range(len(self.line.tokens))) - self.dated
            if mentions := partners_in(self.line, rest, self.book):
                self._take_partner(mentions, keep=True)
                return
        if mentions:
            self._take_partner(mentions)
        else:
            self._read_partner_by_people(free)
        if self.steps and not self.found.sources.keys() & {"partner", "name"}:
            self._read_partner_by_people(set(range(len(self.line.tokens))) - self.dated)
        if not {"partner", "name"} & self.found.sources.keys() and (unknown := unknown_in(self.line, free)):
            self.named |= set(unknown.places)
            self.found.fill("name", self._words(set(unknown.places)), self._take(unknown.places))

    def _take_partner(self, mentions: list[Mention], *, keep: bool = False) -> None:
        keys = list(dict.fromkeys(key for mention in mentions for key in mention.keys))
        self.named |= {place for mention in mentions for place in mention.places}
        words = "; ".join(self._words(set(mention.places)) for mention in mentions)
        if len(keys) == 1:
            places = mentions[0].places
            self._fill_partner(keys[0], self._words(set(places)) if keep else self._take(places))
            self.used |= {place for mention in mentions for place in mention.places}
            return
        self.found.candidates = keys
        self.found.sources["partner"] = words
        self.used |= {place for mention in mentions for place in mention.places}
        choices = tuple(Choice(str(key), self.book.names[key]) for key in keys)
        self.found.questions.append(Question("partner", f"Which partner do you mean by “{words}”?", choices))

    def _fill_partner(self, key: int, words: str) -> None:
        self.found.fill("partner", key, words)
        self.found.names["partner"] = self.book.names.get(key, "")

    def _take(self, places: range) -> str:
        """These words and the “at” before them leave the summary; what would be torn from its verb or title stays."""
        start = places.start
        while start - 1 in self.told and self.line.tokens[start - 1].low in ("the", "our"):
            start -= 1
        if start - 1 in self.told and (
            self.line.tokens[start - 1].low in LEAD_TO_PLACES or self.line.tokens[start - 1].text == "@"
        ):
            start -= 1
        taken = range(start, places.stop)
        self.used |= set(taken)
        if not self._would_tear(taken):
            self.gone |= set(taken)
        return self._words(set(taken))

    def _would_tear(self, places: range) -> bool:
        """Dr Okafor; helped Ironworks set up their booth: without the name the words around it make no sense."""
        before, after = places.start - 1, places.stop
        if before not in self.told:
            return False
        tokens = self.line.tokens
        if tokens[before].low in TITLES:
            return True
        is_led = tokens[places.start].low in LEAD_TO_PLACES or tokens[places.start].text == "@"
        goes_on = after in self.told and after not in self.dated and tokens[after].is_word
        return not is_led and tokens[before].is_word and goes_on and tokens[after].low not in FILLERS | LINKS | PAST

    def _read_partner_by_people(self, free: set[int]) -> None:
        """“Coffee with Dana” names the partner where one Dana is known."""
        names = names_in(self.line, free, is_bold=True)
        known = (
            self.people_named([self.line.tokens[place].bare for places in names for place in places]) if names else []
        )
        meant = [
            each for each in people_in(self.line, {place for places in names for place in places}, known) if each.people
        ]
        if not meant:
            return
        keys = list(dict.fromkeys(person.partner for person in meant[0].people))
        words = self._words(set(meant[0].places))
        if len(keys) == 1:
            self._fill_partner(keys[0], words)
        elif len(keys) <= FEW:
            self.found.candidates = keys
            self.found.sources["partner"] = words
            choices = tuple(Choice(str(key), self.book.names.get(key, "")) for key in keys)
            self.found.questions.append(Question("partner", f"Where is the “{words}” you mean?", choices))

    def _read_people(self) -> None:
        partner = self.found.values.get("partner")
        free = self.told - self.dated - (self.gone if partner else self.used)
        meant = people_in(self.line, free, self.people_of([int(str(partner))])) if partner else []
        sure = [each for each in meant if len(each.people) == 1]
        if sure:
            contacts = list(dict.fromkeys(each.people[0].contact for each in sure))
            self.found.names["contacts"] = ", ".join(dict.fromkeys(each.people[0].name for each in sure))
            self.found.fill("contacts", contacts, ", ".join(self._words(set(each.places)) for each in sure))
        for each in meant:
            self.used |= set(each.places)
            if len(each.people) > 1:
                self._ask_person(each)
        self.people = {place for each in meant for place in each.places}
        if partner or "name" in self.found.values:
            named = [places for places in names_in(self.line, free | self.people) if self._is_new(places)]
            self.found.newcomers = list(dict.fromkeys(_name(self._words(set(places))) for places in named))
            self.used |= {place for places in named for place in places}

    def _is_new(self, places: range) -> bool:
        """Somebody who was there, and whom nobody knows: after “with” and “met”, rather than after “to”."""
        return not set(places) & (self.people | self.used) and follows_company(self.line, places.start)

    def _ask_person(self, meant: Meant) -> None:
        choices = tuple(Choice(str(person.contact), _with_title(person)) for person in meant.people)
        said = self._words(set(meant.places))
        self.found.questions.append(Question("contacts", f"Whom do you mean by “{said}”? Tick them below.", choices))

    def _read_day(self) -> None:
        days = [day for day in self.days if not set(day.places) & self.gone]
        for day in days[:1]:
            words = self._words(set(day.places))
            if day.past and (not day.future or self._is_told_as_past(day)):
                self._happened_on(day)
            elif day.past:
                self.found.sources["occurred_on"] = words
                self._ask_day("occurred_on", day, tuple(dict.fromkeys((*day.past, *day.future))))
                self._drop(day.places)
            elif "due_on" not in self.found.sources:
                self._promise_by(day, words)
                self._drop(day.places)

    def _is_told_as_past(self, day: Day) -> bool:
        """A verb of the past stands in the same thought, or today is meant."""
        if self.today in day.past and self.today in day.future and len(day.past) == 1:
            return True
        clause = next(clause for clause in self.line.clauses if day.first in clause)
        return any(self.line.tokens[place].low in PAST for place in clause if place in self.told)

    def _happened_on(self, day: Day) -> None:
        if len(day.past) > 1:
            self.found.sources["occurred_on"] = self._words(set(day.places))
            self._ask_day("occurred_on", day, day.past)
        else:
            self.found.fill("occurred_on", day.past[0], self._words(set(day.places)))
        self._drop(day.places)

    def _drop(self, places: range) -> None:
        self.used |= set(places)
        self.gone |= set(places)

    def _read_touch(self) -> None:
        free = self.told - self.dated - self.named
        if kinds := happened.kinds_in(self.line, free):
            self._fill_kind(kinds)
        for name, said in (
            ("is_give", happened.gift_in(self.line, free, self.named)),
            ("is_ask", happened.favour_in(self.line, free, self.named)),
            ("outcome", happened.outcome_in(self.line, free)),
            ("they_came", happened.coming_in(self.line, free, self.people)),
        ):
            if said:
                self.found.fill(name, said.value if name == "outcome" else True, self._words(set(said.places)))
                self.used |= set(said.places)

    def _fill_kind(self, kinds: list[happened.Said]) -> None:
        first = kinds[0]
        self.found.fill("kind", first.value, self._words(set(first.places)))
        self.named_kind = set(first.places)
        self.used |= {place for said in kinds for place in said.places}
        others = [said for said in kinds[1:] if said.value != first.value]
        if others:
            also = {
                said.value: f"{Touch.TouchKind(said.value).label}, from “{self._words(set(said.places))}”"
                for said in others
            }
            self.found.sources["kind_also"] = "; ".join(also.values())

    def _sum_up(self) -> None:
        kept = set(range(len(self.line.tokens))) - self.gone
        telling = {place for place in kept if self.line.tokens[place].is_word} - getattr(self, "named_kind", set())
        if any(self.line.tokens[place].low not in FILLERS for place in telling):
            self.found.fill("summary", _begin(_tidy(self._words(kept))), self._words(kept))
        elif telling or kept:
            self.found.sources["kind"] = self._words(kept)
        unread = {place for place in kept - self.used if self.line.tokens[place].is_word}
        for piece in self.line.pieces(unread):
            if any(self.line.tokens[place].low not in FILLERS | PAST | TITLES for place in piece):
                self.found.unread.append(self.line.words_of(piece))

    def _words(self, places: set[int]) -> str:
        """The words on these places, pieces put together as they were written."""
        return " ".join(self.line.words_of(piece) for piece in self.line.pieces(places))


def _tidy(words: str) -> str:
    """No signs left alone where words went away."""
    words = re.sub(r"\s+", " ", words).strip()
    words = re.sub(r"\s+([,;:.!?])", r"\1", words)
    words = re.sub(r"([,;:])(?:\s*[,;:.])+", r"\1", words)
    words = re.sub(r"\s+(?:and|then|so|plus|[-–—])\s*([,;:.])", r"\1", words)
    return words.strip(" ,;:.-–—").strip()


def _begin(words: str) -> str:
    return words[:1].upper() + words[1:]


def _name(words: str) -> str:
    """Sam, of “sam’s”."""
    words = re.sub(r"['’]s$", "", words)
    return words if words[:1].isupper() else words.title()


def _with_title(person: Person) -> str:
    return f"{person.name}, {person.title}" if person.title else person.name


def _label(day: date, today: date) -> str:
    """Tue 24 Nov, and which way it lies."""
    words = f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")
    if day == today:
        return f"Today, {words}"
    return f"{words}, gone by" if day < today else f"{words}, to come"
