"""Registrations in the office."""

from __future__ import annotations

import django_filters
from django import forms
from django.urls import path, reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from workshops.models import Registration, Workshop
from workshops.office import records


class RegistrationFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label="State", choices=Registration.State.choices, widget=forms.CheckboxSelectMultiple
    )
    workshop = django_filters.ModelChoiceFilter(label="Workshop", queryset=Workshop.objects.order_by("-starts_at"))

    class Meta:
        model = Registration
        fields = ["state", "workshop"]


class RegistrationViewSet(ModelViewSet):
    """A list to look at and to export. A registration is made on the site and cancelled on the workshop's page."""

    model = Registration
    name = "registrations"
    icon = "clipboard-list"
    add_to_reference_index = False
    menu_label = "Registrations"
    index_view_class = records.RegistrationList
    form_fields: list[str] = []
    copy_view_enabled = False
    inspect_view_enabled = False
    filterset_class = RegistrationFilters
    search_fields = ["name", "email", "workshop__title"]
    search_backend_name = None
    ordering = "-created_at"
    list_per_page = 50
    list_display = [
        TitleColumn(
            "name",
            label="Name",
            sort_key="name",
            get_url=lambda registration: reverse("workshops:inspect", args=[registration.workshop_id]),
        ),
        Column("email", label="E-mail", sort_key="email", accessor=lambda person: person.email or "no e-mail"),
        Column("workshop", label="Workshop", sort_key="workshop__starts_at"),
        StatusTagColumn(
            "state",
            label="State",
            accessor="get_state_display",
            sort_key="state",
            primary=lambda registration: registration.state == Registration.State.CONFIRMED,
        ),
        DateColumn("created_at", label="Registered", sort_key="created_at"),
    ]
    list_export = [
        *("name", "email", "phone", "workshop", "get_state_display", "created_at"),
        *("get_source_display", "credited_to", "heard_from"),
    ]
    export_headings = {
        "get_state_display": "State",
        "created_at": "Registered",
        "get_source_display": "Came by",
        "credited_to": "Credited to",
    }
    export_filename = "registrations"

    def get_common_view_kwargs(self, **kwargs) -> dict:
        nowhere = dict.fromkeys(["add_url_name", "edit_url_name", "delete_url_name", "history_url_name"])
        return super().get_common_view_kwargs(**{**nowhere, "usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]

    def register_admin_url_finder(self) -> None:
        """There is no edit page to find."""
