"""What the site needs of every database: its address, and somebody who may write on it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site


def after_migrate(sender, using: str = "default", **kwargs) -> None:
    """Let links in the office and the sitemap lead to BASE_URL; safe to run at every migration."""
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.using(using).filter(is_default_site=True).update(hostname=address.hostname, port=port)
    Site.clear_site_root_paths_cache()
