from __future__ import annotations

import posixpath

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve
from wagtail.admin.auth import require_admin_access

from crm.mail.needs import open_needs_of
from crm.office import health
from crm.office import today as on_today
from partners import cadence, due
from partners.models import Partner

CHECK = "workshops.change_registration"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, worker and outbox are well, 503 with what is wrong otherwise."""
    report = health.examine()
    return JsonResponse(report, status=200 if report["ok"] else 503)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pictures. Documents have an address of their own, which asks whether this visitor may have them."""
    if posixpath.normpath(path).lstrip("/").startswith("documents/"):
        raise Http404("Documents are not handed out here.")
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


@require_admin_access
@require_safe
@never_cache
def today(request: HttpRequest) -> HttpResponse:
    """The first page of the office: what is due in the order that matters, who goes quiet, what is coming."""
    now = timezone.now()
    day = timezone.localdate(now)
    todos, weeks = due.to_dos(now), on_today.weeks(day)
    slipping, referrals = due.slipping(now), due.referrals(now)
    missed, leaving = on_today.letters(now)
    at_door, workshops, held = on_today.workshops(now)
    touches = sum(week.touches for week in weeks)
    is_busy = bool(touches or any(section.total for section in (*todos.values(), *slipping.values())))
    context = {
        "greeting": _greeting(timezone.localtime(now).hour),
        "now": now,
        "todos": todos,
        "thanks": referrals,
        "ageing": referrals["ageing"],
        "quiet": slipping["quiet"],
        "soon": slipping["soon"],
        "load": cadence.load(),
        "missed": missed,
        "at_door": at_door,
        "to_debrief": held,
        "coming": on_today.coming(todos, leaving, workshops, now),
        "review_of": on_today.review_owed(weeks, day),
        "weeks": weeks,
        "touches": touches,
        "referrals": sum(week.referrals for week in weeks),
        "open_needs": open_needs_of(request),
        "to_check": sum(workshop.to_check for workshop in workshops) if request.user.has_perm(CHECK) else 0,
        "to_give": on_today.seats_to_give(workshops, now) if request.user.has_perm(CHECK) else [],
        "unwell": [str(word) for part, word in health.examine().items() if part != "ok" and word != "well"],
        "is_new": not is_busy and not Partner.objects.exists(),
    }
    return render(request, "office/today.html", context)


def _greeting(hour: int) -> str:
    if 4 <= hour < 12:
        return "Good morning"
    return "Good afternoon" if 12 <= hour < 18 else "Good evening"
