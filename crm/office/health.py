"""Is everything that should run running? Asked by /healthz and by Today."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.status import Stat

from crm.mail.models import Message

OUTBOX_LATE = timedelta(minutes=5)


def examine() -> dict[str, bool | str]:
    """Return {"ok": bool, "database": str, "worker": str, "outbox": str}, each part "well" or a sentence."""
    parts = {"database": "well", "worker": "unknown: no database", "outbox": "unknown: no database"}
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["worker"] = _worker()
        parts["outbox"] = _outbox()
    except DatabaseError as problem:
        connection.close()
        parts["database"] = f"away: {problem.__class__.__name__}"
    return {"ok": set(parts.values()) == {"well"}, **parts}


def _worker() -> str:
    # A worker renews its entry every second, and the entry lives for three.
    return "well" if Stat.get_all() else "away: no worker has reported in the last three seconds"


def _outbox() -> str:
    late = Message.objects.due().filter(not_before__lt=timezone.now() - OUTBOX_LATE).count()
    return f"late: {late} messages are due for more than {OUTBOX_LATE.seconds // 60} minutes" if late else "well"
