from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.people.addresses import address
from crm.people.days import worded
from crm.people.models import validate_time_zone
from partners.models import Partner
from partners.models.codes import new_code
from workshops.models.topic import Audience, Topic

DOOR_BEFORE = timedelta(hours=12)  # check-in opens so long before the beginning
DOOR_AFTER = timedelta(hours=3)  # and ends by itself so long after the end


class WorkshopQuerySet(models.QuerySet["Workshop"]):
    def public(self) -> WorkshopQuerySet:
        """What may be seen by whoever has its address."""
        return self.exclude(state=Workshop.State.DRAFT)

    def listed(self) -> WorkshopQuerySet:
        """What the site may show to everybody."""
        return self.public().filter(is_private=False)

    def planned(self) -> WorkshopQuerySet:
        """Whatever is not called off, drafts too: it takes up a day."""
        return self.exclude(state=Workshop.State.CANCELLED)

    def coming(self, now: datetime | None = None) -> WorkshopQuerySet:
        return self.filter(state=Workshop.State.OPEN, starts_at__gt=now or timezone.now()).order_by("starts_at")

    def at_the_door(self, now: datetime | None = None) -> WorkshopQuerySet:
        """Those of which is_at_the_door is true."""
        now = now or timezone.now()
        held = self.filter(state__in=[Workshop.State.OPEN, Workshop.State.HELD], door_closed_at=None)
        return held.filter(starts_at__lte=now + DOOR_BEFORE, ends_at__gt=now - DOOR_AFTER)

    def past(self) -> WorkshopQuerySet:
        return self.public().filter(starts_at__lte=timezone.now()).order_by("-starts_at")


class Workshop(models.Model):
    """Something we host, usually at a partner's place."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    GIVEN = (State.OPEN, State.HELD)  # published and not called off

    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="workshops")
    title = models.CharField(max_length=120)
    slug = models.SlugField(
        "address", max_length=140, unique=True, help_text="The last part of the public page's address."
    )
    host = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="workshops")
    audience = models.CharField("for", max_length=10, choices=Audience.choices, default=Audience.MEMBERS)
    summary = models.CharField(max_length=200, blank=True, help_text="One sentence for lists and previews.")
    description = models.TextField(blank=True, help_text="An empty line starts a new paragraph.")
    bring = models.CharField(
        "what to bring", max_length=300, blank=True, help_text="In the reminder two days before. A sentence or two."
    )
    picture = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    place = models.CharField(
        max_length=200, blank=True, help_text="Name and street, as somebody would type it into a map."
    )
    video_url = models.URLField(
        "video link", blank=True, help_text="Only those with a seat get it. Leave the place empty for a video meeting."
    )
    arrival = models.CharField(
        "parking and the way in", max_length=300, blank=True, help_text="In the reminder the day before."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60, default="America/Toronto", validators=[validate_time_zone])
    capacity = models.PositiveIntegerField(default=12)
    seats_taken = models.PositiveIntegerField(default=0, editable=False, help_text="Confirmed, or offered just now.")
    host_seats = models.PositiveIntegerField(
        "kept for the host", default=0, help_text="Seats that only the host's own people get."
    )
    host_seats_taken = models.PositiveIntegerField(default=0, editable=False)
    invited = models.PositiveIntegerField(
        "about how many were invited",
        null=True,
        blank=True,
        editable=False,
        help_text="By the host and by us, together.",
    )
    is_private = models.BooleanField("private", default=False, help_text="On no list: only who has the code gets in.")
    asks_again = models.BooleanField(
        "ask for a second yes",
        default=False,
        help_text="Who registers on the site gets a letter first, and a seat once they press the link in it. For when "
        "machines fill in the form. Not asked of those who come by a partner's link, nor of a private workshop's.",
    )
    code = models.CharField(max_length=12, default=new_code, editable=False, help_text="Opens a private workshop.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="How often time or place changed.")
    time_version = models.PositiveIntegerField(default=0, editable=False, help_text="How often its time changed.")
    revised_at = models.DateTimeField(default=timezone.now, editable=False)
    retimed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When its time changed last.")
    cancel_reason = models.CharField(max_length=200, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    follows = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="followed_by",
        help_text="The workshop at the same host that it was proposed from.",
    )  # fmt: skip
    door_closed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since then, who was not checked in did not come."
    )
    door_opened_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When check-in was opened once more, after it had ended."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkshopQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(seats_taken__lte=F("capacity")), name="workshop_never_oversold"),
            models.CheckConstraint(
                condition=Q(host_seats_taken__lte=F("seats_taken")), name="workshop_host_seats_are_seats"
            ),
            models.CheckConstraint(
                condition=Q(host_seats__lte=F("capacity")),
                name="workshop_keeps_what_it_has",
                violation_error_message="There are not so many seats to keep for the host.",
            ),
            models.CheckConstraint(
                condition=~Q(place="", video_url=""),
                name="workshop_is_somewhere",
                violation_error_message="Say where it is: a place, or a video link.",
            ),
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
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="workshop_audience_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("workshop", self.slug)

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
        return worded(self.local_start, "DATE_FORMAT")

    @property
    def short_month(self) -> str:
        return f"{self.local_start:%b}"

    @property
    def hours(self) -> str:
        return f"{worded(self.local_start, 'TIME_FORMAT')} to {worded(self.local_end, 'TIME_FORMAT')}"

    @property
    def short_when(self) -> str:
        """For lists, where space is dear."""
        return worded(self.local_start, "SHORT_DATETIME_FORMAT")

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
        """Seats that the host's own people may take: all that are free."""
        return self.capacity - self.seats_taken

    @property
    def public_seats_left(self) -> int:
        """Seats that anybody may take: the free ones, without those still kept for the host's people."""
        return self.seats_left - max(0, self.host_seats - self.host_seats_taken)

    def has_seat_for(self, *, is_hosts: bool) -> bool:
        """Is there a seat left that somebody, of the host or not, may take?"""
        return (self.seats_left if is_hosts else self.public_seats_left) > 0

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def takes_place(self) -> bool:
        """Published, and not called off."""
        return self.state in (self.State.OPEN, self.State.HELD)

    @property
    def is_door_open(self) -> bool:
        """May people be checked in? From the same day until somebody ends it, for a list on paper is typed in later."""
        has_opened = self.starts_at - DOOR_BEFORE <= timezone.now()
        return self.takes_place and has_opened and self.door_closed_at is None

    @property
    def is_at_the_door(self) -> bool:
        """Is this the hour of the door, which Today points at?"""
        return self.is_door_open and timezone.now() < self.ends_at + DOOR_AFTER

    @property
    def standing(self) -> str:
        """The state as a person would say it today. “Full” is what the counters say, never a state of its own."""
        if self.state == self.State.OPEN and self.has_begun:
            return "Over" if self.is_over else "Under way"
        if self.state == self.State.OPEN and self.is_full:
            return "Full"
        return self.get_state_display()

    @property
    def is_open(self) -> bool:
        """May people register, for a seat or for the waiting list?"""
        return self.state == self.State.OPEN and not self.has_begun

    @property
    def is_full(self) -> bool:
        """Is there no seat left for just anybody?"""
        return self.public_seats_left <= 0

    @property
    def is_online(self) -> bool:
        return not self.place

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


auditlog.register(Workshop, exclude_fields=["seats_taken", "host_seats_taken", "code"])
