"""The office's menu “Leads”: who wrote to us on the site or asked to be called after a workshop. They are read and followed up, never written by hand."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import Page

from content.models import Lead
from crm.people.records import RecordList, RecordViewSet


def pages_with_leads(request) -> QuerySet[Page]:
    return Page.objects.filter(pk__in=Lead.objects.order_by().values("page")).order_by("title")


class LeadFilters(WagtailFilterSet):
    page = django_filters.ModelChoiceFilter(label="Page", queryset=pages_with_leads, empty_label="All pages")
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[("to_answer", "To answer"), ("answered", "Answered")],
        method="filter_state",
        widget=forms.RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Lead
        fields = ["page", "state"]

    def filter_state(self, leads, name, value):
        return leads.to_answer() if value == "to_answer" else leads.answered()


class LeadList(RecordList):
    def get_base_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.select_related("contact", "page", "follow_up", "registration__workshop__host")


class LeadPage(InspectView):
    page_title = "Lead"

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.select_related("contact", "page", "follow_up", "registration__workshop__host")


class ContactColumn(Column):
    cell_template_name = "content/office/_contact_cell.html"


class LeadViewSet(RecordViewSet):
    model = Lead
    name = "leads"
    icon = "mail"
    menu_label = "Leads"
    menu_order = 450
    add_to_admin_menu = True
    index_view_class = LeadList
    inspect_view_class = LeadPage
    inspect_view_enabled = True
    inspect_template_name = "content/office/lead.html"
    filterset_class = LeadFilters
    form_fields: list[str] = []
    search_fields = ["name", "email", "phone", "message", "heard_from"]
    ordering = "-created_at"
    list_display = [
        TitleColumn("name", label="Name", sort_key="name", url_name="leads:inspect"),
        StatusTagColumn("state", label="State", accessor="standing", primary=lambda lead: not lead.is_answered),
        Column("came_by", label="Came by", sort_key="page__title"),
        Column("heard_from", label="Heard from", sort_key="heard_from"),
        ContactColumn("contact", label="Contact"),
        DateColumn("created_at", label="Came in", sort_key="created_at"),
    ]
    list_export = ["name", "email", "phone", "message", "heard_from", "came_by", "standing", "created_at"]
    export_filename = "leads"

    def get_common_view_kwargs(self, **kwargs) -> dict:
        return super().get_common_view_kwargs(**{"add_url_name": None, "edit_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        wanted = {"index", "index_results", "inspect"}
        return [pattern for pattern in ModelViewSet.get_urlpatterns(self) if pattern.name in wanted]

    def register_admin_url_finder(self) -> None:
        """There is no page to edit a lead on."""


lead_viewset = LeadViewSet()
