"""Somebody wants us to forget them: their rows stay, for they are counted, and say nothing of them any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any

from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from wagtail.models import ModelLogEntry

from crm.people.actions import consenting
from crm.people.models import Contact, Purpose

ERASED = "Erased"
# These go or stay with the contact; anything else that knows it needs it for a reason of its own.
WITH_THEM = frozenset(
    {
        "people.ConsentEvent",
        "mail.Message",
        "mail.InboundMail",
        "mail.Pause",
        "campaigns.Recipient",
        "partners.NotOnePerson",
    }
)
PERSONAL = frozenset({"name", "email", "phone", "heard_from", "doubt", "rating_words"})


def ask_rooms(contact: Contact) -> dict[str, set[int]]:
    """Have each room that keeps more of somebody forget it too; what they emptied, by model, needs the contact no longer.

    The rooms above name themselves in ``FORGETTERS``: a function of the contact, which returns the keys of its rows.
    """
    emptied: dict[str, set[int]] = defaultdict(set)
    for path in settings.FORGETTERS:
        for label, keys in import_string(path)(contact).items():
            emptied[label] |= set(keys)
    return emptied


def holds(contact: Contact, *, apart_from: Collection[str], emptied: Mapping[str, Collection[Any]]) -> bool:
    """Does anything else in the practice need this contact, apart from these models (as “mail.Message”) and rows?"""
    return any(
        rows.filter(**{name: contact.pk}).exclude(pk__in=emptied.get(rows.model._meta.label, ())).exists()
        for rows, name in _about_contacts(apart_from)
    )


def needed(*, apart_from: Collection[str]) -> Q:
    """The same question of many contacts at once: does anything in the practice, apart from these models, know them?"""
    about = (rows.filter(**{name: OuterRef("pk")}) for rows, name in _about_contacts(apart_from))
    return reduce(or_, (Q(Exists(rows)) for rows in about))


def wants_letters() -> Q:
    """Contacts whose latest word on any sort of letter is a yes."""
    one = Contact.objects.filter(pk=OuterRef("pk"))
    return reduce(or_, (Q(Exists(consenting(one, purpose=purpose))) for purpose in Purpose))


def _about_contacts(apart_from: Collection[str]) -> Iterator[tuple[QuerySet[Any], str]]:
    """Each table that points at contacts, and by which field."""
    for field in Contact._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObjectRel) and field.related_model._meta.label not in apart_from:
            yield field.related_model._base_manager.all(), field.field.name


def scrub(contact: Contact) -> None:
    """Take name, address and number off a contact, put it away, and off its history."""
    Contact.objects.filter(pk=contact.pk).update(name=ERASED, email="", phone="", archived_at=timezone.now())
    scrub_trail(Contact.objects.filter(pk=contact.pk))


def scrub_trail(rows: QuerySet[Any], *, also: tuple[str, ...] = ()) -> None:
    """Who changed what and when stays on record, without the words that name somebody; ``also`` are further fields."""
    kind, keys = ContentType.objects.get_for_model(rows.model), list(rows.values_list("pk", flat=True))
    entries = LogEntry.objects.filter(content_type=kind, object_pk__in=[str(key) for key in keys])
    LogEntry.objects.bulk_update(
        _scrubbed(entries, also), ["object_repr", "changes", "changes_text", "serialized_data"]
    )
    ModelLogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys]).update(label=ERASED)


def _scrubbed(entries: Iterable[LogEntry], also: tuple[str, ...]) -> list[LogEntry]:
    scrubbed = []
    for entry in entries:
        entry.object_repr, entry.changes_text, entry.serialized_data = ERASED, "", None
        entry.changes = {
            field: [ERASED, ERASED] if field in PERSONAL or field in also else pair
            for field, pair in (entry.changes or {}).items()
        }
        scrubbed.append(entry)
    return scrubbed
