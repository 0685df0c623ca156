"""Workshops in the records."""

from __future__ import annotations

import django_filters
from django import forms
from django.urls import path
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.viewsets.model import ModelViewSet

from partners.models import Partner
from workshops.models import Topic, Workshop
from workshops.office import debriefs, making, records, year
from workshops.office.forms import WorkshopForm


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
    topic = django_filters.ModelChoiceFilter(
        label="Topic", queryset=Topic.objects.filter(workshops__isnull=False).distinct()
    )
    host = django_filters.ModelChoiceFilter(
        label="Host", queryset=Partner.objects.filter(workshops__isnull=False).distinct()
    )

    class Meta:
        model = Workshop
        fields = ["when", "state", "topic", "host"]

    def filter_when(self, queryset, name, value):
        now = timezone.now()
        return queryset.filter(starts_at__gt=now) if value == "coming" else queryset.filter(starts_at__lte=now)


class WorkshopViewSet(ModelViewSet):
    model = Workshop
    name = "workshops"
    icon = "date"
    menu_label = "Workshops"
    add_to_reference_index = False  # nothing refers to a workshop from rich text, and each save would pay for it
    index_view_class = records.WorkshopList
    add_view_class = making.NewWorkshop
    edit_view_class = records.EditWorkshop
    copy_view_class = making.CopyWorkshop
    delete_view_class = records.DeleteWorkshop
    inspect_view_class = records.WorkshopPage
    inspect_view_enabled = True
    inspect_template_name = records.WorkshopPage.template_name
    edit_template_name = records.EditWorkshop.template_name
    filterset_class = WorkshopFilters
    search_fields = ["title", "place", "host__name"]
    search_backend_name = None
    ordering = "-starts_at"
    list_display = [
        "title",
        Column("short_when", label="When", sort_key="starts_at"),
        Column("host", label="Host", sort_key="host__name"),
        Column("seats", label="Seats", accessor=records.seats_text),
        StatusTagColumn(
            "state",
            label="State",
            accessor="standing",
            sort_key="state",
            primary=lambda workshop: workshop.is_open,
        ),
    ]
    list_export = [
        *("title", "topic", "host", "get_audience_display", "when", "place", "video_url"),
        *("capacity", "seats_taken", "waiting", "standing"),
    ]
    export_headings = {
        "standing": "State",
        "when": "When",
        "waiting": "Waiting",
        "get_audience_display": "For",
    }
    export_filename = "workshops"
    edit_handler = ObjectList(
        [
            FieldPanel("topic", help_text="Words, seats and length come from it. Change what you like."),
            FieldPanel("title"),
            FieldRowPanel([FieldPanel("host"), FieldPanel("audience")]),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("day"), FieldPanel("starts"), FieldPanel("ends")]),
                    FieldPanel("turn"),
                    FieldPanel("time_zone"),
                    FieldPanel("place"),
                    FieldPanel("video_url"),
                    FieldPanel("arrival"),
                    FieldPanel("bring"),
                ],
                heading="When and where",
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("capacity", heading="Seats"), FieldPanel("host_seats")]),
                    FieldPanel("is_private"),
                    FieldPanel("asks_again"),
                ],
                heading="Who may come",
            ),
            MultiFieldPanel(
                [FieldPanel("summary"), FieldPanel("description"), FieldPanel("picture")],
                heading="Words and picture for the public page",
            ),
        ],
        base_form_class=WorkshopForm,
    )

    def get_common_view_kwargs(self, **kwargs) -> dict:
        return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("year/", year.year, name="year"),
            path("propose/<int:pk>/", year.propose_next, name="propose"),
            path("propose-after/<int:pk>/", year.propose_after, name="propose_after"),
            path("debrief/<int:pk>/", debriefs.debrief, name="debrief"),
            path("debrief/<int:pk>/reopen/", debriefs.reopen, name="reopen_debrief"),
            path("take-back/<int:pk>/", year.take_back, name="take_back"),
            path("publish/<int:pk>/", records.publish, name="publish"),
            path("cancel/<int:pk>/", records.cancel_workshop, name="cancel"),
            path("cancel-registration/<int:pk>/", records.cancel_registration, name="cancel_registration"),
        ]
