from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SITE = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
# Wagtail prints inline scripts and styles for its widgets; its login page does not need them.
OFFICE = SITE.replace("default-src 'self'", "default-src 'self' 'unsafe-inline'").replace("data:", "data: blob:")


class ContentSecurityPolicy:
    """Nothing is loaded from anywhere else; inline code only in the office."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        in_office = request.path.startswith("/admin/") and request.path != "/admin/login/"
        response.headers.setdefault("Content-Security-Policy", OFFICE if in_office else SITE)
        return response
