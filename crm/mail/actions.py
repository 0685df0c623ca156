"""What may happen to mail: written down once, queued with the caller's own commit, sent, and taken off the list."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from crm.mail.models import Content, Message, MessageClass
from crm.people.models import Contact


def queue(
    contact: Contact,
    *,
    message_class: MessageClass,
    dedupe_key: str,
    content: Content,
    values: dict[str, str] | None = None,
    to_email: str = "",
    to_name: str = "",
    calendar: str = "",
    calendar_method: str = "",
    priority: Message.Priority = Message.Priority.NORMAL,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Put one message into the outbox inside the caller's transaction; the same reason twice gives the same message.

    It leaves when the transaction commits and not before ``not_before``; after ``expires_at`` it is not sent at all.
    """
    message, made = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "message_class": message_class,
            "contact": contact,
            "to_email": to_email or contact.email,
            "to_name": to_name or contact.name,
            "content": content,
            "values": values or {},
            "calendar": calendar,
            "calendar_method": calendar_method,
            "priority": priority,
            "not_before": not_before or timezone.now(),
            "expires_at": expires_at,
        },
    )
    if made:
        nudge()
    return message


def nudge() -> None:
    """Wake a worker after the commit. A lost nudge costs a minute, no message: the next tick finds what is due."""
    transaction.on_commit(lambda: async_task("crm.mail.actions.drain", group="drain"))


def drain() -> int:
    """Send what is due, then stop; return how many messages were settled."""
    return 0
