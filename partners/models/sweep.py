from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Sweep(models.Model):
    """One deed done to many partners at once, and how each of them was before: one tap undoes the whole."""

    class Deed(models.TextChoices):
        TIER = "tier", "Set the tier"
        STAGE = "stage", "Move to a stage"
        TODO = "todo", "Add a to do"
        ARCHIVE = "archive", "Archive"

    deed = models.CharField(max_length=8, choices=Deed.choices)
    words = models.CharField(max_length=200)
    before = models.JSONField(default=dict, help_text="What each was, by its number.")
    after = models.JSONField(
        default=dict, help_text="What all of them became: whoever is not that any more is left alone."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.words
