"""Letters to the host in the office: the draft, one tap to send it, and the way back; and where a to do leads."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.actions import may_write
from crm.people.models import Contact, Purpose
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners.actions import Refused
from partners.models import FollowUp, Touch
from workshops import actions, host_letters
from workshops.actions.telling_host import KIT, NEAR
from workshops.host_letters import Letter
from workshops.models import Workshop


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: Contact) -> str:
        return f"{person.name} <{person.email}>"


class HostLetterForm(forms.Form):
    """The letter as it will be read, and by whom."""

    to = PersonField(queryset=Contact.objects.none(), label="To", empty_label=None)
    subject = forms.CharField(max_length=150)
    words = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 12}), label="Your words")

    def __init__(self, *args, people: list[Contact], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = Contact.objects.filter(pk__in=[person.pk for person in people])  # type: ignore[attr-defined]


@permission_required("workshops.change_workshop")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: OfficeRequest, pk: int, name: str) -> HttpResponse:
    """The draft, with the counts of this moment: edit it, send it from here, or open it in one's own mail program."""
    workshop, letter = _workshop(pk), _letter(name)
    if workshop.host is None:
        raise Http404("Nobody hosts it.")
    people = host_letters.addressees(workshop)
    to = people[0] if people else None
    draft = host_letters.draft(workshop, letter, to=to, by=request.user)
    begun = {"to": to.pk if to else None, "subject": draft.subject, "words": draft.words}
    form = HostLetterForm(request.POST if request.method == "POST" else None, people=people, initial=begun)
    if form.is_valid() and _send(request, workshop, letter, form):
        return redirect("workshops:inspect", pk)
    context = {
        "workshop": workshop,
        "letter": letter,
        "form": form,
        "people": people,
        "mailto": draft.mailto(to.email if to else ""),
        "before": next(iter(host_letters.sent(workshop, letter)), None),
        "fits": letter.fits(workshop),
        "needs_yes": to is not None and letter == Letter.COUNT and not may_write(to, purpose=Purpose.PARTNER),
    }
    return render(request, "workshops/office/host_letter.html", context, status=422 if form.errors else 200)


def _send(request: OfficeRequest, workshop: Workshop, letter: Letter, form: HostLetterForm) -> bool:
    typed = form.cleaned_data
    try:
        _message, touch = actions.tell_host(
            workshop, letter, to=typed["to"], subject=typed["subject"], words=typed["words"], by=request.user
        )
    except (actions.Refusal, Refused) as refusal:
        form.add_error("words", str(refusal))
        return False
    undo = reverse("take_back_host_letter", args=[workshop.pk, letter])
    say(request, f"Your letter to {typed['to']} leaves in two minutes, and is noted.", undo=undo, touch=touch.pk)
    return True


@permission_required("workshops.change_workshop")
@require_POST
def take_back(request: OfficeRequest, pk: int, name: str) -> HttpResponse:
    """Undo sending, as long as the letter is here."""
    workshop, number = _workshop(pk), request.POST.get("touch", "")
    theirs = Touch.objects.filter(partner=workshop.host)
    touch = get_object_or_404(theirs, pk=number if number.isdecimal() and len(number) < 16 else None)
    try:
        actions.take_back_letter(workshop, _letter(name), touch=touch, by=request.user)
    except (actions.Refusal, Refused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Taken back. Nothing leaves, and it is still to do.")
    return redirect("workshops:inspect", pk)


@permission_required("workshops.view_workshop")
@require_safe
def step(request: OfficeRequest, pk: int) -> HttpResponse:
    """The page that helps with a to do of a workshop: the kit, a letter, the look back, or the workshop itself."""
    todo = get_object_or_404(FollowUp.objects.select_related("step"), pk=pk)
    number, days = todo.workshop_pk, todo.step.days if todo.step else 0
    if number is None:
        raise Http404("It belongs to no workshop.")
    get_object_or_404(Workshop, pk=number)
    if days in KIT:
        return redirect("workshop_kit", number)
    for letter in Letter:
        if days in NEAR[letter]:
            return redirect("write_to_host", number, letter)
    return redirect("workshops:inspect", number)


def _workshop(pk: int) -> Workshop:
    return get_object_or_404(Workshop.objects.select_related("host", "topic"), pk=pk)


def _letter(name: str) -> Letter:
    if name not in list(Letter):
        raise Http404("There is no such letter.")
    return Letter(name)
