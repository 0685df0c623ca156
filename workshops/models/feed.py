from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import new_token
from partners.models import Partner


class Feed(models.Model):
    """A calendar to subscribe to, of all workshops for one of us or of their own for a partner. Its token is its key."""

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="workshop_feeds"
    )
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="workshop_feeds")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, partner__isnull=False) | Q(user__isnull=False, partner=None),
                name="feed_is_somebodys",
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="feed_one_for_each_user"),
            models.UniqueConstraint(fields=["partner"], condition=Q(revoked_at=None), name="feed_one_for_each_partner"),
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.partner or self.user}"

    def get_absolute_url(self) -> str:
        return reverse("workshop_feed", args=[self.token])
