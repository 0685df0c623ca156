from __future__ import annotations

from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from crm.people.records import SearchForm
from partners.models import Partner


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


class PartnerChooserViewSet(ChooserViewSet):
    model = Partner
    name = "partner_chooser"
    icon = "group"
    choose_view_class = ChoosePartner
    choose_results_view_class = ChoosePartnerResults
    choose_one_text = "Choose a partner"
    choose_another_text = "Choose another partner"
    edit_item_text = "Edit this partner"
    form_fields = ["name", "kind", "city"]
    creation_tab_label = "New partner"
