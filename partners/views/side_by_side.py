"""What the pages for merging partners and for merging people have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, F, Model, Value
from django.http import Http404

from crm.people.office import OfficeRequest
from partners.actions.joining import links_to

Record = TypeVar("Record", bound=Model)
NOUNS = {
    "partners.Role.partner": ("person", "people"),
    "partners.Role.contact": ("place at a partner", "places at partners"),
    "partners.Partner.merged_into": ("partner merged before", "partners merged before"),
    "partners.ToMeet.partner": ("person to meet", "people to meet"),
    "partners.Touch_contacts.contact": ("touch", "touches"),
    "people.Contact.merged_into": ("contact merged before", "contacts merged before"),
    "people.ConsentEvent.contact": ("line about what they agreed to", "lines about what they agreed to"),
    "mail.Message.contact": ("e-mail to them", "e-mails to them"),
    "mail.InboundMail.contact": ("e-mail from them", "e-mails from them"),
    "campaigns.Recipient.partner": ("letter to its people", "letters to its people"),
    "campaigns.Recipient.contact": ("letter to many", "letters to many"),
}


@dataclass
class Choice:
    """One field of the two, and which value the merged record gets unless somebody says otherwise."""

    name: str
    label: str
    kept: str
    gone: str
    chosen: str

    @property
    def differs(self) -> bool:
        return self.kept != self.gone

    @property
    def may_be_both(self) -> bool:
        return self.name == "notes" and bool(self.kept and self.gone)


def key_of(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def two(model: type[Record], request: OfficeRequest) -> list[Record]:
    """Both records that a form names, in order of their keys."""
    keys = [key for name in ("first", "second") if (key := key_of(request.POST.get(name, "")))]
    found = list(model._base_manager.filter(pk__in=keys).order_by("pk"))
    if len(found) != 2:
        raise Http404
    return found


def counts_of(model: type[Model], keys: Collection[int], labels: Iterable[str]) -> dict[tuple[str, int], int]:
    """How many rows hang on each of these records, by the column that points there; one query."""
    counted = []
    for label in labels:
        link = links_to(model)[label]
        rows = link.model._base_manager.filter(**{f"{link.name}__in": keys}).order_by()
        named = rows.annotate(hangs_by=Value(label), hangs_on=F(link.attname))
        counted.append(named.values("hangs_by", "hangs_on").annotate(n=Count("pk")))
    return {(row["hangs_by"], row["hangs_on"]): row["n"] for row in counted[0].union(*counted[1:], all=True)}


def moving(gone: Model, counts: Mapping[tuple[str, int], int]) -> list[str]:
    """12 touches, 1 referral, 2 people: what goes over."""
    found = []
    for label, link in links_to(type(gone)).items():
        if n := counts.get((label, gone.pk), 0):
            meta = link.model._meta
            one, many = NOUNS.get(label, (str(meta.verbose_name), str(meta.verbose_name_plural)))
            found.append(f"{n:,} {one if n == 1 else many}")
    return found


def kept_of(
    found: Mapping[int, Record], counts: Mapping[tuple[str, int], int], request: OfficeRequest
) -> tuple[Record, Record]:
    """Who stays and who goes: as asked for, else who is not archived and has more history, else who was here first."""
    history = {key: sum(n for (_label, whose), n in counts.items() if whose == key) for key in found}

    def weight(record: Any) -> tuple:
        return (not record.archived_at, history[record.pk], -record.pk)

    asked = found.get(key_of(request.GET.get("keep", "")) or 0)
    kept = asked or max(found.values(), key=weight)
    return kept, next(record for record in found.values() if record != kept)


def in_words(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
