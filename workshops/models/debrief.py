from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import Q

from workshops.models.workshop import Workshop


class Debrief(models.Model):
    """What we learned from a workshop. It is closed with the next date at this host, or with a reason for none."""

    workshop = models.OneToOneField(Workshop, on_delete=models.PROTECT, related_name="debrief")
    host_satisfaction = models.PositiveSmallIntegerField(
        "how happy the host was", null=True, blank=True, help_text="1 to 5."
    )
    evaluations = models.PositiveSmallIntegerField(
        "evaluations asked for", null=True, blank=True, help_text="A number, and no names."
    )
    learned = models.TextField("what to do again, and what not", blank=True)
    next_workshop = models.ForeignKey(
        Workshop, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="next date"
    )
    no_next_reason = models.CharField("why there is no next date", max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(host_satisfaction=None) | Q(host_satisfaction__range=(1, 5)), name="debrief_satisfaction"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(next_workshop__isnull=False) | ~Q(no_next_reason=""),
                name="debrief_closes_with_the_next",
            ),
        ]

    def __str__(self) -> str:
        return f"Debrief of {self.workshop}"


auditlog.register(Debrief)
