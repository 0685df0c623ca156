from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from workshops.models import Workshop


class WorkshopSitemap(Sitemap):
    """The list and every workshop that still takes place; registrants' own pages are nobody's business."""

    def items(self) -> list[Workshop | None]:
        return [None, *Workshop.objects.listed().exclude(state=Workshop.State.CANCELLED).order_by("-starts_at")]

    def location(self, workshop: Workshop | None) -> str:
        return workshop.get_absolute_url() if workshop else reverse("workshops")

    def get_protocol(self, protocol=None) -> str:
        return urlsplit(settings.BASE_URL).scheme

    def get_domain(self, site=None) -> str:
        """The site's one address, whatever name a visitor reached it by."""
        return urlsplit(settings.BASE_URL).netloc
