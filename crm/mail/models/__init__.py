"""The post room's tables: the outbox and its batches, closed addresses, and what the provider tells us."""

from crm.mail.models.decisions import Decision
from crm.mail.models.links import LinkKey, new_token
from crm.mail.models.messages import (
    CONSENT_NEEDED,
    LETTER_CLASSES,
    Attachment,
    Batch,
    Content,
    Lane,
    Message,
    MessageClass,
    MessageQuerySet,
    ordered_uuid,
)
from crm.mail.models.provider import DeliveryEvent, EventReport, InboundMail
from crm.mail.models.suppression import Closure, Pause, Reopening, Suppression, SuppressionQuerySet, address_hash

__all__ = [
    "CONSENT_NEEDED",
    "LETTER_CLASSES",
    "Attachment",
    "Batch",
    "Closure",
    "Content",
    "Decision",
    "DeliveryEvent",
    "EventReport",
    "InboundMail",
    "Lane",
    "LinkKey",
    "Message",
    "MessageClass",
    "MessageQuerySet",
    "Pause",
    "Reopening",
    "Suppression",
    "SuppressionQuerySet",
    "address_hash",
    "new_token",
    "ordered_uuid",
]
