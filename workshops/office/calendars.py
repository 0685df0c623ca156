"""Calendars to subscribe to, in the office: our own and each partner's, made, shown, stopped and made anew."""

from __future__ import annotations

import io

import segno
from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from partners.models import Partner
from workshops import actions
from workshops.models import Feed, Workshop


@permission_required("workshops.view_workshop")
@require_safe
@never_cache
def calendars(request: OfficeRequest) -> HttpResponse:
    """One's own calendar, and the partners who host or have one."""
    live = Feed.objects.live().filter(partner=OuterRef("pk"))
    hosts = Workshop.objects.planned().filter(host=OuterRef("pk"))
    partners = Partner.objects.annotate(has_calendar=Exists(live)).filter(Q(has_calendar=True) | Exists(hosts))
    context = {
        **_shown(Feed.objects.filter(user=request.user)),
        "partners": partners.filter(archived_at=None).order_by(F("has_calendar").desc(), "name"),
    }
    return render(request, "workshops/office/calendars.html", context)


@permission_required("workshops.view_feed")
@require_safe
@never_cache
def partner_calendar(request: OfficeRequest, pk: int) -> HttpResponse:
    """The calendar of one partner, to hand on."""
    partner = get_object_or_404(Partner.objects.current(), pk=pk)
    context = {**_shown(Feed.objects.filter(partner=partner)), "partner": partner}
    return render(request, "workshops/office/partner_calendar.html", context)


@permission_required("workshops.view_workshop")
@require_POST
def open_own(request: OfficeRequest) -> HttpResponse:
    actions.open_feed(request.user)
    messages.success(request, "This is your calendar. Subscribe to it below; it follows every change by itself.")
    return redirect("workshop_calendars")


@permission_required("workshops.add_feed")
@require_POST
def open_partners(request: OfficeRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(Partner.objects.current(), pk=pk)
    actions.open_feed(partner)
    messages.success(request, f"Send {partner} this address: whoever has it can subscribe.")
    return redirect("partner_calendar", pk)


@require_POST
def change(request: OfficeRequest, pk: int, verb: str) -> HttpResponse:
    """Stop a calendar, bring it back, or give it a new address: one's own, or a partner's with permission."""
    feeds = Feed.objects.select_related("user", "partner")
    theirs = Q(user=request.user)
    if request.user.has_perm("workshops.change_feed"):
        theirs |= Q(partner__isnull=False)
    feed = get_object_or_404(feeds.filter(theirs), pk=pk)
    if verb == "renew":
        actions.renew_feed(feed)
        messages.success(request, "This is the new address. The old one shows nothing any more.")
    elif verb == "stop":
        actions.stop_feed(feed)
        messages.success(request, "Stopped. Whoever subscribed sees nothing any more. You can still bring it back.")
    elif actions.resume_feed(feed):
        messages.success(request, "The old address works again, for all who subscribed.")
    else:
        messages.error(request, "There is a newer calendar by now. Stop that one first.")
    return redirect("partner_calendar", feed.partner_id) if feed.partner_id else redirect("workshop_calendars")


def _shown(feeds) -> dict:
    """The one that works, or else the one that was stopped last."""
    feed = feeds.live().first()
    stopped = None if feed else feeds.order_by("-revoked_at").first()
    return {"feed": feed, "stopped": stopped, "drawn": _drawn(feed) if feed else ""}


def _drawn(feed: Feed) -> str:
    """The address to scan with a phone, which then offers to subscribe."""
    out = io.BytesIO()
    code = segno.make(feed.webcal_url, error="m", micro=False)
    code.save(out, kind="svg", scale=4, border=2, xmldecl=False, svgclass="ws-code", lineclass=None, omitsize=True,
              title="The calendar’s address, to scan")  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308 - made by segno from an address of ours


urlpatterns = [
    path("workshop-calendars/", calendars, name="workshop_calendars"),
    path("workshop-calendars/open/", open_own, name="open_calendar"),
    path("workshop-calendars/partner/<int:pk>/", partner_calendar, name="partner_calendar"),
    path("workshop-calendars/partner/<int:pk>/open/", open_partners, name="open_partner_calendar"),
    *(
        path(f"workshop-calendars/<int:pk>/{verb}/", change, {"verb": verb}, name=f"{verb}_calendar")
        for verb in ("stop", "resume", "renew")
    ),
]
