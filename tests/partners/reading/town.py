"""A small town to write lines about, with no database behind it."""

from __future__ import annotations

from datetime import date

from partners.book import Book
from partners.reading import Person, Reading, read

SUNDAY = date(2026, 11, 22)
NAMES = (
    *(
        "Ironworks Gym",
        "Okafor Family Medicine",
        "Cedar Yoga",
        "Still Water Yoga",
        "Kettle & Rope",
        "Port Alder Striders",
    ),
    *("Early Birds 5K", "Ironside Barbell", "Motion Lab Personal Training", "Open Door DPC", "Cedar Lane Direct Care"),
)
IRONWORKS, OKAFOR, CEDAR, STILL_WATER, KETTLE, STRIDERS, BIRDS, IRONSIDE, MOTION, OPEN_DOOR, CEDAR_LANE = range(1, 12)
SAM, PRIYA, JOE, ADA, SIMONE, SAM_LEE, LEELA, TOM, NEIL = 11, 12, 13, 21, 22, 31, 41, 42, 61
BOOK = Book(tuple((number, name, "Ottawa", True) for number, name in enumerate(NAMES, 1)))
PEOPLE = (
    Person(SAM, IRONWORKS, "Sam Rivers", "Head coach"),
    Person(PRIYA, IRONWORKS, "Priya Nair", "Owner"),
    Person(JOE, IRONWORKS, "Joe Front", "Front desk"),
    Person(ADA, OKAFOR, "Dr. Ada Okafor", "Physician"),
    Person(SIMONE, OKAFOR, "Simone Clarke", "Practice manager"),
    Person(SAM_LEE, CEDAR, "Sam Lee", "Owner"),
    Person(LEELA, STILL_WATER, "Leela Raman", "Owner"),
    Person(TOM, STILL_WATER, "Tom Bright", "Front desk"),
    Person(NEIL, STRIDERS, "Neil Fairweather", "President"),
)


def people_of(keys: list[int]) -> list[Person]:
    return [person for person in PEOPLE if person.partner in keys]


def people_named(words: list[str]) -> list[Person]:
    return [person for person in PEOPLE if set(person.words) & set(words)]


def reading(line: str, today: date = SUNDAY) -> Reading:
    return read(line, today=today, book=BOOK, people_of=people_of, people_named=people_named)
