from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.views.generic import EditView, InspectView
from wagtail.admin.widgets.button import HeaderButton

from crm.people.records import RecordList, RecordViewSet
from crm.people.tables import Column, TitleColumn
from partners import actions, loop, referrals_page
from partners.models import Group, Referral, ServiceLine
from partners.views.telling import PermissionForm
from partners.viewsets.about import AboutPartner, ticked

NO_NAMES = "Only that a partner sent someone. Who it was belongs in your clinical records, not here."
WAITING = [("thanks", "For thanks"), ("step", "For the next step, too long"), ("word", "For word to go back")]


class StateColumn(Column):
    cell_template_name = "partners/_referral_state_cell.html"


class ThanksColumn(Column):
    cell_template_name = "partners/_referral_thanks_cell.html"


class ReferralFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(**ticked(Referral.State.choices))
    waits = django_filters.ChoiceFilter(label="Waits", choices=WAITING, empty_label="All", method="filter_waits")
    group = django_filters.ChoiceFilter(label="From", choices=Group.choices, empty_label="All", method="filter_group")
    service_line = django_filters.MultipleChoiceFilter(label="What for", **ticked(ServiceLine.choices))
    channel = django_filters.MultipleChoiceFilter(label="How it came", **ticked(Referral.Channel.choices))
    received_at = django_filters.DateFromToRangeFilter(label="Received", widget=DateRangePickerWidget)
    shown = django_filters.ChoiceFilter(
        label="Show",
        choices=[("doubtful", "Those that look wrong"), ("taken_back", "Taken back or discarded")],
        empty_label="Those that count",
        method="filter_shown",
    )
    # The address of Today's list of thanks, from before there was more than thanks to wait for.
    thanked = django_filters.ChoiceFilter(choices=[("no", "Not yet")], method="filter_thanked", label="Thanked")

    class Meta:
        model = Referral
        fields: list[str] = []

    def filter_waits(self, referrals, name: str, value: str):
        if value == "thanks":
            return referrals.awaiting_thanks()
        return referrals.ageing(timezone.now()) if value == "step" else referrals.word_owed()

    def filter_group(self, referrals, name: str, value: str):
        return referrals.filter(partner__kind__in=Group(value).kinds)

    def filter_thanked(self, referrals, name: str, value: str):
        return referrals.awaiting_thanks()

    def filter_shown(self, referrals, name: str, value: str):
        return referrals.quarantined() if value == "doubtful" else referrals.filter(taken_back_at__isnull=False)

    def filter_queryset(self, queryset):
        referrals = super().filter_queryset(queryset)
        return referrals if self.form.cleaned_data.get("shown") else referrals.standing()


class ReferralList(RecordList):
    @cached_property
    def header_buttons(self) -> list:
        return [
            HeaderButton("Under way", url=reverse("under_way"), icon_name="tasks", priority=5),
            *super().header_buttons,
        ]

    def get_base_queryset(self) -> QuerySet[Referral]:
        return Referral.objects.select_related("partner", "referred_by")

    def search_queryset(self, queryset):
        for word in self.search_query.split():
            code = word.upper().removeprefix("R-")
            queryset = queryset.filter(Q(code__startswith=code) | Q(partner__name__icontains=word))
        return queryset


class AddReferral(AboutPartner):
    """By the form, with more than one tap asks for, and through the same verb as by a tap."""

    def save_instance(self) -> Referral:
        typed = self.form.cleaned_data
        return actions.receive_referral(typed.pop("partner"), by=self.request.user, **typed)

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class EditReferral(EditView):
    def get_form(self, form_class=None) -> ModelForm:
        """Whose it is and how far it came are changed by their own buttons, which know how to undo."""
        form = super().get_form(form_class)
        for name in ("partner", "referred_by"):
            form.fields.pop(name, None)
        return form

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class ReferralPage(InspectView):
    """One referral: how far it came and when, thanks, and what may be said back."""

    def get_page_title(self) -> str:
        return str(self.object)

    def get_fields_context(self) -> list:
        return []

    def get_context_data(self, **kwargs) -> dict:
        referral, user = self.object, self.request.user
        people = list(referral.partner.roles.select_related("contact"))
        is_seen = user.has_perm("partners.view_wordpermission")
        return {
            **super().get_context_data(**kwargs),
            "referral": referral,
            "partner": referral.partner,
            "people": people,
            "likely": referrals_page.likely_sender(referral, people),
            "steps": referrals_page.steps_of(referral),
            "alert": referrals_page.alert_of(referral),
            "is_closed": loop.is_closed(referral),
            "word_owed": loop.word_owed(referral),
            "is_to_provider": loop.is_to_provider(referral),
            "notices": referrals_page.notices_left(referral),
            "permission": loop.permission_of(referral),
            "permissions": referral.permissions.all() if is_seen else [],
            "permission_form": PermissionForm(auto_id="permission_%s"),
            "disclosures": referral.disclosures.select_related("by") if is_seen else [],
            "history": referrals_page.history_of(referral),
            "lost_reasons": Referral.Lost.choices,
            "step_states": referrals_page.STEP_STATES,
        }


class ReferralViewSet(RecordViewSet):
    model = Referral
    name = "referrals"
    icon = "download"
    menu_label = "Referrals"
    index_view_class = ReferralList
    add_view_class = AddReferral
    edit_view_class = EditReferral
    inspect_view_class = ReferralPage
    inspect_view_enabled = True
    inspect_template_name = "partners/referral.html"
    filterset_class = ReferralFilters
    search_fields = ["code"]
    ordering = "-received_at"
    list_display = [
        TitleColumn("code", label="Code", accessor=str, url_name="referrals:inspect"),
        Column("partner", label="From", sort_key="partner__name"),
        Column("referred_by", label="Who sent them", classname="wide-only"),
        StateColumn("get_state_display", label="State", sort_key="state"),
        DateColumn("received_at", label="Received", sort_key="received_at"),
        ThanksColumn("thanked_at", label="Thanks", sort_key="thanked_at"),
    ]
    list_export = [
        *("code", "partner", "partner.get_kind_display", "referred_by", "get_channel_display"),
        *("get_service_line_display", "get_state_display", "received_at", "contacted_at", "scheduled_at"),
        *("evaluated_at", "in_care_at", "completed_at", "ended_at", "get_lost_reason_display", "thanked_at"),
    ]
    export_headings = {
        "get_state_display": "State",
        "partner.get_kind_display": "Kind",
        "get_channel_display": "How it came",
        "get_service_line_display": "What for",
        "get_lost_reason_display": "Why lost",
    }
    export_filename = "referrals"
    panels = [
        FieldRowPanel([FieldPanel("partner"), FieldPanel("referred_by")]),
        FieldRowPanel([FieldPanel("channel"), FieldPanel("service_line")]),
        FieldPanel("received_at", help_text=NO_NAMES),
    ]
