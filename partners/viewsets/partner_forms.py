"""Adding and editing one partner in the office."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views.generic import CreateView, EditView

from partners.duplicates import Twin, twins_of
from partners.models import LADDER, Partner
from partners.viewsets.careful import Careful

WARNED_OF = "warned_of_twins"


def twins_to_ask_about(request: HttpRequest, partner: Partner) -> list[Twin]:
    """Who seems to be this partner already; nobody once somebody has been asked about the same ones."""
    twins = twins_of(partner)
    asked = [twin.partner.pk for twin in twins]
    if twins and request.session.get(WARNED_OF) != asked:
        request.session[WARNED_OF] = asked
        return twins
    request.session.pop(WARNED_OF, None)
    return []


class NewPartnerForm(WagtailAdminModelForm):
    """A partner may be added where it stands already, but not to a rest: that takes a reason."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [(stage.value, stage.label) for stage in LADDER]


class PartnerForm(WagtailAdminModelForm):
    """Saves what was changed and nothing else. ``seen`` is what stood in the fields when the form was opened.

    So a form that lay open for an hour brings no old value back; and where two people changed the same field, the second
    is told, and chooses.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    data: Any

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = json.dumps(self._now())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        now, seen = self._now(), self._seen()
        self.changed = [name for name in now if self._differs(name, seen[name])]
        for name in self.changed:
            if now[name] != seen[name] and self._differs(name, now[name]):
                self.add_error(name, self._both(name, now[name]))
        if self.errors:  # whoever saves once more has been told
            self.data = {**self.data.dict(), "seen": json.dumps(now)}
        return cleaned

    def save(self, commit: bool = True) -> Partner:
        for name, value in self._now().items():
            if name not in self.changed:
                setattr(self.instance, name, value)
        if self.changed and commit:
            self.instance.save(update_fields=self.changed)
        return self.instance

    def _now(self) -> dict[str, Any]:
        """What the database says, as this form was made."""
        return {name: self.initial.get(name) for name in self._meta.fields or () if name in self.fields}

    def _seen(self) -> dict[str, Any]:
        try:
            seen = json.loads(self.data.get(self.add_prefix("seen")) or "{}")
        except ValueError:
            seen = {}
        return {**self._now(), **(seen if isinstance(seen, dict) else {})}

    def _differs(self, name: str, value: Any) -> bool:
        field = self.fields[name]
        return field.has_changed(value, field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))

    def _both(self, name: str, now: Any) -> str:
        words = dict(getattr(self.fields[name], "choices", ())).get(now, now)
        return (
            f"Somebody else changed this to “{words if words not in ('', None) else 'nothing'}” while you were here. "
            "What you wrote is still in the field: save again to put it in place of theirs."
        )


class AddPartner(Careful, CreateView):
    free_texts = ("notes", "off_ramp_reason")

    def form_valid(self, form: ModelForm) -> HttpResponse:
        """Ask once when the partner seems to be here already; a second press adds it all the same."""
        if twins := twins_to_ask_about(self.request, form.instance):
            messages.warning(self.request, render_to_string("partners/_twins.html", {"twins": twins}))
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)

    def save_instance(self) -> Partner:
        self.form.instance.created_by = self.request.user
        return super().save_instance()

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class EditPartner(Careful, EditView):
    free_texts = ("notes", "off_ramp_reason")

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        partner = self.get_object()
        if partner.merged_into_id:
            return redirect("partners:edit", partner.merged_into_id)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Hold the row, so that what the form is compared with is what it is written over."""
        with transaction.atomic():
            key = unquote(str(self.kwargs["pk"]))
            self.object = get_object_or_404(Partner.objects.select_for_update(), pk=key)
            return self._say_merged() if self.object.merged_into else super().post(request, *args, **kwargs)

    def _say_merged(self) -> HttpResponse:
        """Keep what somebody typed while the partner was merged into another, and write nothing to it."""
        words = render_to_string("partners/_merged_meanwhile.html", {"gone": self.object})
        messages.error(self.request, words)
        return self.render_to_response(self.get_context_data(form=self.get_form()), status=422)

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()
