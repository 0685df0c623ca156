"""The inbox in the office: mail that came in, and what to do with what nobody claimed."""

from __future__ import annotations

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from crm.mail import inbound, needs
from crm.mail.history import moment
from crm.mail.models import InboundMail, Message, Suppression
from crm.mail.reading import clean_text, read
from crm.mail.render import subject_line
from crm.mail.vouching import verdict
from crm.people.office import OfficeRequest

State = InboundMail.State
TILES = ((State.TRAY, "In the tray"), (State.CLAIMED, "Taken care of"), (State.DONE, "Done"))
# Whatever somebody sent us: it is only ever text, or a file to keep.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Referrer-Policy": "no-referrer"}

may_read = permission_required("mail.view_inboundmail", raise_exception=True)
may_act = permission_required("mail.change_inboundmail", raise_exception=True)


class InboundStateColumn(Column):
    cell_template_name = "mail/_inbound_state_cell.html"


class InboundFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(choices=State.choices, widget=forms.CheckboxSelectMultiple)
    received_at = django_filters.DateFromToRangeFilter(label="Came in", widget=DateRangePickerWidget)

    class Meta:
        model = InboundMail
        fields = ["state", "received_at"]


class MailsPaginator(WagtailPaginator):
    verbose_name_plural = "mails that came in"


class InboxView(generic.IndexView):
    page_title = "Inbox"
    paginator_class = MailsPaginator
    default_ordering = ["-received_at", "-pk"]
    table_classname = "listing mail-list"

    def get_base_queryset(self):
        return InboundMail.objects.select_related("contact").defer("raw", "envelope", "fingerprint")

    def get_context_data(self, *args, **kwargs):
        counts = dict(InboundMail.objects.order_by().values_list("state").annotate(Count("pk")))
        tiles = [{"state": state, "label": label, "count": counts.get(state, 0)} for state, label in TILES]
        return super().get_context_data(*args, tiles=tiles, open_needs=needs.open_needs_of(self.request), **kwargs)


class InboundView(generic.InspectView):
    page_title = "Mail that came in"

    def get_object(self, queryset=None):
        mails = InboundMail.objects.select_related("contact", "answers__content", "by")
        return get_object_or_404(mails, pk=self.pk)

    def get_fields(self):
        return []

    def get_page_subtitle(self):
        return ""

    def get_breadcrumbs_items(self):
        here = {"url": "", "label": "Mail", "sublabel": f"from {self.object.sender or 'nobody'}"}
        return [*self.breadcrumbs_items, {"url": reverse("inbox:index"), "label": "Inbox"}, here]

    def get_context_data(self, **kwargs):
        mail = self.object
        user = self.request.user
        return super().get_context_data(
            mail=mail,
            incoming=read(bytes(mail.raw)),
            verdict=verdict(mail),
            may_act=user.has_perm("mail.change_inboundmail"),
            is_closed=bool(mail.sender) and Suppression.objects.of(mail.sender).exists(),
            subject=subject_line(mail.answers) if mail.answers else "",
            may_see_message=Message.objects.seen_by(user).filter(pk=mail.answers_id).exists(),
            **kwargs,
        )


class InboxViewSet(ModelViewSet):
    model = InboundMail
    name = "inbox"
    icon = "download"
    menu_label = "Inbox"
    menu_order = 400  # beside the outbox
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = InboxView
    index_template_name = "mail/inbox.html"
    inspect_view_class = InboundView
    inspect_template_name = "mail/inbound.html"
    filterset_class = InboundFilters
    search_fields = ["sender", "subject", "recipient"]
    form_fields: list[str] = []
    list_per_page = 50
    list_display = [
        TitleColumn("subject", accessor=lambda row: row.subject or "No subject", url_name="inbox:inspect"),
        Column("sender", label="From", accessor=lambda row: row.contact or row.sender, classname="mail-to"),
        InboundStateColumn("state", label="State", sort_key="state"),
        Column("outcome", label="What came of it", classname="mail-outcome"),
        Column(
            "received_at",
            label="Came in",
            accessor=lambda row: moment(row.received_at),
            sort_key="received_at",
            classname="mail-when",
        ),
    ]

    def get_urlpatterns(self):
        wanted = {"index", "index_results", "inspect"}
        return [
            *(pattern for pattern in super().get_urlpatterns() if pattern.name in wanted),
            path("<int:pk>/raw/", raw, name="raw"),
            path("<int:pk>/files/<int:number>/", file, name="file"),
            path("<int:pk>/done/", done, name="done"),
            path("<int:pk>/back/", back, name="back"),
            path("<int:pk>/unsubscribe/", unsubscribe, name="unsubscribe"),
        ]

    def register_admin_url_finder(self):
        """There is no page to edit a mail on."""


@require_safe
@never_cache
@may_read
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as it came, as text."""
    mail = get_object_or_404(InboundMail, pk=pk)
    return HttpResponse(clean_text(bytes(mail.raw)), content_type="text/plain; charset=utf-8", headers=HARMLESS)


@require_safe
@never_cache
@may_read
def file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One file that came with it: to be kept, never to be opened here."""
    files = read(bytes(get_object_or_404(InboundMail, pk=pk).raw)).files
    if not 1 <= number <= len(files):
        raise Http404("This mail has no such file.")
    found = files[number - 1]
    headers = {**HARMLESS, "Content-Disposition": content_disposition_header(True, found.filename) or "attachment"}
    return HttpResponse(found.body, content_type="application/octet-stream", headers=headers)


@require_POST
@may_act
def done(request: OfficeRequest, pk: int) -> HttpResponse:
    if inbound.file_done(get_object_or_404(InboundMail, pk=pk), by=request.user):
        messages.success(request, "Done. The mail is out of the tray.")
    else:
        messages.info(request, "This mail was out of the tray already.")
    return redirect("inbox:inspect", pk)


@require_POST
@may_act
def back(request: OfficeRequest, pk: int) -> HttpResponse:
    if inbound.put_back(get_object_or_404(InboundMail, pk=pk)):
        messages.success(request, "The mail is in the tray again.")
    else:
        messages.info(request, "This mail is in the tray already.")
    return redirect("inbox:inspect", pk)


@require_POST
@may_act
def unsubscribe(request: OfficeRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(InboundMail.objects.select_related("contact"), pk=pk)
    inbound.unsubscribe_sender(mail, by=request.user)
    messages.success(
        request,
        f"{mail.contact or mail.sender} is off all letters. Only they can take that back, with a letter's link.",
    )
    return redirect("inbox:inspect", pk)


inbox = InboxViewSet()
