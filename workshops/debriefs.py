"""Which workshops still wait to be looked back on. How they went is counted in ``outcome/counting.py``."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from partners.models import FollowUp
from workshops.models import Workshop

DUE_AFTER = timedelta(days=7)
FORGOTTEN_AFTER = timedelta(days=90)


def waiting_for_debrief(now: datetime) -> QuerySet[Workshop]:
    """Held a week ago and more, never looked back on, and no open to do of its plan says so; the latest first."""
    held = Workshop.objects.filter(state__in=[Workshop.State.OPEN, Workshop.State.HELD])
    over = held.filter(ends_at__lt=now - DUE_AFTER, ends_at__gt=now - FORGOTTEN_AFTER)
    key = Concat(Value(":workshop:"), Cast(OuterRef("pk"), CharField()), Value(":"))
    asked = FollowUp.objects.open().filter(partner=OuterRef("host"), once_key__contains=key)
    return (
        over.filter(Q(debrief=None) | Q(debrief__closed_at=None)).exclude(Exists(asked)).order_by(F("ends_at").desc())
    )
