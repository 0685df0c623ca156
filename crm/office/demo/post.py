"""The demo's mail: kept in the outbox by the local transport, whatever is set up for sending, at the hour it belongs."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from crm.mail.models import Message
from crm.mail.sending import send_some
from crm.mail.transports.local import LocalTransport
from crm.people.models import PracticeProfile


def keep(messages: QuerySet[Message], *, at: datetime) -> None:
    """Hand over these waiting messages as it was done at a moment in the past."""
    waiting = messages.filter(state=Message.State.QUEUED)
    late = waiting.filter(expires_at__isnull=False)
    expires = {key: moment for key, moment in late.values_list("pk", "expires_at") if moment}
    late.update(expires_at=timezone.now() + timedelta(hours=1))  # the past is not too late for the past
    keys = list(waiting.values_list("pk", flat=True))
    while send_some(LocalTransport(), practice=PracticeProfile.load(), until=math.inf):
        pass
    told = Message.objects.filter(pk__in=keys)
    told.update(created_at=at, not_before=at, claimed_at=at, settled_at=at + timedelta(seconds=2))
    told.filter(posting_at__isnull=False).update(posting_at=F("claimed_at"))
    for key, moment in expires.items():
        Message.objects.filter(pk=key).update(expires_at=max(moment, at))
