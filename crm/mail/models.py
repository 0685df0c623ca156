from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.people.models import Contact, Purpose


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
CONSENT_NEEDED = {
    MessageClass.PARTNER: Purpose.PARTNER,
    MessageClass.MARKETING: Purpose.NEWS,
    MessageClass.CARE: Purpose.CARE,
}


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

    def seen_by(self, user) -> MessageQuerySet:
        """What this user may read. A system message may hold a password link, so only those who may act see it."""
        return self if user.has_perm("mail.change_message") else self.exclude(message_class=MessageClass.SYSTEM)

    def open(self) -> MessageQuerySet:
        """Everything that has not reached an end."""
        return self.filter(state__in=Message.OPEN_STATES)


class Message(models.Model):
    """One e-mail to one contact. The table is the outbox, and the ledger of what became of each message."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        CLAIMED = "claimed", "Taken by a worker"
        POSTING = "posting", "On its way"
        HANDED_OVER = "handed_over", "Handed over"
        SKIPPED = "skipped", "Not sent"
        EXPIRED = "expired", "Too late"
        REJECTED = "rejected", "Refused"
        UNKNOWN = "unknown", "Unknown"

    class Priority(models.IntegerChoices):
        NOW = 0, "At once"
        NORMAL = 5, "Normal"
        BULK = 9, "Bulk"

    OPEN_STATES = (State.QUEUED, State.CLAIMED, State.POSTING)
    REPEATABLE_STATES = (State.REJECTED, State.UNKNOWN)

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
            models.CheckConstraint(condition=Q(message_class__in=MessageClass.values), name="message_class_known"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "claimed", "posting"], settled_at=None)
                | Q(state__in=["handed_over", "skipped", "expired", "rejected", "unknown"], settled_at__isnull=False),
                name="message_settled_or_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_at__isnull=False), name="message_claimed_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="posting") | Q(posting_at__isnull=False), name="message_posting_has_time"
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

    @property
    def is_too_late(self) -> bool:
        return self.expires_at is not None and self.expires_at < timezone.now()

    @property
    def masked_address(self) -> str:
        """Enough of the address for its owner to know it, on a page that anybody with the link can open."""
        local, _, domain = self.to_email.rpartition("@")
        return f"{local[:1]}…\N{WORD JOINER}@{domain}"

    @property
    def is_letter(self) -> bool:
        """Does it carry an unsubscribe link?"""
        return self.message_class in LETTER_CLASSES


class Attachment(models.Model):
    """A file that goes with a content."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="attachments")
    filename = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.filename


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of(self, email: str) -> SuppressionQuerySet:
        return self.filter(email_hash=address_hash(email))

    def against(self, message: Message) -> SuppressionQuerySet:
        """What keeps this very message from its address."""
        scopes = [
            Suppression.Scope.ALL,
            *([Suppression.Scope.LETTERS] if message.message_class in CONSENT_NEEDED else []),
        ]
        return self.of(message.to_email).filter(scope__in=scopes)

    def scopes_of(self, emails: Iterable[str]) -> dict[str, set[str]]:
        """Which scopes are closed for each of these addresses, asked in one query."""
        by_hash = {address_hash(email): email for email in emails}
        closed: dict[str, set[str]] = {}
        for digest, scope in self.filter(email_hash__in=by_hash).values_list("email_hash", "scope"):
            closed.setdefault(by_hash[bytes(digest)], set()).add(scope)
        return closed


class Suppression(models.Model):
    """Never write to this address. Only its hash is kept, so the row can outlive the contact."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "The address does not exist"
        COMPLAINED = "complained", "Marked a letter as spam"
        BY_HAND = "by_hand", "Added by hand"

    class Scope(models.TextChoices):
        ALL = "all", "Everything"
        LETTERS = "letters", "Letters"

    email_hash = models.BinaryField(max_length=32)
    scope = models.CharField(
        "closed for",
        max_length=8,
        choices=Scope.choices,
        default=Scope.LETTERS,
        help_text="Closed for letters, the address still gets confirmations and reminders.",
    )
    reason = models.CharField(max_length=14, choices=Reason.choices)
    created_at = models.DateTimeField("since", default=timezone.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "closed address"
        verbose_name_plural = "closed addresses"
        constraints = [models.UniqueConstraint(fields=["email_hash", "scope"], name="suppression_once")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.get_scope_display()}"

    @property
    def fingerprint(self) -> str:
        """The first digits of the hash: enough to tell two rows apart, and no address."""
        return bytes(self.email_hash).hex()[:12]
