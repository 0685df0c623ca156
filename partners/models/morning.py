from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

LATE_BY = timedelta(hours=6)  # after so long the morning is over, and Today itself says it better


class MorningMailQuerySet(models.QuerySet["MorningMail"]):
    def waiting(self, now: datetime) -> MorningMailQuerySet:
        """Wanted, at its hour by the practice's clock, and not looked at yet today."""
        clock = timezone.localtime(now).replace(tzinfo=None)
        wanted = self.filter(is_on=True, user__is_active=True, at__lte=clock.time()).exclude(looked_on=clock.date())
        if (long_ago := clock - LATE_BY).date() == clock.date():
            wanted = wanted.filter(at__gt=long_ago.time())
        return wanted.filter(days=MorningMail.Days.EVERY) if clock.weekday() > 4 else wanted


class MorningMail(models.Model):
    """When somebody wants the one e-mail a morning that says what is due."""

    class Days(models.TextChoices):
        WEEKDAYS = "weekdays", "Monday to Friday"
        EVERY = "every", "Every day"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="morning_mail")
    is_on = models.BooleanField("send me what is due", default=True, help_text="Nothing due, no e-mail.")
    at = models.TimeField("from", default=time(7), help_text="By the practice's clock.")
    days = models.CharField("on", max_length=8, choices=Days.choices, default=Days.WEEKDAYS)
    looked_on = models.DateField(null=True, editable=False, help_text="The last day on which it was looked at.")

    objects = MorningMailQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(days__in=["weekdays", "every"]), name="morning_mail_days")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_days_display()}, {self.at:%H:%M}" if self.is_on else f"{self.user}: none"
