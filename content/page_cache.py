"""Public pages are kept ready for whoever comes without a session, and never longer than they are true.

Nothing has to be told when a page changes. Every answer is kept under a fingerprint of the rows that pages are made
from, whoever changed them and however: PostgreSQL gives each version of a row a place and a transaction of its own
(``ctid`` and ``xmin``). One small query tells whether what is kept still stands; it replaces all the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction, Site, get_page_models

from crm.people.models import PracticeProfile
from partners.models import Partner
from workshops.models import Workshop

SHARED_VIEWS = {"wagtail_serve", "workshops"}
HARMLESS_COOKIES = {settings.CSRF_COOKIE_NAME}  # a page that uses it sets it anew, and is not kept


class PageCache:
    """Answers with the page as it was drawn before, while nothing that it is made from has changed.

    For a minute at most, because a page also shows which workshops are still to come.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PAGES_KEPT_SECONDS or not _is_anybodys(request):
            return self.get_response(request)
        key = _key(request)
        kept = caches["pages"].get(key)
        if kept is not None:
            content, headers = kept
            return HttpResponse(content, headers=headers)
        response = self.get_response(request)
        if _is_for_everybody(response):
            caches["pages"].set(key, (response.content, dict(response.items())), settings.PAGES_KEPT_SECONDS)
        return response


def fingerprint() -> str:
    """Another word for every state of what public pages are made from."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        return cursor.fetchone()[0]


def _is_anybodys(request: HttpRequest) -> bool:
    """Does the question say nothing of who asks? Wagtail's previews come as requests of its own making."""
    if request.method != "GET" or request.META.get("QUERY_STRING") or getattr(request, "is_dummy", False):
        return False
    if not HARMLESS_COOKIES.issuperset(request.COOKIES):
        return False
    try:
        return resolve(request.path_info).view_name in SHARED_VIEWS
    except Resolver404:
        return False


def _is_for_everybody(response: HttpResponse) -> bool:
    is_private = any(word in response.get("Cache-Control", "") for word in ("private", "no-store", "no-cache"))
    return response.status_code == 200 and not response.streaming and not response.cookies and not is_private


def _key(request: HttpRequest) -> str:
    address = f"{request.scheme}://{request.get_host()}{request.path}"
    return hashlib.sha256(f"{address} {fingerprint()}".encode()).hexdigest()


@cache
def _question() -> str:
    models = (*get_page_models(), PageViewRestriction, Site, PracticeProfile, get_image_model(), get_document_model())
    parts = [_versions(model) for model in dict.fromkeys((Page, *models, Workshop))]
    hosts = f"WHERE id IN (SELECT host_id FROM {_table(Workshop)})"  # noqa: S608 - our own names
    return f"SELECT md5(concat_ws('|', {', '.join(parts)}, {_versions(Partner, hosts)}))"


def _versions(model: type[Model], where: str = "") -> str:
    return f"(SELECT string_agg(xmin::text || ctid::text, ',' ORDER BY ctid) FROM {_table(model)} {where})"  # noqa: S608


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
