from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # in an address case is lost, and look-alikes are misread


def new_key() -> str:
    """What makes somebody's log address hard to guess."""
    return "".join(secrets.choice(LETTERS) for _ in range(14))


class LogAddress(models.Model):
    """Where somebody of the office sends a copy of a mail, so that it is logged at the right partner."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="log_address"
    )
    key = models.CharField(max_length=16, default=new_key)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="log_address_once")]

    def __str__(self) -> str:
        return f"The log address of {self.user}"
