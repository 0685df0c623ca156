"""What the world told us: the provider's reports on what we sent, and mail that came in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower
from django.utils import timezone

from crm.mail.models.messages import Message
from crm.people.models import Contact, User


class EventReport(models.Model):
    """One post of the provider's event webhook: stored first, applied after.

    The body is kept only where it could not be read as events, so that nothing that was signed is lost.
    """

    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField(help_text="How many events it brought.")
    unreadable = models.BinaryField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["-received_at"], name="report_newest"),
            models.Index(fields=["id"], condition=Q(applied_at=None), name="report_not_applied"),
        ]

    def __str__(self) -> str:
        return f"{self.size} events at {self.received_at:%Y-%m-%d %H:%M}"


class DeliveryEvent(models.Model):
    """One thing the provider told us about one message, as it came. Rows are only added, and each event once."""

    event_id = models.CharField(max_length=100, help_text="The provider's own id of the event, or a hash of it.")
    report = models.ForeignKey(EventReport, on_delete=models.PROTECT, related_name="events", db_constraint=False)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="events", db_constraint=False
    )
    kind = models.CharField(max_length=24)
    rank = models.SmallIntegerField(choices=Message.Fate.choices, default=Message.Fate.SILENT)
    happened_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    raw = models.JSONField(help_text="The event as the provider sent it.")

    class Meta:
        ordering = ["happened_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["event_id"], name="event_once")]
        indexes = [
            models.Index(fields=["happened_at", "rank"], name="event_when"),
            models.Index(fields=["happened_at"], condition=Q(rank__gte=40), name="event_gone_wrong"),
            models.Index(
                Lower(KeyTextTransform("email", "raw")), condition=Q(kind="blocked"), name="event_turned_away"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.happened_at:%Y-%m-%d %H:%M}"


class InboundMail(models.Model):
    """One e-mail that came in: stored whole, then handed to whoever claims it, else it waits in the tray."""

    class State(models.TextChoices):
        NEW = "new", "Not looked at yet"
        CLAIMED = "claimed", "Taken care of"
        TRAY = "tray", "In the tray"
        DONE = "done", "Done"

    received_at = models.DateTimeField(default=timezone.now)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of the raw mail: the same one twice is one.")
    sender = models.CharField(max_length=254, blank=True)
    recipient = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    raw = models.BinaryField()
    envelope = models.JSONField(default=dict, help_text="What the provider noted beside the mail: SPF, DKIM, envelope.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    claimed_by = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="inbound_mail")
    answers = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="replies", db_constraint=False
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = "mail that came in"
        verbose_name_plural = "mail that came in"
        constraints = [models.UniqueConstraint(fields=["fingerprint"], name="inbound_once")]
        indexes = [
            models.Index(fields=["-received_at"], condition=Q(state="tray"), name="inbound_tray"),
            models.Index(fields=["id"], condition=Q(state="new"), name="inbound_new"),
        ]

    def __str__(self) -> str:
        return f"{self.subject or 'No subject'} from {self.sender}"
