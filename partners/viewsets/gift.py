from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.views.generic import InspectView

from crm.people.models import PracticeProfile
from crm.people.records import RecordList, RecordViewSet
from crm.people.tables import Column, TitleColumn
from crm.people.undo import say
from partners import actions, giving
from partners.gift_forms import GiftForm, GiftLimitForm
from partners.models import Gift, GiftLimit
from partners.viewsets.about import AboutPartner
from partners.viewsets.careful import Careful

YEARS_KEPT = 6
SAME_AGAIN = ("partner", "contact", "recipient", "what", "purpose", "value_cents", "is_cash_like", "given_on")
WHERE = {
    actions.GiftNeedsReason: "override_reason",
    actions.GiftAboveStop: "value_cents",
    actions.PatientGiftTooLarge: "value_cents",
    actions.NoCash: "is_cash_like",
    actions.GiftInFuture: "given_on",
}


def years() -> list[tuple[int, str]]:
    this = timezone.localdate().year
    return [(year, str(year)) for year in range(this, this - YEARS_KEPT, -1)]


class ToWhomColumn(Column):
    cell_template_name = "partners/_gift_to_cell.html"


class GiftFilters(WagtailFilterSet):
    year = django_filters.ChoiceFilter(choices=years, empty_label="Every year", method="filter_year", label="Year")
    recipient = django_filters.ChoiceFilter(choices=Gift.Recipient.choices, empty_label="Everybody", label="To")
    shown = django_filters.ChoiceFilter(
        label="Show", choices=[("taken_back", "Taken back")], empty_label="Those that count", method="filter_shown"
    )

    class Meta:
        model = Gift
        fields: list[str] = []

    def filter_year(self, gifts, name: str, value: str):
        return gifts.in_year(int(value))

    def filter_shown(self, gifts, name: str, value: str):
        return gifts.filter(taken_back_at__isnull=False)

    def filter_queryset(self, queryset):
        gifts = super().filter_queryset(queryset)
        return gifts if self.form.cleaned_data.get("shown") else gifts.standing()


class GiftList(RecordList):
    def get_base_queryset(self) -> QuerySet[Gift]:
        return Gift.objects.select_related("partner", "contact", "by")

    def search_queryset(self, queryset):
        for word in self.search_query.split():
            who = Q(partner__name__icontains=word) | Q(contact__name__icontains=word)
            queryset = queryset.filter(who | Q(what__icontains=word) | Q(purpose__icontains=word))
        return queryset


class LimitsPanel(Panel):
    """What may be given this year, and what the state adds to it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "partners/_gift_limits.html"

        @property
        def media(self) -> forms.Media:
            return forms.Media(css={"all": ["partners/gifts.css"]})

        def get_context_data(self, parent_context=None) -> dict:
            profile = PracticeProfile.load(request_or_site=self.request)
            limits = giving.Limits.on(timezone.localdate())
            return {
                **super().get_context_data(parent_context),
                "limits": limits,
                "state_notice": giving.state_notice(profile),
                "may_change": self.request.user.has_perm("partners.change_giftlimit"),
            }


class GiveGift(Careful, AboutPartner):
    """A new gift, for the partner that the address names, or like the one that was taken back: ?again=12."""

    free_texts = ("what", "purpose", "override_reason")
    page_title = page_subtitle = "Log a gift"
    submit_button_label = "Save"
    submit_button_active_label = "Saving…"

    def get_initial_form_instance(self) -> Gift:
        asked = self.request.GET.get("again", "")
        wrong = Gift.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 16 else None
        if wrong:
            return Gift(**{name: getattr(wrong, name) for name in SAME_AGAIN})
        gift = super().get_initial_form_instance()
        is_licensed = gift.partner and giving.is_licensed(gift.partner, None)
        gift.recipient = Gift.Recipient.LICENSED if is_licensed else Gift.Recipient.PARTNER
        return gift

    def form_valid(self, form: ModelForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except actions.Refused as refusal:
            form.add_error(WHERE.get(type(refusal)), str(refusal))
            self.produced_error_message = "Nothing is saved yet, and nothing you typed is lost."
            return self.form_invalid(form)

    def get_error_message(self) -> str:
        return "Nothing is saved yet, and nothing you typed is lost. Put right what is marked."

    def save_instance(self) -> Gift:
        gift = self.form.instance = actions.give(by=self.request.user, **self.form.cleaned_data)
        sentence = f"Logged: {gift.what}, {giving.dollars(gift.value_cents)}."
        say(self.request, sentence, undo=reverse("take_back_gift", args=[gift.pk]))
        return gift

    def get_success_message(self, instance: Gift) -> None:
        return None

    def get_success_buttons(self) -> list:
        return []

    def get_success_url(self) -> str:
        return self.object.partner.get_absolute_url() if self.object.partner else reverse("gifts:index")


class GiftPage(InspectView):
    """One gift, with its way back."""

    def get_page_title(self) -> str:
        return self.object.what

    def get_fields_context(self) -> list:
        return []

    def get_context_data(self, **kwargs) -> dict:
        return {**super().get_context_data(**kwargs), "gift": self.object}


class GiftViewSet(RecordViewSet):
    """Gifts are never edited: one that is wrong is taken back, and logged again."""

    model = Gift
    name = "gifts"
    icon = "gift"
    menu_label = "Gifts"
    index_view_class = GiftList
    add_view_class = GiveGift
    inspect_view_class = GiftPage
    inspect_view_enabled = True
    inspect_template_name = "partners/gift.html"
    filterset_class = GiftFilters
    dropped: tuple[str, ...] = ("delete", "usage", "edit")
    search_fields = ["what"]
    ordering = "-given_on"
    list_display = [
        TitleColumn("what", label="What", sort_key="what", url_name="gifts:inspect"),
        ToWhomColumn("to_whom", label="To"),
        Column("purpose", label="What for", classname="wide-only"),
        Column("value_cents", label="Worth", accessor=lambda gift: f"${gift.dollars}", sort_key="value_cents"),
        DateColumn("given_on", label="Given", sort_key="given_on"),
        Column("by", label="By", classname="wide-only"),
    ]
    list_export = [
        "given_on", "get_recipient_display", "partner", "contact", "what", "purpose", "dollars", "is_cash_like",
        "override_reason", "by",
    ]  # fmt: skip
    export_headings = {
        "given_on": "Given",
        "get_recipient_display": "Who they are",
        "dollars": "Worth, in dollars",
        "is_cash_like": "Cash or a gift card",
        "override_reason": "Why all the same",
    }
    export_filename = "gifts"
    edit_handler = ObjectList(
        [
            LimitsPanel(heading="Before you give", icon="info-circle"),
            FieldPanel("recipient"),
            FieldRowPanel(
                [FieldPanel("partner"), FieldPanel("contact")],
                heading="Who it went to",
                help_text="A partner, somebody there, or both. For a patient leave both empty: nobody is named here.",
            ),
            FieldPanel("what"),
            FieldPanel("purpose"),
            FieldRowPanel([FieldPanel("value_cents"), FieldPanel("given_on")]),
            FieldPanel("is_cash_like"),
            FieldPanel("override_reason", help_text="Only where this page asks for it. It is kept with the gift."),
        ],
        base_form_class=GiftForm,
    )

    def get_common_view_kwargs(self, **kwargs) -> dict:
        return super().get_common_view_kwargs(**{"edit_url_name": None, **kwargs})


class GiftLimitViewSet(RecordViewSet):
    """The limits of each year, and where they are from: for the owner."""

    model = GiftLimit
    name = "gift_limits"
    icon = "gift"
    menu_label = "Gift limits"
    add_to_settings_menu = True
    search_fields = ["source"]
    ordering = "-year"
    list_display = [
        TitleColumn("year", label="Year", sort_key="year", url_name="gift_limits:edit"),
        Column("licensed_stop_cents", label="Stop ($)", accessor=lambda row: giving.dollars(row.licensed_stop_cents)),
        Column("source", label="From"),
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("year"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("licensed_item_cents"), FieldPanel("licensed_year_cents")]),
                    FieldPanel("licensed_stop_cents"),
                ],
                heading="Licensed providers and their practices",
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("patient_item_cents"), FieldPanel("patient_year_cents")])],
                heading="Patients",
            ),
            FieldPanel("source", help_text="For example the address of the page, and the day you read it."),
        ],
        base_form_class=GiftLimitForm,
    )
