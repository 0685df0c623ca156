"""Two pages of the office: what needs a word from somebody, and how well sending goes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from crm.mail import actions, figures, needs, transports
from crm.mail.health import webhook_silence
from crm.mail.models import Decision, Lane, Message
from crm.people.office import OfficeRequest
from crm.people.undo import say

may_read = permission_required("mail.view_message", raise_exception=True)
may_act = permission_required("mail.change_message", raise_exception=True)
PAGE = "needs_you"


class PostRoomItem(MenuItem):
    """For those who may see the outbox."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mail.view_message")


class NeedsYouItem(PostRoomItem):
    """Says in the menu how many decisions are open."""

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        count = needs.open_needs_of(request)
        label = f"Needs you ({count}{'+' if count >= needs.MOST else ''})" if count else "Needs you"
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name, classname=self.classname)


@require_safe
@never_cache
@may_read
def needs_you(request: OfficeRequest) -> HttpResponse:
    """Every open decision, with what is known and what can be done."""
    context = {
        "now": timezone.now(),
        "lanes": needs.stopped_lanes(),
        "sections": needs.sections(request.user),
        "tray": needs.in_tray().order_by()[: needs.MOST].count(),
        "open_needs": needs.open_needs_of(request),
    }
    return render(request, "mail/needs_you.html", context)


class WhichForm(forms.Form):
    """Which messages somebody has looked at: one, all of one letter, or all in one kind of trouble."""

    trouble = forms.ChoiceField(choices=Decision.Trouble.choices)
    until = forms.DateTimeField()
    message = forms.UUIDField(required=False)
    content = forms.IntegerField(required=False)

    def rows(self, user) -> QuerySet[Message]:
        """Those that were on the page when it was shown: what came since was not looked at."""
        said = self.cleaned_data
        rows = needs.in_trouble(said["trouble"]).seen_by(user)
        rows = rows.alias(since=Coalesce("fate_at", "settled_at")).filter(since__lte=said["until"])
        if said["message"]:
            return self._like(rows, said["message"])
        return rows.filter(content=said["content"]) if said["content"] else rows

    def _like(self, rows: QuerySet[Message], pk: UUID) -> QuerySet[Message]:
        """This one; where its address is the trouble, all that came back from there."""
        if self.cleaned_data["trouble"] != Decision.Trouble.RETURNED:
            return rows.filter(pk=pk)
        address = Message.objects.filter(pk=pk).values_list("to_email", flat=True).first()
        return rows.filter(to_email__iexact=address or "")


@require_POST
@may_act
def let_be(request: OfficeRequest) -> HttpResponse:
    form = WhichForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: the page was out of date. Look again, and tap once more.")
        return redirect(PAGE)
    at = actions.let_be(
        form.rows(request.user), trouble=Decision.Trouble(form.cleaned_data["trouble"]), by=request.user
    )
    if at is None:
        messages.info(request, "That is decided already.")
    else:
        say(request, "Let be. You are not asked about it again.", undo=reverse("reconsider"), at=at.isoformat())
    return redirect(PAGE)


@require_POST
@may_act
def reconsider(request: OfficeRequest) -> HttpResponse:
    try:
        at = datetime.fromisoformat(request.POST.get("at", ""))
    except ValueError:
        at = None
    if at and timezone.is_aware(at) and actions.reconsider(at=at, by=request.user):
        messages.success(request, "Undone. It is on this page again.")
    else:
        messages.info(request, "There is nothing to undo.")
    return redirect(PAGE)


@require_POST
@may_act
def go_on(request: OfficeRequest, transport: str) -> HttpResponse:
    """The owner has mended what stopped a lane."""
    if actions.go_on(get_object_or_404(Lane, pk=transport), by=request.user):
        messages.success(request, "Sending goes on. If it stops again, the reason is here within a minute.")
    else:
        messages.info(request, "Sending goes on already.")
    return redirect(PAGE)


@require_safe
@never_cache
@may_read
def sending_health(request: OfficeRequest) -> HttpResponse:
    """What left, what arrived, what came back, and whether that is a lot."""
    now = timezone.now()
    way, sent = transports.chosen(), figures.sent(now)
    context = {
        "now": now,
        "way": way,
        "is_reporting": way.name in figures.REPORTING,
        "day": figures.day(now),
        "lanes": figures.lanes(now),
        "speed": sent["minute"] / 60,
        "waiting": figures.waiting(now),
        "rates": figures.rates(now, sent),
        "closed": figures.closed_addresses(now),
        "reports": figures.reports(),
        "silent_since": now - silence if (silence := webhook_silence()) else None,
        "open_needs": needs.open_needs_of(request),
    }
    return render(request, "mail/sending_health.html", context)
