from __future__ import annotations

from django.db import models
from django.utils import timezone


class Lookalikes(models.Model):
    """Which two partners may be one, as the worker saw it when names, numbers and addresses were last as ``edition``."""

    THE_ONE = 1

    number = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    edition = models.CharField(max_length=120)
    pairs = models.JSONField(default=list, help_text="The keys of two partners, and what they share.")
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(number=1), name="lookalikes_one_row")]

    def __str__(self) -> str:
        return f"{len(self.pairs)} pairs, found {self.found_at}"
