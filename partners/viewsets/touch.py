from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.views.generic import EditView

from crm.people.records import RecordList, RecordViewSet
from crm.people.tables import Column, TitleColumn
from partners import actions
from partners.models import FollowUp, Touch
from partners.models.touch import gave
from partners.viewsets.about import ticked
from partners.viewsets.careful import Careful
from partners.viewsets.touch_form import TouchForm

YES_NO = [("", "All"), ("true", "Yes"), ("false", "No")]


class TouchFilters(WagtailFilterSet):
    kind = django_filters.MultipleChoiceFilter(**ticked(Touch.TouchKind.choices))
    is_give = django_filters.BooleanFilter(
        label="Gave value", widget=forms.Select(choices=YES_NO), method="filter_gives"
    )
    is_ask = django_filters.BooleanFilter(label="Asked for something", widget=forms.Select(choices=YES_NO))
    outcome = django_filters.MultipleChoiceFilter(**ticked(Touch.Outcome.choices), label="How it went")
    occurred_at = django_filters.DateFromToRangeFilter(label="When", widget=DateRangePickerWidget)

    class Meta:
        model = Touch
        fields: list[str] = []

    def filter_gives(self, touches, name: str, value: bool):
        return touches.filter(gave() if value else ~gave())


class TouchList(RecordList):
    def get_base_queryset(self) -> QuerySet[Touch]:
        return Touch.objects.standing().select_related("partner", "by")

    def search_queryset(self, queryset):
        for word in self.search_query.split():
            queryset = queryset.filter(Q(summary__icontains=word) | Q(partner__name__icontains=word))
        return queryset


class EditTouch(Careful, EditView):
    free_texts = ("summary", "learned", "ask_reason")
    promise: FollowUp | None = None  # what another kind or day promised, moved or withdrew

    def save_instance(self) -> Touch:
        touch = super().save_instance()
        was = self.form.initial
        self.promise = actions.mend_touch(touch, was=was["kind"], was_at=was["occurred_at"], by=self.request.user)
        return touch

    def get_success_message(self, *args) -> str:
        said = super().get_success_message(*args)
        if self.promise is None:
            return said
        if self.promise.taken_back_at:
            return f"{said} No longer a to do: {self.promise.title}."
        return f"{said} A to do by {date_format(self.promise.due_on, 'MONTH_DAY_FORMAT')}: {self.promise.title}."

    def get_success_url(self) -> str:
        return self.object.partner.get_absolute_url()


class TouchViewSet(RecordViewSet):
    """Touches are added with the quick log, mended here, and taken back rather than deleted."""

    model = Touch
    name = "touches"
    icon = "comment"
    menu_label = "Touches"
    index_view_class = TouchList
    edit_view_class = EditTouch
    filterset_class = TouchFilters
    search_fields = ["summary"]
    ordering = "-occurred_at"
    dropped: tuple[str, ...] = ("delete", "usage", "add")
    list_display = [
        TitleColumn("kind", label="What", accessor="get_kind_display", sort_key="kind", url_name="touches:edit"),
        Column("partner", label="Partner", sort_key="partner__name"),
        Column("summary", label="In one line"),
        Column("tags", label="Also", accessor=lambda touch: ", ".join(touch.tags), classname="wide-only"),
        DateColumn("occurred_at", label="When", sort_key="occurred_at"),
        Column("by", label="By", classname="wide-only"),
    ]
    list_export = [
        "occurred_at", "partner", "get_kind_display", "summary", "gave", "is_ask", "ask_reason",
        "get_outcome_display", "get_direction_display", "learned", "minutes", "cost_cents", "counts_for_cadence", "by",
    ]  # fmt: skip
    export_headings = {
        "get_kind_display": "Kind",
        "gave": "Gave value",
        "occurred_at": "When",
        "get_outcome_display": "How it went",
        "get_direction_display": "Who came to whom",
    }
    export_filename = "touches"
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("kind"), FieldPanel("occurred_at")]),
            FieldPanel("summary"),
            FieldPanel("contacts", heading="Who was there", widget=forms.CheckboxSelectMultiple),
            FieldPanel("learned"),
            MultiFieldPanel(
                [FieldPanel("is_give"), FieldPanel("is_ask"), FieldPanel("ask_reason")], heading="Given and asked"
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("outcome"), FieldPanel("direction")]),
                    FieldPanel("script"),
                    FieldRowPanel([FieldPanel("minutes"), FieldPanel("money")]),
                    FieldPanel("counts_for_cadence"),
                ],
                heading="How it went",
            ),
        ],
        base_form_class=TouchForm,
    )

    def get_common_view_kwargs(self, **kwargs) -> dict:
        return super().get_common_view_kwargs(**{"add_url_name": "quick_log", **kwargs})
