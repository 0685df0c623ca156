"""Is everything that should run running? Asked by /healthz and by Today."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.status import Stat

from crm.mail.models import Lane, Message

OUTBOX_LATE = timedelta(minutes=5)
OUTBOX_MANY = 1_000


def examine() -> dict[str, bool | str]:
    """Return {"ok": bool, "database": str, "worker": str, "outbox": str}, each part "well" or a sentence."""
    parts = {"database": "well", "worker": "unknown: no database", "outbox": "unknown: no database"}
    try:
        connection.ensure_connection()
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
    """Late mail, counted along the queue's own index and no further than anybody asks; and a way out that stopped."""
    stopped = Lane.objects.filter(is_stopped=True).values_list("reason", flat=True).first()
    if stopped is not None:
        return f"stopped: {stopped or 'sending waits for somebody to mend something'}"
    overdue = Message.objects.filter(due_at__lt=timezone.now() - OUTBOX_LATE)
    late = overdue.order_by()[: OUTBOX_MANY + 1].count()
    many = f"more than {OUTBOX_MANY:,}" if late > OUTBOX_MANY else f"{late:,}"
    return f"late: {many} messages are due for more than {OUTBOX_LATE.seconds // 60} minutes" if late else "well"
