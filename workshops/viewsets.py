"""The office's menu “Workshops”: workshops and registrations."""

from __future__ import annotations

import django_filters
from django import forms
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from partners.models import Partner
from workshops import office
from workshops.models import Registration, Workshop
from workshops.office_forms import WorkshopForm


class WorkshopFilters(WagtailFilterSet):
    when = django_filters.ChoiceFilter(
        label="When",
        choices=[("coming", "Coming"), ("past", "Past")],
        method="filter_when",
        widget=forms.RadioSelect,
        empty_label="All",
    )
    state = django_filters.MultipleChoiceFilter(
        label="State", choices=Workshop.State.choices, widget=forms.CheckboxSelectMultiple
    )
    host = django_filters.ModelChoiceFilter(
        label="Host", queryset=Partner.objects.filter(workshops__isnull=False).distinct()
    )

    class Meta:
        model = Workshop
        fields = ["when", "state", "host"]

    def filter_when(self, queryset, name, value):
        now = timezone.now()
        return queryset.filter(starts_at__gt=now) if value == "coming" else queryset.filter(starts_at__lte=now)


class WorkshopViewSet(ModelViewSet):
    model = Workshop
    name = "workshops"
    icon = "date"
    menu_label = "Workshops"
    add_to_reference_index = False  # nothing refers to a workshop from rich text, and each save would pay for it
    index_view_class = office.WorkshopList
    add_view_class = office.NewWorkshop
    edit_view_class = office.EditWorkshop
    copy_view_class = office.CopyWorkshop
    delete_view_class = office.DeleteWorkshop
    inspect_view_class = office.WorkshopPage
    inspect_view_enabled = True
    inspect_template_name = office.WorkshopPage.template_name
    edit_template_name = office.EditWorkshop.template_name
    filterset_class = WorkshopFilters
    search_fields = ["title", "place", "host__name"]
    search_backend_name = None
    ordering = "-starts_at"
    list_display = [
        "title",
        Column("short_when", label="When", sort_key="starts_at"),
        Column("host", label="Host", sort_key="host__name"),
        Column("seats", label="Seats", accessor=office.seats_text),
        StatusTagColumn(
            "state",
            label="State",
            accessor="standing",
            sort_key="state",
            primary=lambda workshop: workshop.is_open,
        ),
    ]
    list_export = ["title", "host", "when", "place", "capacity", "seats_taken", "waiting", "get_state_display"]
    export_headings = {"get_state_display": "State", "when": "When", "waiting": "Waiting"}
    export_filename = "workshops"
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldPanel("host"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("day"), FieldPanel("starts"), FieldPanel("ends")]),
                    FieldPanel("turn"),
                    FieldPanel("time_zone"),
                    FieldPanel("place"),
                ],
                heading="When and where",
            ),
            FieldPanel("capacity", heading="Seats"),
            MultiFieldPanel([FieldPanel("summary"), FieldPanel("description")], heading="Words for the public page"),
        ],
        base_form_class=WorkshopForm,
    )

    def get_common_view_kwargs(self, **kwargs) -> dict:
        return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("publish/<int:pk>/", office.publish, name="publish"),
            path("cancel/<int:pk>/", office.cancel_workshop, name="cancel"),
            path("cancel-registration/<int:pk>/", office.cancel_registration, name="cancel_registration"),
        ]


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
    index_view_class = office.RegistrationList
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
        Column("email", label="E-mail", sort_key="email"),
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
    list_export = ["name", "email", "phone", "workshop", "get_state_display", "created_at"]
    export_headings = {"get_state_display": "State", "created_at": "Registered"}
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


class WorkshopsGroup(ModelViewSetGroup):
    items = (WorkshopViewSet, RegistrationViewSet)
    menu_label = "Workshops"
    menu_icon = "date"
    menu_order = 200
