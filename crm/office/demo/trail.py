"""The audit trail of the demo: each line dated to the moment it tells of, not to the second of loading."""

from __future__ import annotations

from datetime import datetime

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, OuterRef, Subquery

from campaigns.models import Broadcast
from crm.people.models import Contact
from partners.models import FollowUp, Gift, Partner, Referral, Role, Touch
from workshops.models import Registration, Workshop

BEGINNINGS: tuple[tuple[type[Model], str], ...] = (
    (Partner, "created_at"),
    (Contact, "created_at"),
    (Role, "partner__created_at"),
    (Touch, "created_at"),
    (FollowUp, "created_at"),
    (Referral, "received_at"),
    (Gift, "created_at"),
    (Workshop, "created_at"),
    (Registration, "created_at"),
    (Broadcast, "created_at"),
)


def date_last(row: Model, *, at: datetime) -> None:
    """Date the newest line about a row."""
    newest = LogEntry.objects.get_for_object(row).order_by("-pk").values("pk")[:1]
    LogEntry.objects.filter(pk=Subquery(newest)).update(timestamp=at)


def date_beginnings() -> None:
    """Date the first line about every row to when the row itself says it began."""
    for model, began_at in BEGINNINGS:
        kind = ContentType.objects.get_for_model(model)
        told = model._base_manager.filter(pk=OuterRef("object_id"))
        lines = LogEntry.objects.filter(content_type=kind, action=LogEntry.Action.CREATE)
        lines.update(timestamp=Subquery(told.values(began_at)[:1]))
