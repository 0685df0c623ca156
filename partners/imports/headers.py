"""Which of our fields each column is: guessed by its name, then by what stands in it. The owner has the last word."""

from __future__ import annotations

import re
import unicodedata

from partners.imports.reading import Table
from partners.imports.refusals import BadMapping

# Our fields in the order of the page: name, what the screen says, the headings it is known by.
FIELDS: list[tuple[str, str, str]] = [
    ("name", "Partner’s name", "name|company|company name|organisation|organization|business|business name|account"
     "|account name|partner|partner name|practice|practice name|clinic|gym|studio|facility|nom|entreprise|nom de l entreprise"),
    ("kind", "Kind", "kind|type|category|leisure type|sport|amenity|healthcare|specialty|speciality|industry|sector"
     "|business type|categorie|genre"),
    ("street", "Street", "street|address|address 1|address line 1|street address|addr|addr street|full address|adresse|rue"),
    ("house_number", "House number", "house number|housenumber|addr housenumber|street number|number|numero|no civique"),
    ("city", "City", "city|town|addr city|municipality|ville|locality"),
    ("postal_code", "Postal code", "postal code|postcode|post code|zip|zip code|zipcode|addr postcode|code postal"),
    ("phone", "Phone", "phone|telephone|phone number|tel|business phone|work phone|main phone|contact phone main|tel no"),
    ("email", "E-mail", "email|e mail|email address|e mail address|business email|courriel|general email|mail"),
    ("website", "Website", "website|web site|url|web|homepage|site|site web|contact website|domain|link"),
    ("opening_hours", "Opening hours", "opening hours|hours|business hours|open|horaires|heures d ouverture"),
    ("latitude", "Latitude", "latitude|lat|y"),
    ("longitude", "Longitude", "longitude|lon|lng|long|x"),
    ("notes", "Notes", "notes|note|comment|comments|description|remarks|remarques|commentaires"),
    ("contact_name", "Person’s name", "contact|contact name|contact person|person|full name|owner|owner name|manager"
     "|primary contact|personne contact|personne ressource"),
    ("contact_first_name", "Person’s first name", "first name|firstname|given name|prenom|contact first name"),
    ("contact_last_name", "Person’s last name", "last name|lastname|surname|family name|nom de famille|contact last name"),
    ("contact_email", "Person’s e-mail", "contact email|contact e mail|person email|owner email|manager email|personal email"),
    ("contact_phone", "Person’s phone", "contact phone|person phone|mobile|mobile phone|cell|cell phone|cellphone|owner phone"),
    ("contact_title", "Person’s title", "title|job title|position|role|contact title|titre|poste|fonction"),
    ("no_letters", "They said no to letters", "unsubscribed|unsubscribe|opt out|opted out|optout|email opt out|opt out of email"
     "|email opted out|has opted out of email|do not email|do not contact|do not mail|no email|no emails|no mail|no letters|desabonne"),
    ("may_write", "Yes or no to letters", "consent|email consent|subscribed|opt in|opted in|optin|newsletter"
     "|mailing list|may be written to|accepts marketing|accepts email marketing|consentement|abonne"),
    ("external_type", "Sort of list number", "osm type"),
    ("external_id", "List number", "osm id|id|external id|record id|identifier|uid"),
]  # fmt: skip
LABELS = {name: label for name, label, _ in FIELDS}
SEVERAL = {"kind", "notes"}
KNOWN_BY = {heading: name for name, _, headings in FIELDS for heading in headings.split("|")}
ORGANISATION = set(FIELDS[0][2].split("|")) - {"name", "nom"}
BY_VALUE = (
    ("email", re.compile(r"^[^@\s]+@[^@\s]+\.\w+$")),
    ("website", re.compile(r"^(https?://|www\.)\S+$", re.IGNORECASE)),
    ("phone", re.compile(r"^\+?[\d(][\d().\-\s]{8,18}\d$")),
    ("postal_code", re.compile(r"^([A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}(-\d{4})?)$", re.IGNORECASE)),
    ("street", re.compile(r"^\d+\w? [^\W\d].+ .+|^\d+ (rue|boulevard|avenue|chemin) ", re.IGNORECASE)),
)
MOST = 0.6


def guess(table: Table) -> dict[str, str]:
    """Return our field for each column, "" for those that are left out. No field is given twice, kinds and notes aside."""
    mapping = dict.fromkeys(table.columns, "")
    for column in table.columns:
        _give(mapping, column, KNOWN_BY.get(_plain(column), ""))
    _tell_people_from_places(mapping)
    for column in table.columns:
        if not mapping[column]:
            _give(mapping, column, _by_value(examples(table, column, 60)))
    if "name" not in mapping.values():
        _give(mapping, _first_wordy_column(table, mapping), "name")
    return mapping


def examples(table: Table, column: str, count: int = 3) -> list[str]:
    """The first different values of a column."""
    position = table.columns.index(column)
    found: dict[str, None] = {}
    for _, cells in table.rows:
        if position < len(cells) and cells[position]:
            found[cells[position]] = None
        if len(found) == count:
            break
    return list(found)


def checked(mapping: dict[str, str], columns: list[str]) -> dict[str, str]:
    """Return a mapping of every column, or refuse: no name, an unknown column or field, one field chosen twice."""
    for column, field in mapping.items():
        if column not in columns:
            raise BadMapping(f"The file has no column “{column}”. It has: {', '.join(columns)}.")
        if field and field not in LABELS:
            raise BadMapping(f"“{field}” is none of our fields. They are: {', '.join(LABELS)}.")
    for field, label in LABELS.items():
        chosen = [column for column, other in mapping.items() if other == field]
        if len(chosen) > 1 and field not in SEVERAL:
            raise BadMapping(f"{label} is chosen for “{'” and “'.join(chosen)}”. Keep one and leave the other out.")
    if "name" not in mapping.values():
        raise BadMapping("No column is chosen for the partner’s name. Choose the one that holds it.")
    return {column: mapping.get(column, "") for column in columns}


def _give(mapping: dict[str, str], column: str, field: str) -> None:
    if column and field and (field in SEVERAL or field not in mapping.values()):
        mapping[column] = field


def _tell_people_from_places(mapping: dict[str, str]) -> None:
    """Beside a column for the organisation a plain “Name” is a person, and with a person a plain e-mail is theirs."""
    organisation = next((column for column in mapping if _plain(column) in ORGANISATION), "")
    name = next((column for column in mapping if _plain(column) in ("name", "nom")), "")
    if organisation and name and "contact_name" not in mapping.values():
        mapping[name], mapping[organisation] = "contact_name", "name"
    has_person = {"contact_name", "contact_first_name", "contact_last_name"} & set(mapping.values())
    if has_person and "contact_email" not in mapping.values():
        for column in [column for column, field in mapping.items() if field == "email"]:
            mapping[column] = "contact_email"


def _by_value(values: list[str]) -> str:
    for field, pattern in BY_VALUE:
        if values and sum(1 for value in values if pattern.match(value)) >= MOST * len(values):
            return field
    return ""


def _first_wordy_column(table: Table, mapping: dict[str, str]) -> str:
    for column in table.columns:
        values = examples(table, column, 20)
        if not mapping[column] and values and sum(any(map(str.isalpha, value)) for value in values) > len(values) / 2:
            return column
    return ""


def _plain(heading: str) -> str:
    """Lower case, no accents, words apart: “OSM_ID”, “Osm-Id” and “osm id” are one heading."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    letters = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", letters))
