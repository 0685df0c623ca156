"""The office's screens for workshops: Wagtail's own views, which hand what matters to the actions."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from crm.people.office import OfficeRequest
from crm.people.records import RecordList
from crm.people.undo import say
from partners.models import Partner
from workshops import actions
from workshops.actions.preparing import follow_host, put_aside_with
from workshops.chain import Chain
from workshops.entrance import Entrance
from workshops.models import InviteReply, Registration, Workshop
from workshops.office import links
from workshops.office.debriefs import beside
from workshops.office.forms import CancelWorkshopForm
from workshops.office.waiting import why_nobody_moves_up
from workshops.outcome import comparing


def seats_text(workshop) -> str:
    """“8 of 12, 2 waiting”, for a workshop that the list has counted the waiting of."""
    taken = f"{workshop.seats_taken} of {workshop.capacity}"
    return f"{taken}, {workshop.waiting} waiting" if workshop.waiting else taken


class WorkshopList(RecordList):
    def get_base_queryset(self):
        waiting = Count("registrations", filter=Q(registrations__state=Registration.State.WAITING))
        return Workshop.objects.select_related("host", "topic").annotate(waiting=waiting)

    def get_edit_url(self, instance: Workshop) -> str:
        """A click on the title shows the workshop; changing it is one more click."""
        return self.get_inspect_url(instance)

    def get_list_more_buttons(self, instance: Workshop) -> list:
        return []


class RegistrationList(RecordList):
    def get_base_queryset(self):
        return Registration.objects.select_related("workshop", "credited_to")

    def get_list_more_buttons(self, instance: Registration) -> list:
        return []


class EditWorkshop(generic.EditView):
    """Time and place go through ``actions.move``, seats through ``actions.change_capacity``: people are told."""

    template_name = "workshops/office/edit.html"
    success_message = None
    WORDS = (
        "topic",
        "host",
        "audience",
        "summary",
        "description",
        "bring",
        "arrival",
        "picture",
        "is_private",
        "asks_again",
    )
    SEATS = frozenset({"capacity", "host_seats"})
    CLOCK = frozenset({"day", "starts", "ends", "turn", "time_zone"})

    def get_context_data(self, **kwargs) -> dict:
        states = self.object.registrations.active().values_list("state", flat=True)
        seats = sum(state == Registration.State.CONFIRMED for state in states)
        told = {"seats": seats, "waiting": len(states) - seats, "all": len(states)}
        return super().get_context_data(**kwargs) | {"told": told if self.object.is_open else {}}

    @transaction.atomic
    def save_instance(self) -> Workshop:
        typed, workshop, changed = self.form.cleaned_data, self.form.instance, {*self.form.changed_data}
        was_at = Partner.objects.filter(workshops=workshop).first()
        # Only what was changed here: everything else may have been changed elsewhere since the form was shown.
        words = [field for field in self.WORDS if field in changed]
        workshop.revised_at = timezone.now()  # calendars that subscribe look at it; the SEQUENCE stays
        workshop.save(update_fields=[*words, "revised_at"] if words else [])
        moved = changed & {"title", "place", "video_url"} | (
            {"starts_at", "ends_at", "time_zone"} if changed & self.CLOCK else set()
        )
        self.told = actions.move(workshop, **{field: typed[field] for field in moved}, by=self.request.user)
        self.promoted = actions.change_capacity(workshop, **{field: typed[field] for field in changed & self.SEATS})
        log(instance=workshop, action="wagtail.edit", user=self.request.user)
        workshop = Workshop.objects.select_related("host").get(pk=workshop.pk)
        if workshop.host != was_at:
            follow_host(workshop, was_at=was_at, by=self.request.user)
        return workshop

    def form_valid(self, form) -> HttpResponse:
        try:
            return super().form_valid(form)
        except actions.Refusal as refusal:
            form.add_error(None, str(refusal))
            self.produced_error_code = "validation_error"
            self.produced_error_message = str(refusal)
            return self.form_invalid(form)

    def get_success_url(self) -> str:
        said = ["Saved."]
        if self.told:
            said.append(f"{self.told} {'person is' if self.told == 1 else 'people are'} being told of the change.")
        if self.promoted:
            names = ", ".join(registration.name for registration in self.promoted)
            said.append(f"Moved up from the waiting list: {names}.")
        messages.success(self.request, " ".join(said))
        return reverse("workshops:inspect", args=[self.object.pk])


class DeleteWorkshop(generic.DeleteView):
    """Drafts only: what people registered for is cancelled instead, so that they are told."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            actions.refuse_to_drop(self.object)
        except actions.Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("workshops:inspect", self.object.pk)
        return super().post(request, *args, **kwargs)

    @transaction.atomic
    def delete_action(self) -> None:
        actions.put_aside(self.object, by=self.request.user)
        super().delete_action()


class WorkshopPage(generic.InspectView):
    """One workshop on one page: what, when, where, who has a seat and who waits."""

    template_name = "workshops/office/workshop.html"
    page_title = "Workshop"

    def get_object(self, queryset=None) -> Workshop:
        return get_object_or_404(Workshop.objects.select_related("host", "topic"), pk=self.pk)

    @cached_property
    def header_more_buttons(self) -> list:
        history = reverse("workshops:history", args=[self.object.pk])
        return [Button("History", url=history, icon_name="history")]

    def get_context_data(self, **kwargs) -> dict:
        workshop = self.object
        rows = list(
            workshop.registrations.select_related("invite", "contact", "credited_to").order_by("created_at", "pk")
        )
        by_state = {state: [row for row in rows if row.state == state] for state in Registration.State.values}
        around = beside(workshop, self.request.user)
        return super().get_context_data(**kwargs) | {
            "workshop": workshop,
            "host_url": host_url(workshop),
            **around,
            "chain": Chain(workshop, rows, around["steps"]).links(),
            **comparing.for_page(workshop),
            "confirmed": by_state["confirmed"],
            "offered": by_state["offered"],
            "waiting": sorted(by_state["waiting"], key=lambda row: (bool(row.offer_lapsed_at), row.created_at)),
            "why": why_nobody_moves_up(workshop, by_state["waiting"], by_state["offered"]),
            "cancelled": by_state["cancelled"],
            "answers": InviteReply.objects.of(workshop),
            "unconfirmed": by_state["unconfirmed"],
            "doubtful": len(by_state["quarantined"]) if workshop.is_open else 0,
            "link": links.shown(workshop, workshop.host),
            "page_url": Entrance(workshop, None, workshop.code).address,
            "seats": [number < workshop.seats_taken for number in range(min(workshop.capacity, 60))],
            "can_change": self.user_has_permission("change"),
            "can_add": self.user_has_permission("add"),
            "can_delete": self.user_has_permission("delete") and workshop.state == Workshop.State.DRAFT,
            "may_change_seats": self.request.user.has_perm("workshops.change_registration") and workshop.is_open,
            "may_erase": self.request.user.has_perm("workshops.delete_registration"),
        }


def host_url(workshop: Workshop) -> str:
    try:
        return reverse("partners:inspect", args=[workshop.host_id]) if workshop.host_id else ""
    except NoReverseMatch:
        return ""


@permission_required("workshops.change_workshop", raise_exception=True)
@require_POST
def publish(request: OfficeRequest, pk: int) -> HttpResponse:
    workshop = get_object_or_404(Workshop, pk=pk)
    try:
        actions.publish(workshop, by=request.user)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        log(instance=workshop, action="wagtail.publish", user=request.user)
        messages.success(request, "Published. It is on the site, and people can register.")
    return redirect("workshops:inspect", pk)


@permission_required("workshops.change_workshop", raise_exception=True)
def cancel_workshop(request: OfficeRequest, pk: int) -> HttpResponse:
    workshop = get_object_or_404(Workshop, pk=pk)
    form = CancelWorkshopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            told = actions.cancel_workshop(workshop, reason=form.cleaned_data["reason"], by=request.user)
        except actions.Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            _say_cancelled(request, workshop, told)
        return redirect("workshops:inspect", pk)
    context = {"workshop": workshop, "form": form, "told": workshop.registrations.active().count()}
    return render(request, "workshops/office/cancel.html", context)


def _say_cancelled(request: OfficeRequest, workshop: Workshop, told: int) -> None:
    """How many are told; and what was to be done with the host is put aside, which one tap undoes."""
    said = f"Cancelled. {told} {'person is' if told == 1 else 'people are'} being told."
    workshop.refresh_from_db(fields=["cancelled_at"])
    aside = put_aside_with(workshop)
    if not aside:
        messages.success(request, said)
        return
    many = "1 to do" if len(aside) == 1 else f"{len(aside)} to dos"
    undo = reverse("resume_plan", args=[workshop.host_id])
    say(request, f"{said} {many} with {workshop.host} put aside.", undo=undo, label="Keep them", run=aside[0].run)


@permission_required("workshops.change_registration", raise_exception=True)
def cancel_registration(request: HttpRequest, pk: int) -> HttpResponse:
    registration = get_object_or_404(Registration.objects.select_related("workshop"), pk=pk)
    if request.method != "POST":
        waiting = registration.workshop.registrations.waiting().exists()
        context = {"registration": registration, "waiting": waiting}
        return render(request, "workshops/office/cancel_registration.html", context)
    try:
        actions.cancel(registration, by=Registration.CancelledBy.OFFICE)
    except actions.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Cancelled. {registration.name} is being told.")
    return redirect("workshops:inspect", registration.workshop_id)
