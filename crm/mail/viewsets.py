"""The outbox and the closed addresses in the office."""

from __future__ import annotations

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from crm.mail import office, transports
from crm.mail.history import appointment, history, moment
from crm.mail.models import Message, MessageClass, Suppression, address_hash
from crm.mail.render import CannotRender, render, subject_line

State = Message.State
TILES = (
    ("Waiting", Message.OPEN_STATES),
    ("Handed over", (State.HANDED_OVER,)),
    ("Not sent", (State.SKIPPED, State.EXPIRED)),
    ("Refused", (State.REJECTED,)),
    ("Unknown", (State.UNKNOWN,)),
)


class LookOnlyPolicy(ModelPermissionPolicy):
    """The outbox is a ledger: rows are looked at, never made, edited or removed by hand."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions) -> bool:
        return "view" in actions and self.user_has_permission(user, "view")


class OptOutPolicy(ModelPermissionPolicy):
    """An address may be added by hand and one added by mistake removed; what its owner asked for stays."""

    def user_has_permission(self, user, action: str) -> bool:
        return action != "change" and super().user_has_permission(user, action)

    def user_has_permission_for_instance(self, user, action: str, instance: Suppression) -> bool:
        is_ours = instance.reason in (Suppression.Reason.BY_HAND, Suppression.Reason.BOUNCED)
        return self.user_has_permission(user, action) and (action != "delete" or is_ours)


class StateColumn(Column):
    cell_template_name = "mail/_state_cell.html"


class MessageFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(choices=State.choices, widget=forms.CheckboxSelectMultiple)
    message_class = django_filters.ChoiceFilter(label="Class", choices=MessageClass.choices)
    created_at = django_filters.DateFromToRangeFilter(label="Queued", widget=DateRangePickerWidget)

    class Meta:
        model = Message
        fields = ["state", "message_class", "created_at"]


class OutboxView(generic.IndexView):
    page_title = "Outbox"
    default_ordering = ["-created_at", "-pk"]
    table_classname = "listing mail-list"

    def get_base_queryset(self):
        return Message.objects.seen_by(self.request.user).select_related("content", "batch").defer("content__html")

    def get_context_data(self, *args, **kwargs):
        seen = Message.objects.seen_by(self.request.user)
        counts = dict(seen.order_by().values_list("state").annotate(Count("pk")))
        tiles = [
            {"label": label, "count": sum(counts.get(state, 0) for state in states), "states": states}
            for label, states in TILES
        ]
        trouble = seen.filter(state=State.QUEUED).exclude(reason="").order_by("-not_before").first()
        return super().get_context_data(
            *args, tiles=tiles, trouble=trouble, is_local=transports.chosen().is_local, **kwargs
        )


class MessageView(generic.InspectView):
    template_name = "mail/message.html"
    page_title = "Message"

    def get_object(self, queryset=None):
        seen = Message.objects.seen_by(self.request.user).select_related("content", "contact", "batch")
        return get_object_or_404(seen, pk=self.pk)

    def get_fields(self):
        return []

    def get_page_subtitle(self):
        return ""

    def get_breadcrumbs_items(self):
        here = {"url": "", "label": "Message", "sublabel": f"to {self.object.to_email}"}
        return [*self.breadcrumbs_items, {"url": reverse("outbox:index"), "label": "Outbox"}, here]

    def get_context_data(self, **kwargs):
        message = self.object
        try:
            rendered, problem = render(message), ""
        except CannotRender as refusal:
            rendered, problem = None, str(refusal)
        may_act = self.request.user.has_perm("mail.change_message")
        return super().get_context_data(
            message_=message,
            rendered=rendered,
            problem=problem,
            lines=history(message),
            appointment=appointment(message),
            files=message.content.attachments.all(),
            may_cancel=may_act and message.state == State.QUEUED,
            may_try_again=may_act and message.state in Message.REPEATABLE_STATES and not message.is_too_late,
            is_unknown=message.state == State.UNKNOWN,
            **kwargs,
        )


class OutboxViewSet(ModelViewSet):
    model = Message
    name = "outbox"
    icon = "clipboard-list"
    menu_label = "Outbox"
    menu_order = 400
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = OutboxView
    index_template_name = "mail/outbox.html"
    inspect_view_class = MessageView
    inspect_template_name = "mail/message.html"
    filterset_class = MessageFilters
    search_fields = ["to_email", "content__subject"]
    form_fields: list[str] = []
    list_per_page = 50
    list_display = [
        TitleColumn("subject", accessor=subject_line, url_name="outbox:inspect"),
        Column("to_email", label="To", sort_key="to_email", classname="mail-to"),
        StateColumn("state", label="State", sort_key="state"),
        Column("message_class", label="Class", accessor="get_message_class_display", classname="mail-wide"),
        Column(
            "created_at",
            label="Queued",
            accessor=lambda row: moment(row.created_at),
            sort_key="created_at",
            classname="mail-when",
        ),
    ]

    def get_urlpatterns(self):
        wanted = {"index", "index_results", "inspect"}
        return [
            *(pattern for pattern in super().get_urlpatterns() if pattern.name in wanted),
            path("<uuid:pk>/html/", office.html, name="html"),
            path("<uuid:pk>/raw/", office.raw, name="raw"),
            path("<uuid:pk>/invite.ics", office.calendar, name="calendar"),
            path("<uuid:pk>/files/<int:file>/", office.attachment, name="attachment"),
            path("<uuid:pk>/cancel/", office.cancel, name="cancel"),
            path("<uuid:pk>/again/", office.try_again, name="try_again"),
        ]

    def register_admin_url_finder(self):
        """There is no page to edit a message on."""


class ClosedAddressForm(forms.ModelForm):
    """Takes an address and keeps its hash."""

    address = forms.EmailField(
        label="E-mail address", help_text="Only a fingerprint of it is kept, so write it down nowhere else."
    )

    field_order = ["address", "scope"]

    class Meta:
        model = Suppression
        fields = ["scope"]

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        closed = Suppression.objects.of(cleaned.get("address", "")).filter(scope=cleaned.get("scope"))
        if "address" in cleaned and closed.exists():
            raise ValidationError("This address is already closed in this way.")
        return cleaned

    def save(self, commit: bool = True) -> Suppression:
        self.instance.email_hash = address_hash(self.cleaned_data["address"])
        self.instance.reason = Suppression.Reason.BY_HAND
        return super().save(commit)


class ClosedAddressesView(generic.IndexView):
    def search_queryset(self, queryset):
        """A whole address finds itself; there is nothing else to search in."""
        return queryset.of(self.search_query) if self.is_searching else queryset

    def get_delete_url(self, instance):
        may = self.permission_policy.user_has_permission_for_instance(self.request.user, "delete", instance)
        return reverse("suppressions:delete", args=[instance.pk]) if may else None


class CloseAddressView(generic.CreateView):
    def get_success_message(self, instance):
        return "The address is closed. Nothing that it covers will be sent there."

    def get_success_buttons(self):
        return []


class ReopenView(generic.DeleteView):
    def dispatch(self, request, *args, **kwargs):
        if not self.user_has_permission_for_instance("delete", self.object):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_usage_url(self):
        return None


class ClosedAddressViewSet(ModelViewSet):
    model = Suppression
    name = "suppressions"
    icon = "cross"
    menu_label = "Closed addresses"
    menu_order = 410
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = ClosedAddressesView
    add_view_class = CloseAddressView
    delete_view_class = ReopenView
    search_fields = ["email_hash"]
    list_filter = ["reason", "scope"]
    list_display = ["fingerprint", "scope", "reason", "created_at"]

    def get_form_class(self, for_update: bool = False):
        return ClosedAddressForm

    def get_urlpatterns(self):
        wanted = {"index", "index_results", "add", "delete"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in wanted]

    def register_admin_url_finder(self):
        """A fingerprint is not edited."""


outbox = OutboxViewSet()
closed_addresses = ClosedAddressViewSet()
