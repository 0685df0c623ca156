from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from django.db.models import Q
from django.urls import reverse

from partners.models.partner import LADDER, Group, Stage


class Script(models.Model):
    """What to say to a kind of partner at a stage: how to open, what to ask, what to give, and what not to say yet."""

    group = models.CharField("for", max_length=10, choices=Group.choices)
    stage = models.CharField(max_length=16, choices=[(stage.value, stage.label) for stage in LADDER])
    opener = models.TextField()
    first_question = models.CharField(max_length=300)
    second_question = models.CharField(max_length=300, blank=True)
    give_idea = models.CharField(max_length=300)
    not_yet = models.CharField("do not say yet", max_length=300)
    is_on = models.BooleanField("in use", default=True)
    is_ours = models.BooleanField(default=False, editable=False, help_text="Came with Rapport and was never edited.")

    class Meta:
        ordering = ["group", "stage", "pk"]
        constraints = [models.CheckConstraint(condition=Q(stage__in=[s.value for s in LADDER]), name="script_stage")]
        indexes = [models.Index(fields=["group", "stage"], condition=Q(is_on=True), name="script_for")]

    def __str__(self) -> str:
        return f"{Group(self.group).label}, {Stage(self.stage).label.lower()}"

    def get_absolute_url(self) -> str:
        return reverse("scripts:inspect", args=[self.pk])


auditlog.register(Script)
