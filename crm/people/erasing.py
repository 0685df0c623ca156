"""Somebody wants us to forget them: their rows stay, for they are counted, and say nothing of them any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignObjectRel, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from wagtail.models import ModelLogEntry

from crm.people.models import Contact

ERASED = "Erased"
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


def holds(contact: Contact, *, apart_from: Collection[str], emptied: Mapping[str, Collection[int]]) -> bool:
    """Does anything else in the practice need this contact, apart from these models (as “mail.Message”) and rows?"""
    relations = [
        field for field in Contact._meta.get_fields(include_hidden=True) if isinstance(field, ForeignObjectRel)
    ]
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: contact.pk})
        .exclude(pk__in=emptied.get(relation.related_model._meta.label, ()))
        .exists()
        for relation in relations
        if relation.related_model._meta.label not in apart_from
    )


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
