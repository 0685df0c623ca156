"""A line of plain writing, read against the partners and people of this practice, and told field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from crm.people.models import Contact
from partners.book import opened
from partners.models import Partner, Role, Touch
from partners.reading import Person, Question, Reading, read

MOST_NAMED = 50
LABELS = {
    "partner": "Partner",
    "name": "New name",
    "contacts": "Who was there",
    "kind": "What happened",
    "is_give": "Gave value",
    "is_ask": "Asked a favour",
    "they_came": "They came to us",
    "outcome": "How it went",
    "occurred_on": "On",
    "next_step": "Next step",
    "due_on": "By",
}


@dataclass(frozen=True)
class Filled:
    """A field that was filled, with what, and the words that say so."""

    label: str
    value: str
    words: str


@dataclass(frozen=True)
class Heard:
    """What the form shows of a reading."""

    filled: tuple[Filled, ...]
    questions: tuple[Question, ...]
    newcomers: tuple[str, ...]
    unread: tuple[str, ...]
    also: str
    is_ahead: bool


def read_line(text: str) -> Reading:
    """Read a line against everybody we know. Three queries at the most."""
    return read(text, today=timezone.localdate(), book=opened(), people_of=_people_of, people_named=_people_named)


def initial_of(reading: Reading) -> dict[str, object]:
    """What the quick log's form begins with."""
    values = {name: value for name, value in reading.values.items() if name != "summary"}
    due = {"due": "on"} if "due_on" in values else {}
    return {**values, **due, "summary": reading.values.get("summary", ""), "line": reading.line}


def heard_in(reading: Reading) -> Heard:
    """The reading in words."""
    filled = tuple(
        Filled(label, value, reading.sources[name])
        for name, label in LABELS.items()
        if name in reading.values and (value := _said(reading, name))
    )
    return Heard(
        filled=filled,
        questions=tuple(reading.questions),
        newcomers=tuple(reading.newcomers),
        unread=tuple(reading.unread),
        also=reading.sources.get("kind_also", ""),
        is_ahead=bool(reading.values.get("is_ahead")),
    )


def _said(reading: Reading, name: str) -> str:
    value = reading.values[name]
    if name in reading.names:
        return reading.names[name]
    if isinstance(value, date):
        return date_format(value, "MONTH_DAY_FORMAT")
    if name in ("kind", "outcome"):
        choices = Touch.TouchKind if name == "kind" else Touch.Outcome
        return str(choices(str(value)).label)
    return "Yes" if value is True else str(value)


def _people_of(keys: list[int]) -> list[Person]:
    return _persons(Role.objects.filter(partner__in=keys))


def _people_named(words: list[str]) -> list[Person]:
    """Everybody at a current partner with one of these words in their name."""
    wanted = "|".join(re.escape(word) for word in dict.fromkeys(words) if word.isalnum())
    if not wanted:
        return []
    named = Contact.objects.active().filter(name__iregex=rf"\y({wanted})\y")
    return _persons(Role.objects.filter(contact__in=named, partner__in=Partner.objects.current()))[:MOST_NAMED]


def _persons(roles: QuerySet[Role]) -> list[Person]:
    rows = roles.filter(contact__archived_at=None).order_by("partner", "pk")
    return [Person(*row) for row in rows.values_list("contact_id", "partner_id", "contact__name", "title")]
