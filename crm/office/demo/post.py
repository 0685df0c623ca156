"""The demo's mail: kept in the outbox by the local transport, whatever is set up for sending, at the hour it belongs."""

from __future__ import annotations

import math
from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from crm.mail import inbound, receiving, sending
from crm.mail.models import Batch, Content, InboundMail, Message
from crm.mail.render import subject_line
from crm.mail.transports import Way
from crm.mail.transports.local import LocalTransport
from crm.people.models import PracticeProfile

ANSWERED_AFTER = timedelta(seconds=2)  # by whoever carries it


def keep(messages: QuerySet[Message], *, at: datetime) -> None:
    """Hand over these waiting messages as it was done at a moment in the past."""
    waiting = messages.filter(state=Message.State.QUEUED)
    late = waiting.filter(expires_at__isnull=False)
    expires = {key: moment for key, moment in late.values_list("pk", "expires_at") if moment}
    late.update(expires_at=timezone.now() + timedelta(hours=1))  # the past is not too late for the past
    keys = list(waiting.values_list("pk", flat=True))
    by_day = Content.objects.filter(messages__in=keys).exclude(by_day_in="").distinct()
    zones = dict(by_day.values_list("pk", "by_day_in"))
    Content.objects.filter(pk__in=zones).update(by_day_in="")  # it was day then
    practice = PracticeProfile.load()
    practice.letters_from, practice.letters_until = time.min, time.max
    sending.empty(Way(LocalTransport()), practice=practice, until=math.inf)
    told, answered_at = Message.objects.filter(pk__in=keys), at + ANSWERED_AFTER
    told.update(created_at=at, not_before=at, settled_at=answered_at)
    Batch.objects.filter(messages__in=keys).update(
        claimed_at=at, lease_until=at, posting_at=at, answered_at=answered_at
    )
    for content, zone in zones.items():
        Content.objects.filter(pk=content).update(by_day_in=zone)
    for key, moment in expires.items():
        Message.objects.filter(pk=key).update(expires_at=max(moment, at))


def arrive(words: str, *, answers: Message, headers: str, at: datetime) -> None:
    """Let an answer to this message have come in at a moment in the past, and be looked at."""
    domain = answers.to_email.rpartition("@")[2]
    lines = [
        f"From: {answers.to_name} <{answers.to_email}>",
        f"To: {PracticeProfile.load().email}",
        f"Subject: Re: {subject_line(answers)}",
        f"In-Reply-To: <{answers.pk}@rapport.example>",
        *filter(None, [headers]),
        "Content-Type: text/plain; charset=utf-8",
    ]
    raw = "\r\n".join([*lines, "", words.format(name=answers.to_name)])
    mail = receiving.keep({"email": raw.encode(), "dkim": f"{{@{domain} : pass}}".encode(), "SPF": b"pass"})
    inbound.look_through()
    InboundMail.objects.filter(pk=mail.pk).update(received_at=at)
    InboundMail.objects.filter(pk=mail.pk, handled_at__isnull=False).update(handled_at=at)
