"""Outings in the office: plan one, name three people, and afterwards write down what came of each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.actions.outings import TO_NAME, Person, promise
from partners.forms import DayInput
from partners.models import Outing, Partner, ToMeet
from partners.names import fold

PER_PAGE = 20


class OutingForm(forms.Form):
    """Where we go, and three people to meet there."""

    name = forms.CharField(label="What is it?", max_length=160)
    on = forms.DateField(label="On which day?", widget=DayInput)
    place = forms.CharField(label="Where?", max_length=160, required=False)
    host = forms.CharField(
        label="Whose is it?", max_length=160, required=False, help_text="A partner, if it is theirs."
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, TO_NAME + 1):
            self.fields[f"person{number}"] = forms.CharField(label=f"Person {number}", max_length=120, required=False)
            self.fields[f"why{number}"] = forms.CharField(label="Why them?", max_length=200, required=False)
            self.fields[f"from{number}"] = forms.CharField(
                label="From which partner?", max_length=160, required=False, help_text="Leave empty if they are new."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.partners: dict[str, Partner | None] = {}
        for name in ("host", *(f"from{number}" for number in range(1, TO_NAME + 1))):
            typed = cleaned.get(name, "")
            self.partners[name] = _called(typed) if typed else None
            if typed and self.partners[name] is None:
                self.add_error(name, f"No partner is called “{typed}”. Leave it empty, or add them first.")
        return cleaned

    @property
    def people(self) -> list[Person]:
        told = self.cleaned_data
        return [
            Person(told[f"person{number}"], told[f"why{number}"], self.partners[f"from{number}"])
            for number in range(1, TO_NAME + 1)
        ]

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [(self[f"person{n}"], self[f"why{n}"], self[f"from{n}"]) for n in range(1, TO_NAME + 1)]


def _called(typed: str) -> Partner | None:
    found = Partner.objects.current().matching(typed, limit=3)
    return next((partner for partner in found if fold(partner.name) == fold(typed)), None)


@permission_required("partners.view_outing")
@require_safe
def outings(request: OfficeRequest) -> HttpResponse:
    """Every outing, the next ones on top of those gone by."""
    counted = Outing.objects.select_related("partner").annotate(
        named=Count("to_meet"), met=Count("to_meet", filter=Q(to_meet__is_met=True))
    )
    page = Paginator(counted.order_by("-on", "-pk"), PER_PAGE).get_page(request.GET.get("p"))
    return render(request, "partners/results/outings.html", {"page": page, "today": timezone.localdate()})


@permission_required("partners.add_outing")
@require_http_methods(["GET", "HEAD", "POST"])
def add_outing(request: OfficeRequest) -> HttpResponse:
    form = OutingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("name", "on", "place")}
        outing = actions.plan_outing(**told, partner=form.partners["host"], people=form.people, by=request.user)
        say(request, f"{outing} is planned. What comes before and after it is on your list.")
        return redirect("outing", outing.pk)
    return render(request, "partners/results/outing_form.html", {"form": form}, status=422 if form.errors else 200)


@permission_required("partners.change_outing")
@require_http_methods(["GET", "HEAD", "POST"])
def change_outing(request: OfficeRequest, pk: int) -> HttpResponse:
    outing = get_object_or_404(Outing.objects.select_related("partner"), pk=pk)
    form = OutingForm(request.POST if request.method == "POST" else None, initial=_initial(outing))
    if form.is_valid():
        with transaction.atomic():
            for name in ("name", "on", "place"):
                setattr(outing, name, form.cleaned_data[name])
            outing.partner = form.partners["host"]
            outing.save()
            actions.name_people(outing, people=form.people)
            promise(outing, by=request.user)
        say(request, f"{outing} is saved.")
        return redirect("outing", pk)
    context = {"form": form, "outing": outing}
    return render(request, "partners/results/outing_form.html", context, status=422 if form.errors else 200)


def _initial(outing: Outing) -> dict[str, Any]:
    initial = {"name": outing.name, "on": outing.on, "place": outing.place, "host": outing.partner or ""}
    people = outing.to_meet.filter(is_met=None).select_related("partner")[:TO_NAME]
    for number, person in enumerate(people, start=1):
        initial |= {f"person{number}": person.name, f"why{number}": person.why, f"from{number}": person.partner or ""}
    return initial


@permission_required("partners.view_outing")
@require_http_methods(["GET", "HEAD", "POST"])
def outing(request: OfficeRequest, pk: int) -> HttpResponse:
    """Whom to meet; and after it, what came of each."""
    found = get_object_or_404(Outing.objects.select_related("partner"), pk=pk)
    people = list(found.to_meet.select_related("partner", "outing"))
    refusal = ""
    if request.method == "POST":
        refusal = _look_back(request, people)
        if not refusal:
            _close_if_told(request, found)
            return redirect("outing", pk)
    context = {
        "outing": found,
        "people": people,
        "is_over": found.on <= timezone.localdate(),
        "refusal": refusal,
        "may_change": request.user.has_perm("partners.change_tomeet"),
    }
    return render(request, "partners/results/outing.html", context, status=422 if refusal else 200)


def _look_back(request: OfficeRequest, people: list[ToMeet]) -> str:
    """Write down what was said of each; return why that could not be. All of it, or nothing."""
    if not request.user.has_perms(["partners.change_tomeet", "partners.add_touch"]):
        raise PermissionDenied
    can_add = request.user.has_perm("partners.add_partner")
    try:
        with transaction.atomic():
            for person in people:
                answer = request.POST.get(f"met{person.pk}", "")
                person.outcome = request.POST.get(f"outcome{person.pk}", person.outcome)  # shown again if it is refused
                if answer in ("yes", "no"):
                    at = request.POST.get(f"at{person.pk}", "") if can_add else ""
                    told = {"outcome": person.outcome, "at_partner": at}
                    actions.look_back(person, is_met=answer == "yes", by=request.user, **told)
    except actions.Refused as refusal:
        return str(refusal)
    return ""


def _close_if_told(request: OfficeRequest, found: Outing) -> None:
    if found.to_meet.filter(is_met=None).exists():
        say(request, "Saved. Say of the others whether you met them, and it is done.")
        return
    actions.close_outing(found, by=request.user)
    met = found.to_meet.filter(is_met=True).count()
    say(request, f"That is all of {found}: {met} of {found.to_meet.count()} met. Those with a partner are on its page.")


@permission_required("partners.change_outing")
@require_POST
def close(request: OfficeRequest, pk: int) -> HttpResponse:
    """Nothing more to write down."""
    found = get_object_or_404(Outing, pk=pk)
    actions.close_outing(found, by=request.user)
    say(request, f"{found} is done.")
    return redirect(reverse("outings"))
