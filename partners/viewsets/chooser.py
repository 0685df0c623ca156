from __future__ import annotations

from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, CreateView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from crm.people.records import SearchForm
from partners.models import Partner
from partners.viewsets.partner_forms import twins_to_ask_about


class PartnerSearchForm(SearchForm):
    def search(self, objects, typed: str):
        return objects.matching(typed, limit=20)


class ChoosePartner(ChooseView):
    filter_form_class = PartnerSearchForm

    def get_object_list(self):
        return Partner.objects.current()


class ChoosePartnerResults(ChooseResultsView):
    filter_form_class = PartnerSearchForm

    def get_object_list(self):
        return Partner.objects.current()


class CreatePartner(CreateView):
    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask once when the partner seems to be here already, as the page for a new partner does."""
        form = self.form = self.get_creation_form()
        if form.is_valid() and (twins := twins_to_ask_about(request, form.instance)):
            form.add_error(None, render_to_string("partners/_twins.html", {"twins": twins}))
            return self.get_reshow_creation_form_response()
        return super().post(request)

    def save_form(self, form: ModelForm) -> Partner:
        form.instance.created_by = self.request.user
        return super().save_form(form)


class PartnerChooserViewSet(ChooserViewSet):
    model = Partner
    name = "partner_chooser"
    icon = "group"
    choose_view_class = ChoosePartner
    choose_results_view_class = ChoosePartnerResults
    create_view_class = CreatePartner
    choose_one_text = "Choose a partner"
    choose_another_text = "Choose another partner"
    edit_item_text = "Edit this partner"
    form_fields = ["name", "kind", "city"]
    creation_tab_label = "New partner"
