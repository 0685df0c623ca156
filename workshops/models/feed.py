from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import new_token
from partners.models import Partner


class FeedQuerySet(models.QuerySet["Feed"]):
    def live(self) -> FeedQuerySet:
        """Those whose address still works."""
        return self.filter(revoked_at=None)


class Feed(models.Model):
    """A calendar to subscribe to, of all workshops for one of us or of their own for a partner. Its token is its key."""

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="workshop_feeds"
    )
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="workshop_feeds")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FeedQuerySet.as_manager()

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

    @property
    def host(self) -> Partner | None:
        """Whose workshops it shows; None for all of them. A partner that was merged shows those of the other."""
        return (self.partner.merged_into or self.partner) if self.partner else None

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None

    @property
    def url(self) -> str:
        return f"{settings.BASE_URL}{self.get_absolute_url()}"

    @property
    def webcal_url(self) -> str:
        """The address by which a phone or a computer offers to subscribe, where the other would be a file to open."""
        return f"webcal://{self.url.partition('://')[2]}"

    @property
    def google_url(self) -> str:
        return f"https://calendar.google.com/calendar/r?{urlencode({'cid': self.webcal_url})}"
