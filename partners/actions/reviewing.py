"""What the owner decides once a week, and sets out to do each quarter."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners.actions.refusals import NothingDecided, WeekToCome
from partners.models import Review


@transaction.atomic
def decide(*, monday: date, decision: str, by: User | None) -> Review:
    """Write down the one decision of a week; said again, it takes the place of what was said before."""
    words = decision.strip()[:300]
    if not words:
        raise NothingDecided
    if monday > timezone.localdate():
        raise WeekToCome
    said = {"decision": words, "at": timezone.now(), "by": by}
    review, _made = Review.objects.update_or_create(monday=monday - timedelta(days=monday.weekday()), defaults=said)
    return review
