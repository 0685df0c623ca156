from __future__ import annotations

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from workshops.models import Workshop


class WorkshopSitemap(Sitemap):
    """The list and every workshop that still takes place; registrants' own pages are nobody's business."""

    def items(self) -> list[Workshop | None]:
        return [None, *Workshop.objects.public().exclude(state=Workshop.State.CANCELLED).order_by("-starts_at")]

    def location(self, workshop: Workshop | None) -> str:
        return workshop.get_absolute_url() if workshop else reverse("workshops")

    def get_urls(self, page=1, site=None, protocol=None) -> list[dict]:
        """Under the site's one address, whatever name a visitor reached it by."""
        scheme, _, host = settings.BASE_URL.partition("://")
        return self._urls(page, scheme, host)
