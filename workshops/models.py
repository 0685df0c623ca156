from __future__ import annotations

import secrets
import uuid
from zoneinfo import ZoneInfo

from auditlog.registry import auditlog
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact, validate_time_zone
from partners.models import Partner


def new_token() -> str:
    return secrets.token_urlsafe(16)


class WorkshopQuerySet(models.QuerySet["Workshop"]):
    def public(self) -> WorkshopQuerySet:
        """What the site may show."""
        return self.exclude(state=Workshop.State.DRAFT)

    def coming(self) -> WorkshopQuerySet:
        return self.filter(state=Workshop.State.OPEN, starts_at__gt=timezone.now()).order_by("starts_at")

    def past(self) -> WorkshopQuerySet:
        return self.public().filter(starts_at__lte=timezone.now()).order_by("-starts_at")


class Workshop(models.Model):
    """Something we host, usually at a partner's place."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    host = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="workshops")
    summary = models.CharField(max_length=200, blank=True, help_text="One sentence for lists and previews.")
    description = models.TextField(blank=True)
    place = models.CharField(max_length=200, help_text="Name and street, as somebody would type it into a map.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60, default="America/Toronto", validators=[validate_time_zone])
    capacity = models.PositiveIntegerField(default=12)
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkshopQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(seats_taken__lte=F("capacity")), name="workshop_never_oversold"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="workshop_ends_after_start",
                violation_error_message="A workshop ends after it starts.",
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1),
                name="workshop_has_seats",
                violation_error_message="A workshop needs at least one seat.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("workshop", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def local_start(self):
        return self.starts_at.astimezone(self.zone)

    @property
    def local_end(self):
        return self.ends_at.astimezone(self.zone)

    @property
    def seats_left(self) -> int:
        return self.capacity - self.seats_taken


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def confirmed(self) -> RegistrationQuerySet:
        return self.filter(state=Registration.State.CONFIRMED)

    def waiting(self) -> RegistrationQuerySet:
        """Those waiting for a seat, first come first."""
        return self.filter(state=Registration.State.WAITING).order_by("created_at", "pk")


class Registration(models.Model):
    """A seat taken or waited for by one person."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        WAITING = "waiting", "Waiting list"
        CANCELLED = "cancelled", "Cancelled"

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="registrations")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="registrations")
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail")
    phone = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "workshop", Lower("email"), condition=~Q(state="cancelled"), name="registration_one_seat_each"
            )
        ]
        indexes = [models.Index(fields=["workshop", "state", "created_at"], name="registration_order")]

    def __str__(self) -> str:
        return f"{self.name}, {self.workshop}"

    def get_absolute_url(self) -> str:
        return reverse("registration", args=[self.token])


class Invite(models.Model):
    """The calendar object one registrant holds: one UID for life, a SEQUENCE that only rises."""

    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="invite")
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    stamped_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.uid}, sequence {self.sequence}"


auditlog.register(Workshop, exclude_fields=["seats_taken"])
auditlog.register(Registration, exclude_fields=["token"])
