from __future__ import annotations

import uuid
from collections.abc import Sequence
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from crm.mail.actions import nudge
from crm.mail.letters import SUBJECT_LIMIT, literal
from crm.mail.models import Attachment, Content, Message, MessageClass


class OutboxBackend(BaseEmailBackend):
    """Django's and Wagtail's own mail (a forgotten password) leaves through the one outbox as well."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            queue_plain(mail)
        return len(email_messages)


@transaction.atomic
def queue_plain(mail: EmailMessage) -> list[Message]:
    """Queue a message that Django wrote, once for each of its recipients. Nothing in it is taken for a place."""
    pages = [body for body, kind in getattr(mail, "alternatives", []) if kind == "text/html"]
    content = Content.objects.create(
        subject=literal(" ".join(str(mail.subject).split()))[:SUBJECT_LIMIT],
        text=literal(str(mail.body)),
        html=literal(str(pages[0])) if pages else "",
    )
    for filename, body, kind in (file for file in mail.attachments if isinstance(file, tuple)):
        body = body.encode() if isinstance(body, str) else body
        Attachment.objects.create(
            content=content, filename=filename or "file", content_type=kind or "application/octet-stream", body=body
        )
    queued = []
    for recipient in mail.recipients():
        name, email = parseaddr(recipient)
        queued.append(
            Message.objects.create(
                dedupe_key=f"system:{uuid.uuid4()}",
                message_class=MessageClass.SYSTEM,
                to_email=email,
                to_name=name[:120],
                content=content,
                priority=Message.Priority.NOW,
            )
        )
    nudge()
    return queued
