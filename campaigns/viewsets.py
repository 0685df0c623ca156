"""The office's lists and forms for letters, audiences and broadcasts."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.snippets.views import snippets

from campaigns import preflight, views
from campaigns.forms import AudienceForm, BroadcastForm
from campaigns.models import Audience, Broadcast, Letter, Recipient, SkipReason
from campaigns.results import results_of
from crm.mail.models import Message
from crm.people.models import Purpose

NEVER_SENT = (Broadcast.State.DRAFT, Broadcast.State.SCHEDULED, Broadcast.State.MISSED, Broadcast.State.CANCELLED)


class LetterIndexView(snippets.IndexView):
    table_classname = "listing c-table"


class LetterEditView(snippets.EditView):
    @property
    def header_buttons(self) -> list[Button]:
        check = HeaderButton("Check and test", url=reverse("letters:check", args=[self.object.pk]), icon_name="mail")
        return [*super().header_buttons, check]


class LetterViewSet(snippets.SnippetViewSet):
    model = Letter
    icon = "mail"
    menu_label = "Letters"
    menu_item_is_registered = True
    url_namespace = "letters"
    url_prefix = "campaigns/letters"
    index_view_class = LetterIndexView
    edit_view_class = LetterEditView
    inspect_view_enabled = True
    list_display = [
        "name",
        "subject",
        Column("get_message_class_display", label="Sort of letter"),
        StatusTagColumn("standing", label="State", primary=lambda letter: letter.live),
    ]
    list_filter = ["message_class", "live"]
    search_fields = ["name", "subject"]
    search_backend_name = None
    panels = [
        FieldPanel("name"),
        FieldPanel("message_class"),
        MultiFieldPanel([FieldPanel("subject"), FieldPanel("preheader")], heading="In the inbox"),
        HelpPanel(template="campaigns/_places_help.html"),
        FieldPanel("body"),
    ]

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("check/<int:pk>/", views.check, name="check"),
            path("show/<int:pk>/", views.show, name="show"),
            path("test/<int:pk>/", views.send_test, name="test"),
        ]


class AudienceIndexView(generic.IndexView):
    table_classname = "listing c-table"


class AudienceInspectView(generic.InspectView):
    page_title = "Audience"
    template_name = "campaigns/audience.html"

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        asked = self.request.GET
        purpose = Purpose.NEWS if asked.get("for") == Purpose.NEWS else Purpose.PARTNER
        found = self.object.examined(purpose=purpose).prefetch_related("roles__partner")
        for word in asked.get("q", "").split():
            found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
        people = views.page_of(found, asked)
        for contact in people:
            contact.why_not = SkipReason(contact.skip).label if contact.skip else ""
        return super().get_context_data(
            purpose=purpose,
            tally=self.object.tally(purpose=purpose),
            lonely=self.object.partners().filter(roles=None).count(),
            people=people,
            asked=asked,
            **kwargs,
        )


class AudienceViewSet(ModelViewSet):
    model = Audience
    name = "audiences"
    url_prefix = "campaigns/audiences"
    icon = "group"
    menu_label = "Audiences"
    inspect_view_enabled = True
    index_view_class = AudienceIndexView
    inspect_view_class = AudienceInspectView
    list_display = ["name", Column("rule", label="Who")]
    search_fields = ["name"]
    search_backend_name = None
    create_template_name = edit_template_name = "campaigns/audience_form.html"

    def get_form_class(self, for_update: bool = False) -> type[AudienceForm]:
        return AudienceForm

    def get_urlpatterns(self) -> list:
        return [*super().get_urlpatterns(), path("count/", views.count, name="count")]


class BroadcastFilterSet(WagtailFilterSet):
    STATES = [(state.value, state.label) for state in NEVER_SENT] + [("sending", "Sending"), ("sent", "Sent")]

    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")

    class Meta:
        model = Broadcast
        fields = ["state", "audience"]

    def in_state(self, broadcasts, name: str, state: str):
        if state not in {"sending", "sent"}:
            return broadcasts.filter(state=state)
        waiting = Recipient.objects.filter(broadcast=OuterRef("pk"), message__state__in=Message.OPEN_STATES)
        launched = broadcasts.filter(state=Broadcast.State.SENDING)
        return launched.filter(Exists(waiting)) if state == "sending" else launched.exclude(Exists(waiting))


class CellColumn(Column):
    """A column with a small template of its own."""

    def __init__(self, name: str, *, template: str, **kwargs) -> None:
        super().__init__(name, accessor=lambda row: row, **kwargs)
        self.cell_template_name = template


class BroadcastIndexView(generic.IndexView):
    table_classname = "listing c-table"
    columns = [
        TitleColumn("letter", label="Letter", accessor="letter.name", get_url=lambda row: row.get_absolute_url()),
        Column("audience", label="Audience", accessor="audience.name"),
        CellColumn("state", template="campaigns/_state_cell.html", label="State"),
        CellColumn("when", template="campaigns/_when_cell.html", label="When", sort_key="send_at"),
        CellColumn("results", template="campaigns/_results_cell.html", label="Results"),
    ]

    def get_base_queryset(self):
        return Broadcast.objects.select_related("letter", "audience").with_waiting()

    def paginate_queryset(self, queryset, page_size: int):
        paginator, page, rows, is_paginated = super().paginate_queryset(queryset, page_size)
        rows = page.object_list = list(rows)
        results = results_of(rows)
        for broadcast in rows:
            broadcast.results = results[broadcast.pk]
        return paginator, page, rows, is_paginated


class BroadcastFormView:
    """What making and changing a broadcast share: the three steps, and the page that comes after them."""

    object: Broadcast
    template_name = "campaigns/broadcast_form.html"
    submit_button_label = "Continue"
    submit_button_active_label = "Saving…"
    error_message = "The broadcast is not complete yet. Look at the steps marked below."

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()

    def get_success_message(self, instance: Broadcast) -> None:
        return None


class BroadcastCreateView(BroadcastFormView, generic.CreateView):
    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET[name] for name in ("letter", "audience") if name in self.request.GET}


class BroadcastEditView(BroadcastFormView, generic.EditView):
    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        broadcast = get_object_or_404(Broadcast, pk=kwargs["pk"])
        if not broadcast.is_open:
            messages.info(request, "Only a draft can be changed. Take the broadcast back first.")
            return redirect(broadcast)
        return super().dispatch(request, *args, **kwargs)

    @transaction.atomic
    def form_valid(self, form: BroadcastForm) -> HttpResponse:
        # The worker or a colleague may have been faster: whoever holds the row decides.
        still_open = Broadcast.objects.select_for_update().filter(pk=self.object.pk, state__in=Broadcast.OPEN_STATES)
        if not still_open.exists():
            messages.error(self.request, "Meanwhile this broadcast was scheduled. Your changes were not saved.")
            return redirect(self.object)
        return super().form_valid(form)


class BroadcastDeleteView(generic.DeleteView):
    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        broadcast = get_object_or_404(Broadcast, pk=kwargs["pk"])
        if broadcast.launched_at or broadcast.state == Broadcast.State.SCHEDULED:
            messages.error(request, "What was sent or is scheduled is kept. Only a draft can be deleted.")
            return redirect(broadcast)
        return super().dispatch(request, *args, **kwargs)


class BroadcastInspectView(generic.InspectView):
    page_title = "Broadcast"
    template_name = "campaigns/broadcast.html"

    def get_object(self, queryset=None) -> Broadcast:
        return get_object_or_404(
            Broadcast.objects.with_waiting().select_related("letter", "audience", "content", "by"), pk=self.pk
        )

    @property
    def header_more_buttons(self) -> list[Button]:
        return []

    @property
    def header_buttons(self) -> list[Button]:
        if self.object.is_open and self.user_has_permission("change"):
            return [HeaderButton("Change", url=self.get_edit_url(), icon_name="edit")]
        return []

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        broadcast, asked = self.object, self.request.GET
        context = super().get_context_data(broadcast=broadcast, may_change=self.user_has_permission("change"), **kwargs)
        if broadcast.launched_at:
            recipients = views.recipients_of(broadcast, asked)
            results = results_of([broadcast])[broadcast.pk]
            chips = [(outcome, count) for outcome, count in results.parts if count]
            return {
                **context,
                "results": results,
                "chips": chips,
                "asked": asked,
                "people": views.page_of(recipients, asked),
            }
        problems = preflight.for_broadcast(broadcast)
        return {
            **context,
            "problems": problems,
            "is_blocked": any(problem.is_blocking for problem in problems),
            "tally": broadcast.audience.tally(purpose=broadcast.letter.purpose),
        }


class BroadcastViewSet(ModelViewSet):
    model = Broadcast
    name = "broadcasts"
    url_prefix = "campaigns/broadcasts"
    icon = "mail"
    menu_label = "Broadcasts"
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = BroadcastIndexView
    add_view_class = BroadcastCreateView
    edit_view_class = BroadcastEditView
    inspect_view_class = BroadcastInspectView
    delete_view_class = BroadcastDeleteView
    filterset_class = BroadcastFilterSet
    search_fields = ["letter__name", "letter__subject", "audience__name"]
    search_backend_name = None
    create_template_name = edit_template_name = "campaigns/broadcast_form.html"

    def get_form_class(self, for_update: bool = False) -> type[BroadcastForm]:
        return BroadcastForm

    def get_urlpatterns(self) -> list:
        buttons = ("schedule", "send_now", "unschedule", "cancel")
        return [
            *super().get_urlpatterns(),
            *(path(f"{name.replace('_', '-')}/<int:pk>/", getattr(views, name), name=name) for name in buttons),
            path("progress/<int:pk>/", views.progress, name="progress"),
            path("export/<int:pk>/", views.export, name="export"),
        ]


class CampaignsGroup(ModelViewSetGroup):
    menu_label = "Campaigns"
    menu_icon = "mail"
    menu_order = 300
    items = (BroadcastViewSet, LetterViewSet, AudienceViewSet)
