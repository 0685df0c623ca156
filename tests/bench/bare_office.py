"""The office's addresses, and one more: the emptiest page that Wagtail's frame goes around. The peer for our pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path, reverse
from wagtail.admin.auth import require_admin_access

from crm.urls import urlpatterns as ours

FRAME = engines["django"].from_string('{% extends "wagtailadmin/base.html" %}')


@require_admin_access
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FRAME.render({}, request))


urlpatterns = [path("admin/bare/", bare, name="bare_office"), *ours]


def address() -> str:
    return reverse("bare_office")
