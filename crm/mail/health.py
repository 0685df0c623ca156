"""Is the provider still telling us what becomes of our mail?"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from crm.mail.models import Batch, EventReport

REPORT_DUE = timedelta(minutes=10)  # the first report on a message usually comes within a minute
LOOK_BACK = timedelta(days=7)


def last_report_at() -> datetime | None:
    """When the event webhook was last heard of."""
    return EventReport.objects.order_by("-received_at").values_list("received_at", flat=True).first()


def webhook_silence() -> timedelta | None:
    """For how long mail has been handed to SendGrid without any report; None while all is well.

    Also None where no webhook is set up, and while nothing is sent: then there is nothing to report.
    """
    if not settings.SENDGRID_WEBHOOK_KEY:
        return None
    now = timezone.now()
    heard = max(filter(None, [last_report_at(), now - LOOK_BACK]))
    unheard = Batch.objects.filter(transport="sendgrid", outcome=Batch.Outcome.ACCEPTED, claimed_at__gt=heard)
    first = unheard.order_by("claimed_at").values_list("claimed_at", flat=True).first()
    return now - first if first and now - first >= REPORT_DUE else None
