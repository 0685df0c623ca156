"""Each row's fate: new, an update, unchanged, a duplicate, or a problem.

A place is known by its name and where it is. Street decides; where one side has none, the distance does; where
that is unknown too, an equal e-mail address, phone or website does. What stays in doubt is a possible duplicate,
and the owner decides.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from partners.imports.values import Row, read_domain, read_phone
from partners.models import ImportRow, Partner, Role

FIELDS = (
    *("name", "kind", "email", "phone", "website", "street", "city", "postal_code"),
    *("latitude", "longitude", "opening_hours", "notes", "source", "external_id"),
)
SAME_SPOT_METRES = 5
APART_METRES = 150
PERSON = "person "
CELL_DEGREES = 0.01  # more than 150 m wide up to 80 degrees north
SHARED_HOSTS = re.compile(r"(^|\.)(facebook|instagram|google|goo|yelp|linktr|wixsite|youtube|twitter|x|linkedin)\.\w+$")
STREET_WORDS = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "boul": "blvd",
    "road": "rd",
    "drive": "dr",
    "court": "ct",
    "crescent": "cres",
    "highway": "hwy",
    "lane": "ln",
    "parkway": "pkwy",
    "place": "pl",
    "square": "sq",
    "terrace": "terr",
    "chemin": "ch",
    "saint": "st",
    "sainte": "ste",
    "suite": "unit",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "nord": "n",
    "sud": "s",
    "est": "e",
    "ouest": "w",
}
COMPANY_WORDS = {"inc", "ltd", "llc", "corp", "ltee", "incorporated", "limited"}

Fate = ImportRow.Fate


@dataclass
class Place:
    """A partner that exists, or a row of the file that will be one."""

    values: dict
    pk: int = 0
    number: int = 0  # the row that made it, or the first row that is about it
    is_archived: bool = False
    people: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.name = plain(self.values.get("name", ""))
        self.street = plain_street(self.values.get("street", ""))
        self.city = plain(self.values.get("city", ""))
        self.spot = (self.values.get("latitude"), self.values.get("longitude"))
        self.domain = read_domain(self.values.get("website", ""))
        self.email = self.values.get("email", "").lower()

    @property
    def has_spot(self) -> bool:
        return None not in self.spot

    def where(self, other: Place) -> str:
        """Is the other one here: "same", "near", "apart", or "unknown"?"""
        if self.street and other.street:
            in_one_city = not self.city or not other.city or self.city == other.city
            return "same" if self.street == other.street and in_one_city else "apart"
        if not self.has_spot or not other.has_spot:
            return "unknown"
        distance = metres(self.spot, other.spot)
        return "same" if distance <= SAME_SPOT_METRES else "near" if distance <= APART_METRES else "apart"


@dataclass
class Verdict:
    """What a row will do, and why."""

    row: Row
    fate: str
    reason: str = ""
    place: Place = field(default_factory=lambda: Place({}))
    changes: dict = field(default_factory=dict)
    has_new_person: bool = False
    may_decide: bool = False

    @property
    def sentence(self) -> str:
        return " ".join(part for part in (self.reason, *self.row.notes) if part)[:300]


class Places:
    """Every known place, found quickly by what it may be recognised by."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.by_external: dict[tuple[str, str], Place] = {}
        self.by_street: dict[tuple[str, str], list[Place]] = defaultdict(list)
        self.by_cell: dict[tuple[str, int, int], list[Place]] = defaultdict(list)
        self.names: set[str] = set()
        self.vague: dict[tuple[str, bool, bool], Place] = {}  # the first by name, has a street, has a spot
        self.by_hint: dict[str, list[Place]] = defaultdict(list)

    def add(self, place: Place) -> None:
        if place.values.get("external_id"):
            self.by_external[place.values["source"], place.values["external_id"]] = place
        if place.street:
            self.by_street[place.name, place.street].append(place)
        if place.has_spot:
            self.by_cell[place.name, *_cell(place.spot)].append(place)
        self.vague.setdefault((place.name, bool(place.street), place.has_spot), place)
        self.names.add(place.name)
        for hint in self.hints(place):
            self.by_hint[hint].append(place)

    def hints(self, place: Place) -> Iterator[str]:
        """What two names of one partner would share; its people tell only namesakes apart, for many work at two places."""
        if place.email:
            yield f"e-mail address {place.email}"
        phone = place.values.get("phone", "")
        if phone and read_phone(phone, self.region):
            yield f"phone {read_phone(phone, self.region)}"
        if place.domain and not SHARED_HOSTS.search(place.domain):
            yield f"website {place.domain}"
        yield from (f"{PERSON}{key}" for key in sorted(place.people) if "@" in key)

    def find_certain(self, place: Place) -> Place | None:
        """The same name in the same street or on the same spot."""
        for other in self.by_street.get((place.name, place.street), ()) if place.street else ():
            if place.where(other) == "same":
                return other
        return next((other for other in self._around(place) if place.where(other) == "same"), None)

    def find_likely(self, place: Place) -> tuple[Place | None, str, bool]:
        """Another place that may be this one, why, and whether it is certain after all."""
        doubtful = self._doubtful_namesake(place)
        hints = list(self.hints(place))
        for hint in hints if doubtful else ():
            namesakes = [other for other in self.by_hint.get(hint, ()) if other.name == place.name]
            if len(namesakes) == 1 and place.where(namesakes[0]) != "apart":
                return namesakes[0], "", True
        if doubtful:
            return doubtful, "Possible duplicate: same name, no address to tell them apart", False
        for hint in hints:
            for other in self.by_hint.get(hint, ())[:50] if not hint.startswith(PERSON) else ():
                if place.where(other) != "apart":
                    return other, f"Possible duplicate: same {hint}, another name", False
        return None, "", False

    def has_namesake(self, place: Place) -> bool:
        return place.name in self.names

    def _doubtful_namesake(self, place: Place) -> Place | None:
        """A namesake close by, or one that neither street nor distance can tell apart from this place."""
        near = next((other for other in self._around(place) if place.where(other) == "near"), None)
        return near or next(
            (
                other
                for (has_street, has_spot) in ((False, False), (False, True), (True, False), (True, True))
                if (other := self.vague.get((place.name, has_street, has_spot))) and place.where(other) == "unknown"
            ),
            None,
        )

    def _around(self, place: Place) -> Iterator[Place]:
        if place.has_spot and place.name in self.names:
            row, column = _cell(place.spot)
            for x in (row - 1, row, row + 1):
                for y in (column - 1, column, column + 1):
                    yield from self.by_cell.get((place.name, x, y), ())


def known_places(region: str) -> Places:
    """Every partner there is, archived ones too, with the people at each."""
    people = defaultdict(set)
    for partner, email, name in Role.objects.values_list("partner", "contact__email", "contact__name"):
        people[partner].update({email.lower(), plain(name)} - {""})
    places = Places(region)
    for values in Partner.objects.order_by("pk").values("pk", "archived_at", *FIELDS).iterator(5000):
        pk, archived_at = values.pop("pk"), values.pop("archived_at")
        places.add(Place(values, pk, is_archived=bool(archived_at), people=people[pk]))
    return places


def judge(
    rows: Iterable[Row], places: Places, *, overwrite: bool = False, decisions: dict[int, str] | None = None
) -> Iterator[Verdict]:
    """Yield each row's fate, in the file's order. Places learns the new ones on the way."""
    decisions = decisions or {}
    for row in rows:
        if row.problem:
            yield Verdict(row, Fate.PROBLEM, row.problem)
            continue
        place = Place(row.values, number=row.number, people=_person_keys(row))
        if "city" in row.assumed:
            place.city = ""  # a city that is only assumed tells no two places apart
        yield _judge_one(row, place, places, overwrite, decisions.get(row.number, ""))


def _judge_one(row: Row, place: Place, places: Places, overwrite: bool, decision: str) -> Verdict:
    same = places.by_external.get((row.values.get("source", ""), row.values.get("external_id", "")))
    same = same or places.find_certain(place)
    why, is_certain = "", True
    if same is None:
        same, why, is_certain = places.find_likely(place)
    if same is None or (not is_certain and decision == ImportRow.Decision.NEW):
        return _new(row, place, places)
    if not is_certain and not (decision == ImportRow.Decision.SAME or _says_nothing_new(row, same)):
        return Verdict(row, Fate.DUPLICATE, f"{why} ({_spell(same)}).", same, may_decide=True)
    return _same(row, same, places, overwrite)


def _new(row: Row, place: Place, places: Places) -> Verdict:
    reason = "Another branch: same name, another place." if places.has_namesake(place) else ""
    places.add(place)
    return Verdict(row, Fate.NEW, reason, place, has_new_person=bool(row.person))


def _same(row: Row, same: Place, places: Places, overwrite: bool) -> Verdict:
    if same.is_archived:
        return Verdict(row, Fate.DUPLICATE, f"“{same.values['name']}” is archived and stays as it is.", same)
    has_new_person = bool(row.person) and not (_person_keys(row) & same.people)
    same.people |= _person_keys(row)
    if same.number:  # an earlier row of this file is about it
        if has_new_person:
            who = row.person["name"] or row.person["email"]
            return Verdict(row, Fate.UPDATE, f"Adds {who} to row {same.number:,}.", same, {}, True)
        return Verdict(row, Fate.DUPLICATE, f"The same as row {same.number:,} of this file.", same)
    same.number = row.number
    changes, kept = changes_for(row, same.values, overwrite)
    if "external_id" in changes:
        places.by_external[changes["source"], changes["external_id"]] = same
    if not changes and not has_new_person:
        reason = "Already up to date." + (f" Yours stays where the file differs: {', '.join(kept)}." if kept else "")
        return Verdict(row, Fate.UNCHANGED, reason, same)
    doing = [f"{'Sets' if overwrite else 'Fills in'} {', '.join(map(label, changes))}."] if changes else []
    doing += [f"Adds {row.person['name'] or row.person['email']}."] if has_new_person else []
    return Verdict(row, Fate.UPDATE, " ".join(doing), same, changes, has_new_person)


def changes_for(row: Row, current: dict, overwrite: bool) -> tuple[dict, list[str]]:
    """What the row changes on a partner, and the names of what differs and stays. Only blanks unless told to overwrite."""
    changes, kept = {}, []
    is_numbered = bool(current.get("external_id"))
    for name, value in row.values.items():
        if current.get(name) == value or (is_numbered and name in ("source", "external_id")):
            continue
        if current.get(name) in ("", None) or name == "source" or (overwrite and name not in row.assumed):
            changes[name] = value
        elif name not in row.assumed:
            kept.append(label(name))
    return changes, kept


def _says_nothing_new(row: Row, same: Place) -> bool:
    """Every value of the row stands there already, so whether it is another place makes no difference."""
    told = {name: value for name, value in row.values.items() if name not in (*row.assumed, "source", "external_id")}
    is_known = all(same.values.get(name) == value for name, value in told.items())
    is_the_same_number = same.values.get("external_id", "") == row.values.get("external_id", "")
    return bool(same.pk) and is_known and is_the_same_number and _person_keys(row) <= same.people


def _person_keys(row: Row) -> set[str]:
    email, name = row.person.get("email", ""), plain(row.person.get("name", ""))
    return {email} if email else {name} - {""}


def _spell(place: Place) -> str:
    where = place.values.get("street") or place.values.get("city") or ""
    return f"row {place.number:,}" if not place.pk else f"“{place.values['name']}”{', ' + where if where else ''}"


def label(name: str) -> str:
    return {"email": "e-mail", "source": "its list", "external_id": "its number"}.get(name, name.replace("_", " "))


def plain(text: str) -> str:
    """Lower case, no accents or signs, no “Inc.”: what two spellings of a name have in common."""
    letters = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.findall(r"\w+", letters.replace("'", "").replace("’", ""))
    return " ".join(word for word in words if word not in COMPANY_WORDS) or " ".join(words)


def plain_street(text: str) -> str:
    words = plain(text.split("\n")[0]).split()
    return " ".join(STREET_WORDS.get(word, word) for word in words)


def metres(one: tuple, other: tuple) -> float:
    """The distance between two spots, as the crow flies."""
    (lat1, lon1), (lat2, lon2) = one, other
    x = math.radians(lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(x, math.radians(lat2 - lat1)) * 6_371_000


def _cell(spot: tuple) -> tuple[int, int]:
    return math.floor(spot[0] / CELL_DEGREES), math.floor(spot[1] / CELL_DEGREES)
