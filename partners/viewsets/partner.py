from __future__ import annotations

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import CreateView, EditView

from crm.people.records import RecordList, RecordViewSet
from partners.duplicates import twins_of
from partners.models import Kind, Partner, Stage
from partners.viewsets.about import ticked
from partners.viewsets.partner_page import PartnerPage

FOUND = 100
WARNED_OF = "warned_of_twins"


class LastTouchColumn(Column):
    cell_template_name = "partners/_last_touch_cell.html"


class NextStepColumn(Column):
    cell_template_name = "partners/_next_step_cell.html"


class PartnerFilters(WagtailFilterSet):
    kind = django_filters.MultipleChoiceFilter(**ticked(Kind.choices))
    stage = django_filters.MultipleChoiceFilter(**ticked(Stage.choices))
    quiet = django_filters.ChoiceFilter(
        label="Gone quiet", choices=[("yes", "Only who has gone quiet")], empty_label="Everybody", method="filter_quiet"
    )
    city = django_filters.AllValuesFilter(empty_label="Every city")
    archived = django_filters.ChoiceFilter(
        label="Archived", choices=[("yes", "Only archived")], empty_label="Not archived", method="filter_archived"
    )

    class Meta:
        model = Partner
        fields: list[str] = []

    def filter_quiet(self, partners, name: str, value: str):
        return partners.gone_quiet(timezone.now()) if value else partners

    def filter_archived(self, partners, name: str, value: str):
        return partners.filter(archived_at__isnull=False)

    def filter_queryset(self, queryset):
        partners = super().filter_queryset(queryset)
        return partners if self.form.cleaned_data.get("archived") else partners.current()


class PartnerList(RecordList):
    def get_base_queryset(self) -> QuerySet[Partner]:
        return Partner.objects.with_rhythm()

    def search_queryset(self, queryset):
        """Misspelt names are found; the best comes first unless a column was chosen."""
        if not self.is_searching:
            return queryset
        found = queryset.matching(self.search_query, limit=FOUND)
        return self.order_queryset(found) if self.is_explicitly_ordered else found


class AddPartner(CreateView):
    def form_valid(self, form: ModelForm) -> HttpResponse:
        """Ask once when the partner seems to be here already; a second press adds it all the same."""
        twins = twins_of(form.instance)
        asked = [twin.partner.pk for twin in twins]
        if twins and self.request.session.get(WARNED_OF) != asked:
            self.request.session[WARNED_OF] = asked
            messages.warning(self.request, render_to_string("partners/_twins.html", {"twins": twins}))
            return self.render_to_response(self.get_context_data(form=form))
        self.request.session.pop(WARNED_OF, None)
        return super().form_valid(form)

    def save_instance(self) -> Partner:
        self.form.instance.created_by = self.request.user
        return super().save_instance()

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class EditPartner(EditView):
    def save_instance(self) -> Partner:
        if "stage" in self.form.changed_data:
            self.form.instance.stage_changed_at = timezone.now()
        return super().save_instance()

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class PartnerViewSet(RecordViewSet):
    model = Partner
    name = "partners"
    icon = "group"
    index_view_class = PartnerList
    add_view_class = AddPartner
    edit_view_class = EditPartner
    inspect_view_class = PartnerPage
    inspect_view_enabled = True
    inspect_template_name = "partners/partner.html"
    filterset_class = PartnerFilters
    search_fields = ["name"]
    ordering = "name"
    list_display = [
        TitleColumn("name", label="Name", sort_key="name", url_name="partners:inspect"),
        Column("get_kind_display", label="Kind", sort_key="kind", classname="wide-only"),
        Column("get_stage_display", label="Stage", sort_key="stage", classname="wide-only"),
        Column("city", label="City", sort_key="city", classname="wide-only"),
        LastTouchColumn("rhythm.last_touch_at", label="Last touch", sort_key="rhythm__last_touch_at"),
        NextStepColumn("rhythm.next_step", label="Next step", sort_key="rhythm__next_step_on"),
    ]
    list_export = [
        "name", "get_kind_display", "get_stage_display", "email", "phone", "website", "street", "city", "postal_code",
        "rhythm.last_touch_at", "rhythm.last_touch", "rhythm.next_step", "rhythm.next_step_on", "code",
    ]  # fmt: skip
    export_headings = {
        "get_kind_display": "Kind",
        "get_stage_display": "Stage",
        "rhythm.last_touch_at": "Last touch",
        "rhythm.last_touch": "What it was",
        "rhythm.next_step": "Next step",
        "rhythm.next_step_on": "Due",
    }
    export_filename = "partners"
    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("stage")]),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
                FieldPanel("website"),
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("city"), FieldPanel("postal_code")]),
                FieldPanel("opening_hours"),
            ],
            heading="Where to find them",
        ),
        FieldPanel("notes"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("off_ramp_reason"), FieldPanel("paused_until")])],
            heading="If they are paused, dormant or not a fit",
            classname="collapsed",
        ),
    ]
