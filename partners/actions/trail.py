"""What a compare-and-set changed, written to the change history: an update() passes it by."""

from __future__ import annotations

from auditlog.models import LogEntry
from django.db import models

from crm.people.models import User
from partners import identity


def note(row: models.Model, by: User | None, **changes: tuple[object, object]) -> None:
    """Add one line to the change history of this row: each field, before and after."""
    written = {field: [str(value) for value in values] for field, values in changes.items()}
    LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=written, actor=by)


def note_confirmed(row: models.Model, by: User | None, seen: list[identity.Seen]) -> None:
    """Note that somebody was asked whether this text names a patient, and saved it; not the words themselves."""
    note(row, by, looks_like_a_patient=("asked", f"saved all the same: {identity.kinds(seen)}"))
