from __future__ import annotations

import uuid
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from crm.mail.models import new_token
from crm.people.models import Contact, validate_time_zone
from partners.models import Partner


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
    slug = models.SlugField(
        "address", max_length=140, unique=True, help_text="The last part of the public page's address."
    )
    host = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="workshops")
    summary = models.CharField(max_length=200, blank=True, help_text="One sentence for lists and previews.")
    description = models.TextField(blank=True, help_text="An empty line starts a new paragraph.")
    place = models.CharField(max_length=200, help_text="Name and street, as somebody would type it into a map.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60, default="America/Toronto", validators=[validate_time_zone])
    capacity = models.PositiveIntegerField(default=12)
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="How often time or place changed.")
    revised_at = models.DateTimeField(default=timezone.now, editable=False)
    cancel_reason = models.CharField(max_length=200, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
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
            models.CheckConstraint(
                condition=Q(state__in=["draft", "open", "held", "cancelled"]), name="workshop_state_known"
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
    def day(self) -> str:
        """The date as people say it, in the workshop's own zone."""
        return date_format(self.local_start, "DATE_FORMAT")

    @property
    def short_month(self) -> str:
        return f"{self.local_start:%b}"

    @property
    def hours(self) -> str:
        return f"{date_format(self.local_start, 'TIME_FORMAT')} to {date_format(self.local_end, 'TIME_FORMAT')}"

    @property
    def short_when(self) -> str:
        """For lists, where space is dear."""
        return date_format(self.local_start, "SHORT_DATETIME_FORMAT")

    @property
    def when(self) -> str:
        """Day, hours and zone in one line."""
        return f"{self.day}, {self.hours}, {self.zone_name}"

    @property
    def zone_name(self) -> str:
        """Whose clock the hours are by: “Toronto time (EST)”."""
        city = self.time_zone.rpartition("/")[2].replace("_", " ")
        return f"{city} time ({self.local_start:%Z})"

    @property
    def seats_left(self) -> int:
        return self.capacity - self.seats_taken

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def standing(self) -> str:
        """The state as a person would say it today."""
        if self.state == self.State.OPEN and self.has_begun:
            return "Over" if self.is_over else "Under way"
        return self.get_state_display()

    @property
    def is_open(self) -> bool:
        """May people register, for a seat or for the waiting list?"""
        return self.state == self.State.OPEN and not self.has_begun

    @property
    def is_full(self) -> bool:
        return self.seats_left <= 0

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED

    @property
    def map_url(self) -> str:
        """Opens the place in the map that a phone prefers."""
        return f"https://www.google.com/maps/search/?{urlencode({'api': 1, 'query': self.place})}"

    @property
    def public_url(self) -> str:
        """The public page, with the site's own address in front."""
        return f"{settings.BASE_URL}{self.get_absolute_url()}"


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def confirmed(self) -> RegistrationQuerySet:
        return self.filter(state=Registration.State.CONFIRMED)

    def active(self) -> RegistrationQuerySet:
        """Seats and places on the waiting list."""
        return self.exclude(state=Registration.State.CANCELLED)

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
    submission = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Which form was sent: a second press is told apart by it."
    )
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "workshop", Lower("email"), condition=~Q(state="cancelled"), name="registration_one_seat_each"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "waiting", "cancelled"]), name="registration_state_known"
            ),
        ]
        indexes = [models.Index(fields=["workshop", "state", "created_at"], name="registration_order")]

    def __str__(self) -> str:
        return f"{self.name}, {self.workshop}"

    def get_absolute_url(self) -> str:
        return reverse("registration", args=[self.token])

    @property
    def is_active(self) -> bool:
        """A seat or a place on the waiting list."""
        return self.state != self.State.CANCELLED

    @property
    def manage_url(self) -> str:
        """The registrant's own page: goes into letters to them, never into a calendar others may see."""
        return f"{settings.BASE_URL}{self.get_absolute_url()}"

    @property
    def position(self) -> int:
        """The place on the waiting list, counted from 1; 0 for those who do not wait."""
        if self.state != self.State.WAITING:
            return 0
        earlier = Q(created_at__lt=self.created_at) | Q(created_at=self.created_at, pk__lte=self.pk)
        return self.workshop.registrations.waiting().filter(earlier).count()


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
# The invite tells its own story; asking for it here would cost a query under the workshop's lock.
auditlog.register(Registration, exclude_fields=["token", "submission", "invite"])
