"""Calendars to subscribe to. Whoever knows the address may read it; there is nothing to log in to."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from crm.people.models import PracticeProfile
from workshops import feeds
from workshops.models import Feed

MAX_AGE = 900  # seconds


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar, or word that it is still the one that was fetched last."""
    feed = get_object_or_404(Feed.objects.live().select_related("user", "partner__merged_into"), token=token)
    if feed.user and not (feed.user.is_active and feed.user.has_perm("workshops.view_workshop")):
        raise Http404("This calendar belongs to nobody who may see it.")
    body = feeds.written(feed, PracticeProfile.load(request_or_site=request))
    tag = feeds.tag_of(body)
    changed_at = feeds.changed_at(feed, tag)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = f"private, max-age={MAX_AGE}"
    response["ETag"], response["Last-Modified"] = tag, http_date(changed_at)
    # Without a response of its own it gives back this one.
    answer = cast(HttpResponse, get_conditional_response(request, tag, changed_at, response))
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
