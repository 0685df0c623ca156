from __future__ import annotations

import re
from datetime import date, timedelta

from auditlog.registry import auditlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from crm.people.models import Contact
from partners.models.partner import Partner
from partners.models.touch import Touch

RUN = "plan:"
WORKSHOP = re.compile(r"(?:^|:)workshop:(\d+)(?::|$)")


class Plan(ClusterableModel):
    """Steps that are promised together, counted in days from one: what a new partner, a first referral or a workshop asks."""

    class Trigger(models.TextChoices):
        NEW_PARTNER = "new_partner", "Courting begins"
        FIRST_REFERRAL = "first_referral", "A partner's first referral"
        WORKSHOP = "workshop", "A workshop is planned"
        BY_HAND = "by_hand", "Only when chosen"

    name = models.CharField(max_length=80)
    trigger = models.CharField("begins with", max_length=16, choices=Trigger.choices, default=Trigger.BY_HAND)
    is_on = models.BooleanField("in use", default=True)

    class Meta:
        ordering = ["trigger", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["trigger"],
                condition=Q(is_on=True) & ~Q(trigger="by_hand"),
                name="plan_one_for_each_trigger",
                violation_error_message="Another plan already begins with this. Switch that one off first.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlanStep(models.Model):
    """One step of a plan, so many days after the day it counts from, or before it."""

    plan = ParentalKey(Plan, on_delete=models.CASCADE, related_name="steps")
    title = models.CharField("what", max_length=160)
    days = models.SmallIntegerField(help_text="After the day it counts from; below zero is before it.")
    is_meeting = models.BooleanField("a meeting", default=False)

    class Meta:
        ordering = ["days", "pk"]

    def __str__(self) -> str:
        return self.title

    def due_on(self, from_day: date, today: date) -> date:
        """The day it is due when its plan counts from this day: never one that has passed."""
        return max(today, from_day + timedelta(days=self.days))

    @property
    def when(self) -> str:
        """On the day, 3 days after, 56 days before."""
        if not self.days:
            return "on the day"
        days = f"{abs(self.days)} day{'' if abs(self.days) == 1 else 's'}"
        return f"{days} {'before' if self.days < 0 else 'after'}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> FollowUpQuerySet:
        return self.filter(done_at=None, taken_back_at=None)

    def overdue(self, today: date) -> FollowUpQuerySet:
        return self.open().filter(due_on__lt=today)

    def due(self, today: date) -> FollowUpQuerySet:
        return self.open().filter(due_on=today)

    def coming(self, today: date) -> FollowUpQuerySet:
        return self.open().filter(due_on__gt=today)

    def of_run(self, run: str) -> FollowUpQuerySet:
        """Every step that one beginning of a plan promised, whatever became of it."""
        return self.filter(once_key__startswith=f"{run}:").order_by("due_on", "pk")

    def of_occasion(self, key: str) -> FollowUpQuerySet:
        """Every step that a plan promised for this reason, whichever plan was in use then."""
        return self.filter(once_key__startswith=RUN, once_key__contains=f":{key}:").order_by("due_on", "pk")


class FollowUp(models.Model):
    """Something promised, with a due date. The screen says “To do”."""

    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups")
    touch = models.ForeignKey(
        Touch, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="follow_ups"
    )
    title = models.CharField("what", max_length=200)
    due_on = models.DateField("due")
    is_meeting = models.BooleanField(
        "a booked meeting", default=False, help_text="Until its day they count as freshly touched."
    )
    repeat_days = models.PositiveSmallIntegerField(
        "again after", null=True, blank=True, help_text="Days. When it is done, the next one is promised."
    )
    snoozes = models.PositiveSmallIntegerField(default=0, editable=False, help_text="How often it was put off.")
    step = models.ForeignKey(PlanStep, null=True, editable=False, on_delete=models.SET_NULL, related_name="follow_ups")
    once_key = models.CharField(max_length=120, blank=True, editable=False, help_text="The one reason it exists.")
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FollowUpQuerySet.as_manager()
    OUTING = "outing:"  # begins the key of what comes before and after an outing, which may be about nobody yet
    NEXT_WORKSHOP = "next:workshop:"  # begins the key of “propose the next one”; the workshop before it follows

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = "to do"
        verbose_name_plural = "to dos"
        constraints = [
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(contact__isnull=False) | Q(once_key__startswith="outing:"),
                name="follow_up_is_about_someone",
                violation_error_message="Say whom it is about: choose a partner or a contact.",
            ),
            models.UniqueConstraint(fields=["once_key"], condition=~Q(once_key=""), name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(repeat_days=None) | Q(repeat_days__gt=0), name="follow_up_repeats_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_at=None, taken_back_at=None), name="follow_up_open"),
            models.Index(
                fields=["partner", "due_on"],
                condition=Q(done_at=None, taken_back_at=None),
                name="follow_up_open_of",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        # The constraint names a field that no form shows, so Django leaves it to the database.
        if not (self.partner_id or self.contact_id or self.once_key):
            raise ValidationError("Say whom it is about: choose a partner or a contact.")

    @staticmethod
    def run_key(plan: Plan, key: str) -> str:
        """What the steps of one beginning of a plan have in common; each adds its place."""
        return f"{RUN}{plan.pk}:{key}"

    @property
    def run(self) -> str:
        """Which beginning of a plan promised it; empty where none did."""
        return self.once_key.rpartition(":")[0] if self.once_key.startswith(RUN) else ""

    @property
    def place(self) -> int:
        """Which step of its plan it is."""
        return int(self.once_key.rpartition(":")[2]) if self.run else 0

    @property
    def put_off(self) -> str:
        """How often it was put off, as one would say it."""
        often = {0: "", 1: "once", 2: "twice"}.get(self.snoozes, f"{self.snoozes} times")
        return f"put off {often}" if often else ""

    @property
    def outing_pk(self) -> int | None:
        """The outing it comes before or after."""
        number = (
            self.once_key.removeprefix(self.OUTING).partition(":")[0] if self.once_key.startswith(self.OUTING) else ""
        )
        return int(number) if number.isdecimal() else None

    @property
    def workshop_pk(self) -> int | None:
        """The workshop it prepares or follows."""
        found = WORKSHOP.search(self.once_key)
        return int(found[1]) if found else None

    @property
    def asks_for_next_workshop(self) -> bool:
        return self.once_key.startswith(self.NEXT_WORKSHOP)


for business_record in (Plan, PlanStep):
    auditlog.register(business_record)
auditlog.register(FollowUp, exclude_fields=["once_key"])
