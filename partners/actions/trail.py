"""What a compare-and-set changed, written to the change history: an update() passes it by."""

from __future__ import annotations

from collections.abc import Mapping

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from crm.people.models import User
from partners import identity
from partners.imports.writing import insert

Changes = dict[str, tuple[object, object]]


def note(row: models.Model, by: User | None, **changes: tuple[object, object]) -> None:
    """Add one line to the change history of this row: each field, before and after."""
    LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=_written(changes), actor=by)


def note_many(changes: Mapping[models.Model, Changes], by: User | None) -> None:
    """Add a line to the change history of each of these rows, in one go however many they are."""
    now = timezone.now()
    kinds = {model: ContentType.objects.get_for_model(model).pk for model in {type(row) for row in changes}}
    insert(
        [
            LogEntry(
                content_type_id=kinds[type(row)],
                object_pk=str(row.pk),
                object_id=row.pk,
                object_repr=str(row),
                action=LogEntry.Action.UPDATE,
                changes=_written(changed),
                actor_id=by and by.pk,
                timestamp=now,
            )
            for row, changed in changes.items()
        ]
    )


def note_confirmed(row: models.Model, by: User | None, seen: list[identity.Seen]) -> None:
    """Note that somebody was asked whether this text names a patient, and saved it; not the words themselves."""
    note(row, by, looks_like_a_patient=("asked", f"saved all the same: {identity.kinds(seen)}"))


def _written(changes: Changes) -> dict[str, list[str]]:
    return {field: [str(value) for value in values] for field, values in changes.items()}
