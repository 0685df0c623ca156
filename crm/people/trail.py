"""The change history of rows that are written many at a time: auditlog's own signals would take a query for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from crm.people.inserting import Bundle
from crm.people.models import User


def note_made(rows: Sequence[Model], *, bundle: Bundle, by: User | None = None) -> None:
    """Add the line that says who made each of these rows, all of one model; it is written with the rest of the bundle."""
    if not rows:
        return
    kind, now = ContentType.objects.get_for_model(rows[0]), timezone.now()
    bundle.add(
        LogEntry,
        [
            {
                "content_type_id": kind.pk,
                "object_pk": str(row.pk),
                "object_id": row.pk,
                "object_repr": str(row),
                "action": LogEntry.Action.CREATE,
                "changes": _first_values(row),
                "actor_id": by.pk if by else None,
                "timestamp": now,
            }
            for row in rows
        ],
    )


def _first_values(row: Model) -> dict[str, list[str]]:
    """Each field that has a value, as auditlog writes it; what is empty was empty before."""
    left_out = auditlog.get_model_fields(type(row))["exclude_fields"]
    values = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {
        name: ["None", _written(value)]
        for name, value in values.items()
        if value not in (None, "") and name not in left_out
    }


def _written(value: object) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value)
