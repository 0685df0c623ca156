"""The consent ledger of one contact in the office: what was said, and a form for what they say next."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose, User

State = ConsentEvent.State


class OfficeRequest(HttpRequest):
    """A request behind the office's login."""

    user: User


class ConsentForm(forms.Form):
    """What somebody said, where, and how we know."""

    state = forms.ChoiceField(
        label="What they said",
        choices=[(State.GRANTED.value, "They said yes"), (State.WITHDRAWN.value, "They said no")],
        widget=forms.RadioSelect,
    )
    purpose = forms.ChoiceField(label="To what", choices=Purpose.choices)
    source = forms.CharField(
        label="Where they said it", max_length=60, help_text="For example: in person, by phone, by e-mail."
    )
    evidence = forms.CharField(
        label="How you know",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Their words, or who heard them. A yes needs it; it is your proof.",
    )

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("state") == State.GRANTED and not cleaned.get("evidence"):
            self.add_error("evidence", "Write down how you know that they said yes.")
        return cleaned


def _noted(contact: Contact, state: str) -> str:
    if state == State.WITHDRAWN:
        return f"Noted what {contact} said. No letter about it leaves from now on."
    return (
        f"Noted what {contact} said. If they pressed the link in a letter, only they can take that back, with the link."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("people.view_consentevent", raise_exception=True)
def consent(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show the ledger of one contact; add to it who may."""
    contact = get_object_or_404(Contact, pk=pk)
    may_add = request.user.has_perm("people.add_consentevent")
    form = ConsentForm(request.POST if request.method == "POST" and may_add else None)
    if form.is_valid():
        record_consent(contact, by=request.user, **form.cleaned_data)
        messages.success(request, _noted(contact, form.cleaned_data["state"]))
        return redirect(get_valid_next_url_from_request(request) or reverse("consent", args=[pk]))
    context = {
        "contact": contact,
        "form": form if may_add else None,
        "header_title": f"What {contact} agreed to",
        "header_icon": "check",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": "", "label": "What they agreed to", "sublabel": str(contact)},
        ],
        "next": get_valid_next_url_from_request(request),
    }
    return render(request, "people/consent.html", context, status=422 if form.is_bound else 200)
