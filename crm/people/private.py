"""Pages whose address is a secret between us and whoever holds it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page out of search engines, caches and other sites' logs."""

    @wraps(view)
    @never_cache
    def kept_private(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Not “no-referrer”: browsers would then send “Origin: null” with our own forms, which are refused.
        response["Referrer-Policy"] = "same-origin"
        return response

    return kept_private
