"""Adding and editing one partner in the office."""

from __future__ import annotations

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
