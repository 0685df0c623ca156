"""The outbox in the office: every message, and the page of each."""

from __future__ import annotations

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from crm.mail import needs, office, transports
from crm.mail.answer import answer
from crm.mail.appointment import appointment
from crm.mail.history import events_of, history, moment
from crm.mail.models import Lane, Message
from crm.mail.outbox import CappedPaginator, MessageFilters, search, tiles
from crm.mail.render import CannotRender, render, subject_line
from crm.mail.standings import name_of

State = Message.State


class LookOnlyPolicy(ModelPermissionPolicy):
    """Outbox and inbox are ledgers: rows are looked at, never made, edited or removed by hand."""

    def user_has_permission(self, user, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions) -> bool:
        return "view" in actions and self.user_has_permission(user, "view")


class StandingColumn(Column):
    cell_template_name = "mail/_standing_cell.html"


class OutboxView(generic.IndexView):
    page_title = "Outbox"
    default_ordering = ["-created_at", "-pk"]
    table_classname = "listing mail-list"
    paginator_class = CappedPaginator
    results_template_name = "mail/outbox_results.html"

    def get_base_queryset(self):
        seen = Message.objects.seen_by(self.request.user).select_related("content", "batch")
        return seen.defer("content__html", "content__text", "calendar")

    def search_queryset(self, queryset):
        return search(queryset, self.search_query) if self.is_searching else queryset

    def get_context_data(self, *args, **kwargs):
        now = timezone.now()
        return super().get_context_data(
            *args,
            tiles=tiles(now),
            held_up=Lane.objects.filter(Q(is_stopped=True) | Q(paused_until__gt=now)),
            open_needs=needs.open_needs_of(self.request),
            is_local=transports.chosen().is_local,
            **kwargs,
        )


class MessageView(generic.InspectView):
    template_name = "mail/message.html"
    page_title = "Message"

    def get_object(self, queryset=None):
        seen = Message.objects.seen_by(self.request.user)
        return get_object_or_404(seen.select_related("content", "contact", "batch", "decision__by"), pk=self.pk)

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
        events = events_of(message)
        return super().get_context_data(
            message_=message,
            standing=name_of(message),
            answer=answer(message, events),
            rendered=rendered,
            problem=problem,
            lines=history(message, events),
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
    index_results_template_name = "mail/outbox_results.html"
    inspect_view_class = MessageView
    inspect_template_name = "mail/message.html"
    filterset_class = MessageFilters
    search_fields = ["to_email"]
    form_fields: list[str] = []
    list_per_page = 50
    list_display = [
        TitleColumn("subject", accessor=subject_line, url_name="outbox:inspect"),
        Column("to_email", label="To", classname="mail-to"),
        StandingColumn("state", label="Where it stands"),
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
            path("<uuid:pk>/take-back/", office.take_back, name="take_back"),
        ]

    def register_admin_url_finder(self):
        """There is no page to edit a message on."""


outbox = OutboxViewSet()
