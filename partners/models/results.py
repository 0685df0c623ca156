"""What the owner set out to do, looked back on, and whom they meant to meet."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from partners.models.partner import Partner


class Goal(models.Model):
    """What one quarter is to bring. Empty means no goal."""

    starts_on = models.DateField(unique=True, help_text="The first day of the quarter.")
    conversations = models.PositiveSmallIntegerField("new conversations", null=True, blank=True)
    gives = models.PositiveSmallIntegerField("things given", null=True, blank=True)
    referrals = models.PositiveSmallIntegerField("referrals in", null=True, blank=True)
    evaluations = models.PositiveSmallIntegerField(null=True, blank=True)
    workshops = models.PositiveSmallIntegerField(null=True, blank=True)
    thanked_percent = models.PositiveSmallIntegerField("thanked in time, in percent", null=True, blank=True)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__day=1, starts_on__month__in=[1, 4, 7, 10]), name="goal_starts_a_quarter"
            ),
            models.CheckConstraint(
                condition=Q(thanked_percent=None) | Q(thanked_percent__lte=100), name="goal_percent_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"Quarter from {self.starts_on}"


class Review(models.Model):
    """Fifteen minutes on one week: the one thing decided."""

    monday = models.DateField("week", unique=True)
    decision = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-monday"]
        constraints = [
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="review_week_starts_on_monday"),
            models.CheckConstraint(condition=~Q(decision=""), name="review_decides_something"),
        ]

    def __str__(self) -> str:
        return f"Week of {self.monday}"


class Outing(models.Model):
    """A gathering of others that we go to: before it, three people to meet; after it, what came of them."""

    name = models.CharField(max_length=160)
    on = models.DateField("day")
    place = models.CharField(max_length=160, blank=True)
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="outings")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return self.name


class ToMeet(models.Model):
    """One person to meet at an outing, and what came of it."""

    outing = models.ForeignKey(Outing, on_delete=models.CASCADE, related_name="to_meet")
    name = models.CharField(max_length=120)
    why = models.CharField(max_length=200, blank=True)
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_met = models.BooleanField(null=True, blank=True)
    outcome = models.CharField("what came of it", max_length=280, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["outing", "name"], name="to_meet_once")]

    def __str__(self) -> str:
        return self.name


for business_record in (Goal, Review, Outing, ToMeet):
    auditlog.register(business_record)
