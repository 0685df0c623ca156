"""One row's cells become a partner's values, with notes on what was mended and problems that keep the row out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db.models import Model

from crm.people.models import Contact
from partners import identity
from partners.imports.spreadsheet import Formula
from partners.models import Kind, Partner, Role

NO_NAME = "No name. Add one in the file, or leave this row out."
NOTHING = {"-", "--", "n/a", "na", "#n/a", "none", "null", "nil", "?"}
FORMULA = re.compile(r"^=|^[@+\-][^@]*[(|!]|^[+\-][\d.]+[+\-*/]")


def _length(model: type[Model], name: str) -> int:
    return getattr(model._meta.get_field(name), "max_length", None) or 0


LENGTHS = {
    **{
        name: _length(Partner, name)
        for name in ("name", "email", "phone", "website", "street", "city", "postal_code", "opening_hours")
    },
    "external_id": _length(Partner, "external_id"),
    "contact_name": _length(Contact, "name"),
    "contact_email": _length(Contact, "email"),
    "contact_phone": _length(Contact, "phone"),
    "contact_title": _length(Role, "title"),
}
KIND_WORDS = (
    (Kind.YOGA_STUDIO, re.compile(r"\b(yoga|astanga|ashtanga|moksha)\b|yoga", re.IGNORECASE)),
    (Kind.RUNNING_CLUB, re.compile(r"\b(running|runners?|run club|marathon|harriers)\b", re.IGNORECASE)),
    (Kind.DPC_PHYSICIAN, re.compile(r"\b(dpc|direct primary care|direct care)\b", re.IGNORECASE)),
    (Kind.FUNCTIONAL_MEDICINE, re.compile(r"\b(functional medicine|naturopath\w*|integrative)\b", re.IGNORECASE)),
    (
        Kind.GYM,
        re.compile(
            r"\b(gym|gyms|gymnas\w*|fitness\w*|crossfit|sports?|strength|boxing|kickboxing|martial|pilates|barre|climbing)\b",
            re.IGNORECASE,
        ),
    ),
)
NO = {"no", "n", "non", "false", "f", "0", "off", "never"}
YES = {"yes", "y", "oui", "o", "true", "t", "1", "on", "x", "ok", "subscribed", "active", "confirmed", "granted"}
valid_url = URLValidator(schemes=["http", "https"])


@dataclass
class Row:
    """What one row says, ready to be matched."""

    number: int
    values: dict = field(default_factory=dict)
    person: dict = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)  # not the file's word: kind or city by default
    notes: list[str] = field(default_factory=list)
    says_no: bool = False  # to letters
    problem: str = ""

    def as_json(self) -> dict:
        return {name: value for name, value in vars(self).items() if name != "number"}


class Reader:
    """Turns rows of cells into Rows, for one mapping."""

    def __init__(self, columns: list[str], mapping: dict[str, str], defaults: dict, region: str) -> None:
        self.columns = columns
        self.sources: dict[str, list[int]] = {}
        for position, column in enumerate(columns):
            if mapping.get(column):
                self.sources.setdefault(mapping[column], []).append(position)
        self.defaults = defaults
        self.region = region

    def row(self, number: int, cells: list[str]) -> Row:
        """Return what the row says. A row that can't be imported says why in `problem`."""
        row = Row(number)
        given = {name: self._joined(name, cells) for name in self.sources}
        row.problem = self._problem(cells, given)
        if row.problem and row.problem != NO_NAME:
            row.values = {"name": _one_line(given.get("name", ""))[: LENGTHS["name"]]}
            return row
        self._fill_place(row, given)
        self._fill_links(row, given)
        self._fill_spot(row, given)
        self._fill_person(row, given)
        self._look_for_patients(row)
        row.values = {name: value for name, value in row.values.items() if value not in ("", None)}
        row.person = {name: value for name, value in row.person.items() if value}
        row.problem = row.problem or self._too_long(row)
        return row

    def _joined(self, name: str, cells: list[str]) -> str:
        found = [cells[position] for position in self.sources[name] if position < len(cells)]
        found = ["" if value.lower() in NOTHING else value for value in found]
        return found[0] if len(found) == 1 else "\n".join(value for value in found if value)

    def _problem(self, cells: list[str], given: dict[str, str]) -> str:
        if any(cells[len(self.columns) :]):
            return (
                f"This row has {len(cells)} cells and the headings are {len(self.columns)}. "
                "Put quotation marks around a value that holds the separator."
            )
        for name, positions in self.sources.items():
            for position in positions:
                if position < len(cells) and isinstance(cells[position], Formula):
                    return (
                        f"“{self.columns[position]}” holds a formula without a result. Write its value into the file."
                    )
            if name in ("name", "contact_name") and FORMULA.match(given[name]):
                return (
                    f"“{self.columns[positions[0]]}” holds a spreadsheet formula. Write the name itself into the file."
                )
        return "" if _one_line(given.get("name", "")) else NO_NAME

    def _too_long(self, row: Row) -> str:
        people = {f"contact_{name}": value for name, value in row.person.items()}
        for name, value in {**row.values, **people}.items():
            if name in LENGTHS and len(value) > LENGTHS[name]:
                column = self.columns[self.sources[name][0]] if name in self.sources else name
                return f"“{column}” is longer than {LENGTHS[name]} characters. Shorten it in the file."
        return ""

    def _fill_place(self, row: Row, given: dict[str, str]) -> None:
        street = _one_line(f"{given.get('house_number', '')} {given.get('street', '')}")
        row.values |= {
            "name": _one_line(given["name"]) if "name" in given else "",
            "street": street,
            "city": _one_line(given.get("city", "")) or self.defaults.get("city", ""),
            "postal_code": _one_line(given.get("postal_code", "")).upper(),
            "opening_hours": _one_line(given.get("opening_hours", "")),
            "notes": given.get("notes", ""),
        }
        kind = guess_kind(given.get("kind", ""), row.values["name"])
        row.values["kind"] = kind or self.defaults.get("kind") or Kind.OTHER
        if not given.get("city"):
            row.assumed.append("city")
        if not kind or not given.get("kind"):
            row.assumed.append("kind")
        if given.get("external_id"):
            parts = (given.get("external_type", "").lower(), given["external_id"])
            row.values["external_id"] = "/".join(_one_line(part) for part in parts if part)
            row.values["source"] = self.defaults.get("source") or "file"
        for name in ("street", "opening_hours", "notes"):
            if FORMULA.match(row.values[name]):
                row.notes.append(
                    f"{name.replace('_', ' ').capitalize()} looks like a formula and is kept as plain text."
                )

    def _fill_links(self, row: Row, given: dict[str, str]) -> None:
        row.values["phone"] = self._phone(given.get("phone", ""), row)
        row.values["email"] = _email(given.get("email", ""), row)
        website = _one_line(given.get("website", "")).split(";")[0]
        if website:
            row.values["website"] = read_url(website)
            if not row.values["website"]:
                row.notes.append(f"“{website[:60]}” is no web address and is left out.")

    def _fill_spot(self, row: Row, given: dict[str, str]) -> None:
        if not given.get("latitude") and not given.get("longitude"):
            return
        latitude, longitude = _degrees(given.get("latitude", ""), 90), _degrees(given.get("longitude", ""), 180)
        if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
            row.notes.append("Its latitude and longitude are no place on a map and are left out.")
        else:
            row.values |= {"latitude": latitude, "longitude": longitude}

    def _fill_person(self, row: Row, given: dict[str, str]) -> None:
        first_and_last = f"{given.get('contact_first_name', '')} {given.get('contact_last_name', '')}"
        row.person = {
            "name": _one_line(given.get("contact_name", "") or first_and_last),
            "email": _email(given.get("contact_email", ""), row).lower(),
            "phone": self._phone(given.get("contact_phone", ""), row),
            "title": _one_line(given.get("contact_title", "")),
        }
        if not row.person["name"] and not row.person["email"]:
            row.person = {}
        if row.person.get("email") and _says_no(given):
            row.says_no = True
            row.notes.append(f"{row.person['name'] or row.person['email']} says no to letters: that is kept.")

    def _look_for_patients(self, row: Row) -> None:
        """Say so where the notes seem to name a patient; the owner mends the file, or knows better."""
        known = [row.values.get(name, "") for name in ("name", "email", "phone")] + list(row.person.values())
        if seen := identity.seen_in(row.values["notes"], known=known):
            words = ", ".join(f"“{each.words}”" for each in seen)
            row.notes.append(f"Its notes look as if they named a patient: {words}. Take that out of the file first.")

    def _phone(self, written: str, row: Row) -> str:
        written = _one_line(written)
        if not written:
            return ""
        phone = read_phone(written, self.region) or read_phone(re.split(r"[;/|]|\bor\b", written)[0], self.region)
        if not phone:
            row.notes.append(f"“{written[:40]}” is no phone number we can read and is kept as typed.")
        return phone or written


def _says_no(given: dict[str, str]) -> bool:
    """A no, or a word that is no clear yes: whoever is in doubt gets no letters."""
    refused, allowed = (_one_line(given.get(name, "")).lower() for name in ("no_letters", "may_write"))
    return bool((refused and refused not in NO) or (allowed and allowed not in YES))


@lru_cache(maxsize=200_000)
def read_phone(written: str, region: str) -> str:
    """The number in its international spelling; empty when it can't be one."""
    return spelled(written, region, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def spelled(written: str, region: str, form: int) -> str:
    """The number in this form of spelling; empty when it can't be one."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, form) if phonenumbers.is_possible_number(number) else ""


def read_url(written: str) -> str:
    """The address with its scheme; empty when it is none."""
    url = written if re.match(r"^[a-z][a-z0-9+.\-]*://", written, re.IGNORECASE) else f"https://{written.lstrip('/')}"
    try:
        valid_url(url)
    except ValidationError:
        return ""
    return url


def read_domain(url: str) -> str:
    """The host without www.; empty when there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def guess_kind(written: str, name: str) -> str:
    """Our kind for what the file calls it; its own words first, then telling words in kind or name."""
    words = written.replace("_", " ")
    for line in words.lower().split("\n"):
        for kind in Kind:
            if line.strip() in (kind.value.replace("_", " "), kind.label.lower()):
                return kind.value
    return next((kind.value for kind, pattern in KIND_WORDS if pattern.search(f"{words}\n{name}")), "")


def _email(written: str, row: Row) -> str:
    written = re.split(r"[;,\s]", _one_line(written).removeprefix("mailto:"))[0]
    if not written:
        return ""
    try:
        validate_email(written)
    except ValidationError:
        row.notes.append(f"“{written[:60]}” is no e-mail address and is left out.")
        return ""
    return written


def _degrees(written: str, limit: int) -> float | None:
    try:
        value = float(written.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
