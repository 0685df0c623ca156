from __future__ import annotations

from datetime import timedelta

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.people.models import Contact
from partners.models.partner import Partner

UNDO_WITHIN = timedelta(days=30)


class Joined(models.Model):
    """Two records of one made one: what moved, and what stood there before, so that it can be undone."""

    moved = models.JSONField(default=dict, help_text="The keys of the rows that moved, by model.")
    before = models.JSONField(default=dict, help_text="What stood on both before.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]


class Merge(Joined):
    """Two records of one partner made one."""

    kept = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")

    class Meta(Joined.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two"),
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gone} merged into {self.kept}"


class NotTwins(models.Model):
    """Two partners that look alike, and of which somebody said that they are two."""

    first = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_twins_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_twins_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"


class ContactMerge(Joined):
    """Two contacts who were one person made one."""

    kept = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")

    class Meta(Joined.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="contact_merge_of_two"),
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="contact_merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gone} merged into {self.kept}"


class NotOnePerson(models.Model):
    """Two contacts that look like one person, and of whom somebody said that they are two."""

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_one_person_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_one_person_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"


for record_of_two in (Merge, ContactMerge):
    auditlog.register(record_of_two, exclude_fields=["moved", "before"])
