"""Thanks for a referral: words to begin with, and every way to say them. Nothing is sent unseen."""

from __future__ import annotations

import json

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.models import Contact
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, identity, thanking
from partners.models import Referral, Touch
from partners.views.returning import back


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: Contact) -> str:
        return f"{person.name} <{person.email}>"


class LetterForm(forms.Form):
    """Thanks as they will be read, and by whom."""

    to = PersonField(queryset=Contact.objects.none(), label="To", empty_label=None)
    subject = forms.CharField(max_length=150)
    words = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 11}), label="Your words")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, referral: Referral, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.referral = referral
        people = thanking.addressees(referral)
        self.fields["to"].queryset = Contact.objects.filter(pk__in=[person.pk for person in people])  # type: ignore[attr-defined]
        greetings = {person.pk: thanking.greeting(referral, person) for person in people}
        self.fields["words"].widget.attrs["data-greetings"] = json.dumps(greetings)
        self.warning = ""

    def clean(self) -> dict:
        """A second press sends what was asked about once: a greeting of somebody else, mended, or a patient's look."""
        cleaned = super().clean() or self.cleaned_data
        self._greet(cleaned)
        text = f"{cleaned.get('subject', '')}\n{cleaned.get('words', '')}"
        found = identity.seen_in(text, self.referral.partner)
        if found and cleaned.get("seen") != identity.mark(found):
            self.warning, self.mark = identity.sentence(found), identity.mark(found)
            self.add_error("words", self.warning)
        return cleaned

    def _greet(self, cleaned: dict) -> None:
        """Who was chosen is greeted, though nothing is sent that nobody has read."""
        to, words = cleaned.get("to"), cleaned.get("words", "")
        mended = thanking.greeted_as(self.referral, words, to=to) if to else words
        if mended != words:
            self.data = {**{name: self.data.get(name, "") for name in self.data}, "words": mended}
            self.add_error("words", f"The words greeted somebody else. They greet {to} now: read them, and send.")


@permission_required("partners.change_referral")
@require_http_methods(["GET", "HEAD", "POST"])
def thank_you(request: OfficeRequest, pk: int) -> HttpResponse:
    """The draft: edit, copy, open in one's own mail program, or send it from here."""
    referral = get_object_or_404(Referral.objects.select_related("partner", "referred_by"), pk=pk)
    people = thanking.addressees(referral)
    to = people[0] if people else referral.referred_by
    draft = thanking.draft(referral, to=to, by=request.user)
    begun = {"to": to.pk if to else None, "subject": draft.subject, "words": draft.words}
    form = LetterForm(request.POST if request.method == "POST" else None, referral=referral, initial=begun)
    if form.is_valid() and _send(request, referral, form):
        return back(request, referral.partner)
    context = {
        "referral": referral,
        "draft": draft,
        "form": form,
        "people": people,
        "mailto": draft.mailto(to.email if to else ""),
        "is_signed_for": draft.permission,
        "next": get_valid_next_url_from_request(request) or "",
        "header_title": f"Thank {referral.partner}",
    }
    return render(request, "partners/thank_you.html", context, status=422 if form.errors else 200)


def _send(request: OfficeRequest, referral: Referral, form: LetterForm) -> bool:
    typed = form.cleaned_data
    try:
        letter = thanking.send(
            referral, to=typed["to"], subject=typed["subject"], words=typed["words"], by=request.user
        )
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return False
    touch = letter.dedupe_key.rpartition(":")[2]
    sentence = f"Your thanks to {typed['to']} leave in two minutes, and are kept in the outbox."
    say(request, sentence, undo=reverse("unthank", args=[referral.pk]), touch=touch)
    return True


@permission_required("partners.change_referral")
@require_POST
def thank(request: OfficeRequest, pk: int) -> HttpResponse:
    """Thanked in person, by card or by text: it is noted, with a touch."""
    referral = get_object_or_404(Referral.objects.select_related("partner", "referred_by"), pk=pk)
    try:
        touch = actions.thank(referral, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = f"{referral.partner} is thanked for {referral}."
        say(request, sentence, undo=reverse("unthank", args=[pk]), touch=touch.pk)
    return back(request, referral.partner)


@permission_required("partners.change_referral")
@require_POST
def unthank(request: OfficeRequest, pk: int) -> HttpResponse:
    referral = get_object_or_404(Referral.objects.select_related("partner"), pk=pk)
    number = request.POST.get("touch", "")
    said = referral.partner.touches.filter(kind=Touch.TouchKind.THANKS)
    touch = get_object_or_404(said, pk=number if number.isdecimal() and len(number) < 16 else None)
    try:
        thanking.take_back(referral, touch=touch, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"A thank-you to {referral.partner} is owed again.")
    return back(request, referral.partner)
