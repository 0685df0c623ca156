from __future__ import annotations

import secrets
import time
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.people.models import Contact, Purpose


def ordered_uuid() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): made later, it sorts later, so a large table grows at one end of its index."""
    milliseconds = time.time_ns() // 1_000_000
    rest = secrets.randbits(74)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | (rest >> 62) << 64 | 0b10 << 62 | rest & (1 << 62) - 1)


class MessageClass(models.TextChoices):
    """Decides the consent needed, the headers, the hours, the cap, and what happens to an unknown outcome."""

    TRANSACTIONAL = "transactional", "Transactional"
    CARE = "care", "Care"
    MARKETING = "marketing", "Marketing"
    PARTNER = "partner", "Partner"
    SYSTEM = "system", "System"


MAY_ACT = "mail.change_message"  # who may act on messages may read the system's own
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
    by_day_in = models.CharField(
        "leaves by day in",
        max_length=60,
        blank=True,
        help_text="A time zone. What is a confirmation or a reminder, and wakes nobody there. Empty: at any hour.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.subject


class Batch(models.Model):
    """One request to a provider: who took it in hand, since when it may have left, and what was answered.

    ``posting_at`` is committed before the first byte travels. So a lost worker's batch without it never left, and one
    with it may have: that is all a crash can leave open.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "In hand"
        ACCEPTED = "accepted", "Accepted"
        NOT_ACCEPTED = "not_accepted", "Not accepted, to be tried again"
        REJECTED = "rejected", "Refused for good"
        SPLIT = "split", "Refused, and taken apart"
        UNKNOWN = "unknown", "Unknown"
        RELEASED = "released", "Given back before it left"

    id = models.UUIDField(primary_key=True, default=ordered_uuid, editable=False)
    transport = models.CharField(max_length=12)
    size = models.PositiveIntegerField(help_text="How many messages it carries.")
    worker = models.CharField(max_length=80, help_text="The host and process that took it.")
    claimed_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField()
    posting_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    status = models.SmallIntegerField(null=True, blank=True, help_text="What the provider's answer began with.")
    provider_id = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=14, choices=Outcome.choices, default=Outcome.OPEN, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-claimed_at"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", answered_at=None) | (~Q(outcome="") & Q(answered_at__isnull=False)),
                name="batch_answered_or_open",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["accepted", "unknown", "split", "rejected"]) | Q(posting_at__isnull=False),
                name="batch_left_before_its_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(outcome=""), name="batch_in_hand"),
            models.Index(fields=["-claimed_at"], name="batch_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.size} by {self.transport}, {self.get_outcome_display().lower()}"


class Lane(models.Model):
    """How fast one transport may be used now, as its provider's answers have taught us; shared by all workers."""

    transport = models.CharField(max_length=12, primary_key=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    is_stopped = models.BooleanField(default=False, help_text="Nothing leaves until a person has mended something.")
    reason = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="General failures since the last success.")
    slowed_at = models.DateTimeField(null=True, blank=True)
    slowed_to = models.FloatField(null=True, blank=True, help_text="Messages a second right after the last 429.")
    next_slot_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.transport


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self) -> MessageQuerySet:
        """Queued messages whose time has come, the most urgent first."""
        return self.filter(due_at__lte=timezone.now()).order_by("priority", "due_at", "pk")

    def seen_by(self, user) -> MessageQuerySet:
        """What this user may read. A system message may hold a password link, so only those who may act see it."""
        return self.seen_by_who(user.has_perm(MAY_ACT))

    def seen_by_who(self, may_act: bool) -> MessageQuerySet:
        """What those who may act on messages may read, or those who may not."""
        return self if may_act else self.exclude(message_class=MessageClass.SYSTEM)

    def open(self) -> MessageQuerySet:
        """Everything that has not reached an end."""
        return self.filter(state__in=Message.OPEN_STATES)


class Message(models.Model):
    """One e-mail to one contact. The table is the outbox, and the ledger of what became of each message.

    ``state`` is what we know of its leaving; ``fate`` is the furthest that the provider has told us of since. The two
    are kept apart, so that reports early, late or twice come to the same.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        CLAIMED = "claimed", "In hand"
        HANDED_OVER = "handed_over", "Handed over"
        SKIPPED = "skipped", "Not sent"
        EXPIRED = "expired", "Too late"
        REJECTED = "rejected", "Refused"
        UNKNOWN = "unknown", "Unknown"

    class Fate(models.IntegerChoices):
        """What the provider reported, in the order in which one outweighs another."""

        SILENT = 0, "Nothing heard"
        PROCESSED = 10, "Accepted by the provider"
        DEFERRED = 20, "Delayed"
        DELIVERED = 30, "Delivered"
        BLOCKED = 40, "Turned away"
        BOUNCED = 50, "Bounced"
        DROPPED = 60, "Dropped"
        COMPLAINED = 70, "Marked as spam"

    class Priority(models.IntegerChoices):
        NOW = 0, "At once"
        NORMAL = 5, "Normal"
        BULK = 9, "Bulk"

    OPEN_STATES = (State.QUEUED, State.CLAIMED)
    REPEATABLE_STATES = (State.REJECTED, State.UNKNOWN)
    FAILED_FATES = (Fate.BLOCKED, Fate.BOUNCED, Fate.DROPPED)

    id = models.UUIDField(primary_key=True, default=ordered_uuid, editable=False)
    dedupe_key = models.CharField(max_length=120, help_text="The one reason this message exists.")
    message_class = models.CharField("class", max_length=14, choices=MessageClass.choices)
    # PostgreSQL would check each row by itself, which was an eighth of a launch: a trigger checks them all at once.
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.PROTECT, related_name="messages", db_constraint=False
    )
    to_email = models.EmailField()
    to_name = models.CharField(max_length=120, blank=True)
    content = models.ForeignKey(
        Content, on_delete=models.PROTECT, related_name="messages", db_index=False, db_constraint=False
    )
    values = models.JSONField(default=dict, help_text="What fills the places in the content.")
    calendar = models.TextField(blank=True, help_text="An iCalendar object that goes with the message, byte for byte.")
    calendar_method = models.CharField(max_length=10, blank=True)
    letterhead = models.JSONField(
        null=True, blank=True, editable=False,
        help_text="Who signs it, for those whose bytes may never change. Empty: the practice as it is then.",
    )  # fmt: skip
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    # Indexed in place of the state: what changes after the claim is in no index, so PostgreSQL updates rows in place.
    due_at = models.GeneratedField(
        expression=models.Case(models.When(state="queued", then=F("not_before"))),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Indexed in place of the state, for the same reason.
    unsent_at = models.GeneratedField(
        expression=models.Case(
            models.When(state__in=["skipped", "expired", "rejected", "unknown"], then=F("created_at"))
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.SmallIntegerField(default=0)
    is_repeat = models.BooleanField(default=False, help_text="Sent again after an unknown outcome: it may come twice.")
    batch = models.ForeignKey(
        Batch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_constraint=False,
        db_index=False,
    )
    provider_id = models.CharField(max_length=200, blank=True)
    fate = models.SmallIntegerField(choices=Fate.choices, default=Fate.SILENT)
    fate_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], name="message_once_per_reason"),
            models.CheckConstraint(condition=~Q(dedupe_key=""), name="message_has_a_reason"),
            models.CheckConstraint(
                condition=Q(calendar="", calendar_method="") | (~Q(calendar="") & ~Q(calendar_method="")),
                name="message_calendar_has_method",
            ),
            models.CheckConstraint(condition=Q(message_class__in=MessageClass.values), name="message_class_known"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "claimed"], settled_at=None)
                | Q(state__in=["handed_over", "skipped", "expired", "rejected", "unknown"], settled_at__isnull=False),
                name="message_settled_or_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(batch__isnull=False), name="message_claimed_in_a_batch"
            ),
            models.CheckConstraint(
                condition=Q(fate=0, fate_at=None) | (Q(fate__gt=0) & Q(fate_at__isnull=False)),
                name="message_fate_has_time",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gte=F("not_before")), name="message_expires_after_start"
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "due_at", "id"], condition=Q(due_at__isnull=False), name="message_due_first"
            ),
            models.Index(fields=["-created_at"], name="message_newest"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="message_of_batch"),
            # The few that ended in another way than handed over: what leaves costs nothing here.
            models.Index(fields=["-unsent_at"], condition=Q(unsent_at__isnull=False), name="message_unsent"),
        ]

    def __str__(self) -> str:
        return f"{self.content.subject} to {self.to_email}"

    @property
    def is_too_late(self) -> bool:
        return self.expires_at is not None and self.expires_at < timezone.now()

    @property
    def is_on_its_way(self) -> bool:
        """Has its batch begun to leave, and not been answered yet?"""
        return self.state == self.State.CLAIMED and self.batch is not None and self.batch.posting_at is not None

    @property
    def transport(self) -> str:
        """The way it went, or is going; empty while it waits."""
        return self.batch.transport if self.batch else ""

    @property
    def standing(self) -> str:
        """In a word or two: what the provider reported where it did, else what we know of its leaving."""
        if self.fate != self.Fate.SILENT and self.state == self.State.HANDED_OVER:
            return self.get_fate_display()
        return "On its way" if self.is_on_its_way else self.get_state_display()

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
