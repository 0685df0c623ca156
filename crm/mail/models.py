from __future__ import annotations

import hashlib
import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.people.models import Contact


def new_token() -> str:
    """An opaque, unguessable token of 128 bits for links in letters."""
    return secrets.token_urlsafe(16)


def address_hash(email: str) -> bytes:
    """The SHA-256 of an address, case and surrounding spaces ignored: what a suppression remembers."""
    return hashlib.sha256(email.strip().lower().encode()).digest()


class MessageClass(models.TextChoices):
    """Decides the consent needed, the headers, and what happens to an unknown outcome."""

    TRANSACTIONAL = "transactional", "Transactional"
    CARE = "care", "Care"
    MARKETING = "marketing", "Marketing"
    PARTNER = "partner", "Partner"
    SYSTEM = "system", "System"


LETTER_CLASSES = (MessageClass.MARKETING, MessageClass.PARTNER)


class Content(models.Model):
    """The words of one letter, shared by all who get it. Places such as [[first_name|there]] are filled per message."""

    subject = models.CharField(max_length=200)
    html = models.TextField(blank=True)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.subject


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self) -> MessageQuerySet:
        """Queued messages whose time has come, the most urgent first."""
        return self.filter(state=Message.State.QUEUED, not_before__lte=timezone.now()).order_by(
            "priority", "not_before", "pk"
        )

    def open(self) -> MessageQuerySet:
        """Everything that has not reached an end."""
        return self.filter(state__in=Message.OPEN_STATES)


class Message(models.Model):
    """One e-mail to one contact. The table is the outbox, and the ledger of what became of each message."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        CLAIMED = "claimed", "Taken by a worker"
        POSTING = "posting", "On its way to the provider"
        HANDED_OVER = "handed_over", "Handed over"
        SKIPPED = "skipped", "Not sent"
        EXPIRED = "expired", "Too late to be worth sending"
        REJECTED = "rejected", "Refused by the provider"
        UNKNOWN = "unknown", "Unknown: it may have left"

    class Priority(models.IntegerChoices):
        NOW = 0, "At once"
        NORMAL = 5, "Normal"
        BULK = 9, "Bulk"

    OPEN_STATES = (State.QUEUED, State.CLAIMED, State.POSTING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedupe_key = models.CharField(max_length=120, unique=True, help_text="The one reason this message exists.")
    message_class = models.CharField("class", max_length=14, choices=MessageClass.choices)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="messages")
    to_email = models.EmailField()
    to_name = models.CharField(max_length=120, blank=True)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="messages")
    values = models.JSONField(default=dict, help_text="What fills the places in the content.")
    calendar = models.TextField(blank=True, help_text="An iCalendar object that goes with the message, byte for byte.")
    calendar_method = models.CharField(max_length=10, blank=True)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    posting_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.SmallIntegerField(default=0)
    transport = models.CharField(max_length=12, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(dedupe_key=""), name="message_has_a_reason"),
            models.CheckConstraint(
                condition=Q(calendar="", calendar_method="") | (~Q(calendar="") & ~Q(calendar_method="")),
                name="message_calendar_has_method",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gte=F("not_before")), name="message_expires_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["priority", "not_before", "id"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["state"], condition=Q(state__in=["claimed", "posting"]), name="message_in_hand"),
            models.Index(fields=["-created_at"], name="message_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.content.subject} to {self.to_email}"


class Attachment(models.Model):
    """A file that goes with a content."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="attachments")
    filename = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.filename


class Suppression(models.Model):
    """Never write to this address. Only its hash is kept, so the row can outlive the contact."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "The address does not exist"
        COMPLAINED = "complained", "Marked a letter as spam"
        BY_HAND = "by_hand", "Added by hand"

    class Scope(models.TextChoices):
        ALL = "all", "Everything"
        LETTERS = "letters", "Letters (confirmations and reminders still go)"

    email_hash = models.BinaryField(max_length=32)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.LETTERS)
    reason = models.CharField(max_length=14, choices=Reason.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email_hash", "scope"], name="suppression_once")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.get_scope_display()}"
