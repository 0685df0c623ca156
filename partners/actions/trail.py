"""What a compare-and-set changed, written to the change history: an update() passes it by."""

from __future__ import annotations

from auditlog.models import LogEntry
from django.db import models

from crm.people.models import User


def note(row: models.Model, by: User | None, **changes: tuple[object, object]) -> None:
    """Add one line to the change history of this row: each field, before and after."""
    written = {field: [str(value) for value in values] for field, values in changes.items()}
    LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=written, actor=by)
