from __future__ import annotations

from django.db import models
from django.utils import timezone

from crm.mail.models.messages import Message
from crm.people.models import User


class Decision(models.Model):
    """Somebody looked at a message that wanted a word, and let it be: it is not asked about again.

    It answers for one trouble. A message that was let be as unknown and bounces after all is asked about once more.
    """

    class Trouble(models.TextChoices):
        UNKNOWN = "unknown", "Nobody knows whether it left"
        REFUSED = "refused", "It was refused"
        LATE = "late", "It came too late"
        RETURNED = "returned", "It left and did not arrive"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="decision", db_constraint=False)
    trouble = models.CharField(max_length=8, choices=Trouble.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.get_trouble_display()}: let be"
