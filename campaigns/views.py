"""The office's pages around letters, audiences and broadcasts that are more than a record's form."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from campaigns import actions, preflight, printing
from campaigns.exports import EXPORTED, as_csv
from campaigns.models import Audience, Broadcast, Letter, Outcome, Recipient
from campaigns.results import results_of
from crm.people.models import Contact, Purpose
from crm.people.office import OfficeRequest
from partners.models import Kind, Stage

PEOPLE_SHOWN = 8
PER_PAGE = 50


@require_safe
@permission_required("campaigns.view_audience")
def count(request: OfficeRequest) -> HttpResponse:
    """How many people an audience has, saved or still being ticked, for the letter chosen beside it."""
    audience = _audience_asked_for(request)
    purpose = _purpose_asked_for(request)
    people = audience.examined(purpose=purpose) if audience else Contact.objects.none()
    return render(
        request,
        "campaigns/_count.html",
        {
            "audience": audience,
            "tally": audience and audience.tally(purpose=purpose),
            "people": people[:PEOPLE_SHOWN],
            "with_names": "kinds" in request.GET or "stages" in request.GET or "name" in request.GET,
        },
    )


def _audience_asked_for(request: OfficeRequest) -> Audience | None:
    asked = request.GET.get("audience", "")
    if asked.isdecimal():
        return Audience.objects.filter(pk=asked).first()
    if "name" not in request.GET:
        return None
    return Audience(
        kinds=[kind for kind in request.GET.getlist("kinds") if kind in Kind.values],
        stages=[stage for stage in request.GET.getlist("stages") if stage in Stage.values],
    )


def _purpose_asked_for(request: OfficeRequest) -> Purpose:
    asked = request.GET.get("letter", "")
    letter = Letter.objects.filter(pk=asked).first() if asked.isdecimal() else None
    return letter.purpose if letter else Purpose.PARTNER


@require_safe
@permission_required("campaigns.view_broadcast")
def progress(request: OfficeRequest, pk: int) -> HttpResponse:
    """The picture of a broadcast on its way; asks for itself again while something waits."""
    broadcast = get_object_or_404(Broadcast.objects.with_waiting(), pk=pk)
    return render(
        request, "campaigns/_progress.html", {"broadcast": broadcast, "results": results_of([broadcast])[broadcast.pk]}
    )


@require_safe
@permission_required("campaigns.change_broadcast")
def export(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    """Everybody who got a broadcast or did not, as a file."""
    broadcast = get_object_or_404(Broadcast.objects.select_related("letter"), pk=pk)
    lines = as_csv(recipients_of(broadcast, request.GET).only(*EXPORTED).iterator(chunk_size=2000))
    name = slugify(f"{broadcast.letter.name} recipients") or "recipients"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def recipients_of(broadcast: Broadcast, asked: dict[str, str]) -> QuerySet[Recipient]:
    """The recipients of a broadcast that fit what was asked for, by name."""
    found = (
        Recipient.objects.filter(broadcast=broadcast)
        .with_outcome()
        .select_related("contact", "partner", "message__batch")
    )
    if asked.get("outcome") in Outcome.values:
        found = found.filter(outcome=asked["outcome"])
    for word in asked.get("q", "").split():
        found = found.filter(
            Q(contact__name__icontains=word) | Q(contact__email__icontains=word) | Q(partner__name__icontains=word)
        )
    return found.order_by("contact__name", "pk")


def page_of(rows: QuerySet, asked: dict[str, str]):
    return Paginator(rows, PER_PAGE).get_page(asked.get("p"))


def _posted(verb: Callable[[Broadcast, OfficeRequest], str]) -> Callable[[OfficeRequest, int], HttpResponse]:
    """A button on the broadcast page: do it, say what happened or why not, and come back."""

    @require_POST
    @permission_required("campaigns.change_broadcast")
    def pressed(request: OfficeRequest, pk: int) -> HttpResponse:
        broadcast = get_object_or_404(Broadcast.objects.select_related("letter", "audience"), pk=pk)
        try:
            messages.success(request, verb(broadcast, request))
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(broadcast)

    return pressed


@_posted
def schedule(broadcast: Broadcast, request: OfficeRequest) -> str:
    actions.schedule(broadcast, at=broadcast.send_at, by=request.user)
    at = broadcast.local_send_at
    return f"Scheduled. It leaves on {date_format(at, 'SHORT_DATETIME_FORMAT')}" if at else "Scheduled."


@_posted
def send_now(broadcast: Broadcast, request: OfficeRequest) -> str:
    actions.schedule(broadcast, at=None, by=request.user)
    return "On its way. The worker begins within a minute."


@_posted
def unschedule(broadcast: Broadcast, request: OfficeRequest) -> str:
    actions.unschedule(broadcast, by=request.user)
    return "Taken back. It is a draft again and will not be sent."


@_posted
def cancel(broadcast: Broadcast, request: OfficeRequest) -> str:
    held_back = actions.cancel(broadcast, by=request.user)
    messages_held = "1 message was" if held_back == 1 else f"{held_back} messages were"
    return f"Cancelled. {messages_held} held back." if broadcast.launched_at else "Cancelled. Nothing was sent."


@require_safe
@permission_required("campaigns.view_letter")
def check(request: OfficeRequest, pk: int) -> HttpResponse:
    """A letter as its readers will see it, what would keep it from leaving, and a test to oneself."""
    letter = get_object_or_404(Letter, pk=pk)
    newest = letter.get_latest_revision_as_object()
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": "Home"},
        {"url": reverse("letters:list"), "label": "Letters"},
        {"url": "", "label": "Check and test", "sublabel": letter.name},
    ]
    page = {"letter": letter, "newest": newest, "problems": preflight.problems(newest), "crumbs": crumbs}
    return render(request, "campaigns/letter_check.html", page)


@require_safe
@permission_required("campaigns.view_letter")
def show(request: OfficeRequest, pk: int) -> HttpResponse:
    """The newest version of a letter in a frame: as HTML, as text, or for somebody of whom little is known."""
    letter = get_object_or_404(Letter, pk=pk).get_latest_revision_as_object()
    return printing.preview(letter, request.GET.get("mode", ""))


@require_POST
@permission_required("campaigns.change_letter")
def send_test(request: OfficeRequest, pk: int) -> HttpResponse:
    """Send the newest version to the person who asks, and to nobody else."""
    letter = get_object_or_404(Letter, pk=pk)
    try:
        test = actions.send_test(letter, to=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"A test is on its way to {test.to_email}.")
    return redirect("letters:check", pk)
