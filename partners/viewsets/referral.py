from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

from crm.people.records import RecordList, RecordViewSet
from partners.models import Referral
from partners.viewsets.about import AboutPartner, ticked


class ReferralFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(**ticked(Referral.State.choices))
    thanked = django_filters.ChoiceFilter(
        label="Thanked", choices=[("no", "Not thanked yet")], empty_label="All", method="filter_thanked"
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def filter_thanked(self, referrals, name: str, value: str):
        return referrals.awaiting_thanks()


class ReferralList(RecordList):
    def get_base_queryset(self) -> QuerySet[Referral]:
        return Referral.objects.select_related("partner", "referred_by")

    def search_queryset(self, queryset):
        for word in self.search_query.split():
            code = word.upper().removeprefix("R-")
            queryset = queryset.filter(Q(code__startswith=code) | Q(partner__name__icontains=word))
        return queryset


class ReferralViewSet(RecordViewSet):
    model = Referral
    name = "referrals"
    icon = "download"
    menu_label = "Referrals"
    index_view_class = ReferralList
    add_view_class = AboutPartner
    filterset_class = ReferralFilters
    search_fields = ["code"]
    ordering = "-received_at"
    list_display = [
        TitleColumn("code", label="Code", accessor=str, url_name="referrals:edit"),
        Column("partner", label="From", sort_key="partner__name"),
        Column("referred_by", label="Who sent them", classname="wide-only"),
        Column("get_state_display", label="State", sort_key="state"),
        DateColumn("received_at", label="Received", sort_key="received_at"),
        DateColumn("thanked_at", label="Thanked", sort_key="thanked_at", classname="wide-only"),
    ]
    list_export = ["code", "partner", "referred_by", "get_state_display", "received_at", "thanked_at"]
    export_headings = {"get_state_display": "State"}
    export_filename = "referrals"
    panels = [
        FieldRowPanel([FieldPanel("partner"), FieldPanel("referred_by")]),
        FieldRowPanel(
            [FieldPanel("state"), FieldPanel("received_at")],
            help_text="Only that a partner sent someone. Who it was belongs in your clinical records, not here.",
        ),
    ]
