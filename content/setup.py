"""What the site needs of every database: links that lead to where it is served, and people who may write on it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page, Site


def follow_base_url() -> None:
    """Let links in the office and the sitemap lead to BASE_URL."""
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.filter(is_default_site=True).update(hostname=address.hostname, port=port)
    Site.clear_site_root_paths_cache()


def let_people_edit() -> None:
    """Owner and assistant write, publish and choose pictures; nobody else does. Safe to run at every migration."""
    root, collection = Page.get_first_root_node(), Collection.get_first_root_node()
    if root is None or collection is None:
        return
    for group in Group.objects.filter(name__in=["Owner", "Assistant"]):
        for permission in _permissions("wagtailcore", "add_page", "change_page", "publish_page"):
            GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
        files = _permissions("wagtailimages", "add_image", "change_image", "choose_image")
        files |= _permissions("wagtaildocs", "add_document", "change_document", "choose_document")
        for permission in files:
            GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


def _permissions(app: str, *codenames: str) -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
