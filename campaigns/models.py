from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.mail.models import Message, MessageClass
from crm.people.models import Contact
from partners.models import Kind, Stage


class Letter(models.Model):
    """Reusable e-mail content."""

    name = models.CharField(max_length=120, help_text="Only you see this.")
    subject = models.CharField(max_length=150)
    preheader = models.CharField(
        max_length=150, blank=True, help_text="The grey line beside the subject in most inboxes."
    )
    body = models.TextField()
    message_class = models.CharField(
        "class",
        max_length=14,
        choices=[(c.value, c.label) for c in (MessageClass.PARTNER, MessageClass.MARKETING)],
        default=MessageClass.PARTNER,
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Audience(models.Model):
    """A saved rule that yields contacts. Empty kinds or stages mean all of them."""

    name = models.CharField(max_length=120)
    kinds = ArrayField(models.CharField(max_length=20, choices=Kind.choices), default=list, blank=True)
    stages = ArrayField(models.CharField(max_length=16, choices=Stage.choices), default=list, blank=True)

    def __str__(self) -> str:
        return self.name

    def contacts(self) -> QuerySet[Contact]:
        """Everybody with an e-mail address at a current partner that fits the rule."""
        fits = Q(roles__partner__archived_at=None)
        if self.kinds:
            fits &= Q(roles__partner__kind__in=self.kinds)
        if self.stages:
            fits &= Q(roles__partner__stage__in=self.stages)
        return Contact.objects.active().with_email().filter(fits).distinct()


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    def due(self) -> BroadcastQuerySet:
        return self.filter(state=Broadcast.State.SCHEDULED, send_at__lte=timezone.now())


class Broadcast(models.Model):
    """One letter to one audience at a time."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        CANCELLED = "cancelled", "Cancelled"

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="broadcasts")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="broadcasts")
    send_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    launched_at = models.DateTimeField(null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(send_at__isnull=False), name="broadcast_scheduled_has_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.letter} to {self.audience}"


class Recipient(models.Model):
    """One contact of a frozen audience: the message that was queued, or why there is none."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.PROTECT, related_name="recipients")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="received")
    message = models.OneToOneField(Message, null=True, on_delete=models.PROTECT, related_name="recipient")
    skipped_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["broadcast", "contact"], name="recipient_once")]

    def __str__(self) -> str:
        return f"{self.contact} of {self.broadcast}"


for business_record in (Letter, Audience, Broadcast):
    auditlog.register(business_record)
