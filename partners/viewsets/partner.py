from __future__ import annotations

from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from crm.people.record_form import RecordForm
from crm.people.records import RecordViewSet
from crm.people.tables import Column, TitleColumn
from partners.models import FIT_PARTS, Partner
from partners.viewsets.partner_forms import AddPartner, EditPartner, NewPartnerForm
from partners.viewsets.partner_list import LastTouchColumn, NextStepColumn, PartnerFilters, PartnerList, StandingColumn
from partners.viewsets.partner_page import PartnerPage


class PartnerViewSet(RecordViewSet):
    model = Partner
    name = "partners"
    icon = "group"
    index_view_class = PartnerList
    index_template_name = PartnerList.template_name
    index_results_template_name = PartnerList.results_template_name
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
        StandingColumn("get_stage_display", label="Stage", sort_key="stage"),
        Column("get_activity_display", label="Activity", sort_key="activity", classname="wide-only"),
        Column("city", label="City", sort_key="city", classname="wide-only"),
        LastTouchColumn("rhythm.last_touch_at", label="Last touch", sort_key="rhythm__last_touch_at"),
        NextStepColumn("rhythm.next_step", label="Next step", sort_key="rhythm__next_step_on"),
    ]
    list_export = [
        "name", "get_kind_display", "get_stage_display", "get_tier_display", "get_activity_display", "email", "phone",
        "website", "street", "city", "postal_code", "rhythm.last_touch_at", "rhythm.last_touch", "rhythm.next_step",
        "rhythm.next_step_on", "rhythm.referrals", "rhythm.last_referral_at", "off_ramp_reason", "code",
    ]  # fmt: skip
    export_headings = {
        "get_kind_display": "Kind",
        "get_stage_display": "Stage",
        "get_tier_display": "Tier",
        "get_activity_display": "Activity",
        "rhythm.last_touch_at": "Last touch",
        "rhythm.last_touch": "What it was",
        "rhythm.next_step": "Next step",
        "rhythm.next_step_on": "Due",
        "rhythm.referrals": "Referrals",
        "rhythm.last_referral_at": "Last referral",
        "off_ramp_reason": "Why they rest",
    }
    export_filename = "partners"
    facts = [
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
        MultiFieldPanel([FieldPanel(part) for part in FIT_PARTS], heading="How well they fit", classname="collapsed"),
    ]
    # A stage is chosen when a partner is added; from then on it is moved, through what each stage asks for.
    panels = [FieldPanel("name"), FieldRowPanel([FieldPanel("kind"), FieldPanel("tier")]), *facts]
    new_panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("stage"), FieldPanel("tier")]),
        *facts,
    ]

    def get_edit_handler(self):
        return ObjectList(self.panels, base_form_class=RecordForm).bind_to_model(self.model)

    @cached_property
    def new_handler(self):
        return ObjectList(self.new_panels, base_form_class=NewPartnerForm).bind_to_model(self.model)

    def get_add_view_kwargs(self, **kwargs) -> dict:
        new = {"panel": self.new_handler, "form_class": self.new_handler.get_form_class()}
        return super().get_add_view_kwargs(**{**new, **kwargs})
