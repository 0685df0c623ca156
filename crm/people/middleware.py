from __future__ import annotations

from collections.abc import Callable

from auditlog.cid import set_cid
from auditlog.middleware import AuditlogMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.users.models import UserProfile

from crm.people.models import PracticeProfile

# Nobody reads a time there, so the profile need not be asked for.
TIMELESS = ("/static/", "/healthz", "/mail/", "/admin/log/suggest/")


class PracticeTimeZone:
    """Show every time in the practice's zone, in the office too unless a user chose their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(TIMELESS):
            return self.get_response(request)
        practice = PracticeProfile.load(request_or_site=request)
        if request.path.startswith("/admin/") and request.user.is_authenticated:
            self._lend_zone(request.user, practice.time_zone)
        with timezone.override(practice.zone):
            return self.get_response(request)

    @staticmethod
    def _lend_zone(user, name: str) -> None:
        """Wagtail reads the zone from the user's profile: fill it for this request where the user set none."""
        if not hasattr(user, "wagtail_userprofile"):
            user.wagtail_userprofile = UserProfile(user=user)
        if not user.wagtail_userprofile.current_time_zone:
            user.wagtail_userprofile.current_time_zone = name


class ChangedBy(AuditlogMiddleware):
    """Whose changes these are. Of a stranger nothing is noted in the change history, not even where they came from."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            return super().__call__(request)
        set_cid(request)
        return self.get_response(request)
