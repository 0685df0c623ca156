from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone


class Audience(models.TextChoices):
    MEMBERS = "members", "Members and patients of the host"
    STAFF = "staff", "Trainers and staff"
    EVERYBODY = "everybody", "Everybody"


class Topic(models.Model):
    """What a workshop is about, written once and used at every partner."""

    name = models.CharField(max_length=120, unique=True)
    audience = models.CharField("for", max_length=10, choices=Audience.choices, default=Audience.MEMBERS)
    summary = models.CharField(max_length=200, blank=True, help_text="One sentence for lists and previews.")
    description = models.TextField("words for the page", blank=True)
    bring = models.CharField(
        "what to bring", max_length=300, blank=True, help_text="In the reminder two days before. A sentence or two."
    )
    outline = models.TextField(blank=True, help_text="For you: what you say and show, minute by minute.")
    minutes = models.PositiveSmallIntegerField("length in minutes", default=60)
    capacity = models.PositiveSmallIntegerField("seats", default=12)
    handout = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    follow_up_subject = models.CharField(
        "subject of the letter afterwards", max_length=120, blank=True, help_text="Empty: the usual recap."
    )
    follow_up_words = models.TextField(
        "letter afterwards", blank=True, help_text="Goes to those who came, the day after. Empty: the usual recap."
    )
    week_subject = models.CharField(
        "subject a week later", max_length=120, blank=True, help_text="Empty: “How is it going?”"
    )
    week_words = models.TextField(
        "letter a week later",
        blank=True,
        help_text="Goes to those who came and want to hear from you; an offer is welcome here. Empty: how it is going.",
    )
    is_archived = models.BooleanField("no longer used", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["is_archived", "name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="topic_audience_known"),
            models.CheckConstraint(
                condition=models.Q(minutes__range=(15, 480)),
                name="topic_lasts",
                violation_error_message="A workshop lasts from 15 minutes to 8 hours.",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1),
                name="topic_has_seats",
                violation_error_message="A workshop needs at least one seat.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


auditlog.register(Topic)
