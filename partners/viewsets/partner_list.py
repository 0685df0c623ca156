"""The list of partners and the same as a board: one view, one set of filters, one search."""

from __future__ import annotations

from datetime import datetime

import django_filters
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn

from crm.people.composed import AnyOf, records
from crm.people.escaping import written
from crm.people.models import User
from crm.people.patterns import Pattern, StandIn
from crm.people.records import RecordList
from crm.people.tables import Column, TickColumn
from partners import board, saved_views
from partners.models import Activity, Group, Kind, Partner, Stage, Tier
from partners.models.partner import PartnerQuerySet
from partners.templatetags.partner_words import days_ago, due_tag, shortened
from partners.viewsets.about import ticked

FOUND = 100
NEVER, NONE = SafeString('<span class="meta">Never</span>'), SafeString('<span class="meta">No next step</span>')
LAYOUTS = ("list", "board")
LAYOUT = "partners_layout"
# What says how the list is shown, and not what is in it.
NOT_A_CHOICE = ("layout", "p", "ordering", "export", "_w_filter_fragment")


class MenuColumn(BaseColumn):
    """What can be done with a partner at once, without opening its page."""

    header_template_name = "partners/_row_menu_head.html"
    cell_template_name = "partners/_row_menu.html"

    def __init__(self, name: str, *, user: User) -> None:
        super().__init__(name)
        self.may = {
            "may_refer": user.has_perm("partners.add_referral"),
            "may_log": user.has_perm("partners.add_touch"),
            "may_change": user.has_perm("partners.change_partner"),
        }

        self.patterns: dict[bool, Pattern] = {}

    def render_cell_html(self, instance: Partner, parent_context) -> SafeString:
        is_archived, words = bool(instance.archived_at), {"pk": instance.pk, "name": instance.name}
        if is_archived not in self.patterns:
            stand_in = StandIn({"archived_at": is_archived}, words)
            self.patterns[is_archived] = Pattern(self.cell_template.render({"instance": stand_in, **self.may}))
        return self.patterns[is_archived].fill(words)


class StandingColumn(Column):
    def inside(self, partner: Partner) -> SafeString:
        return written('{} <span class="meta">tier {}</span>', self.get_value(partner), partner.tier.upper())


class LastTouchColumn(Column):
    def inside(self, partner: Partner) -> SafeString:
        touch, at = partner.rhythm.last_touch, partner.rhythm.last_touch_at
        if not touch or not at:
            return NEVER
        said = '<span title="{}">{}</span> <span class="meta">{}</span>'
        return written(said, touch.summary, days_ago(at), touch.get_kind_display())


class NextStepColumn(Column):
    def inside(self, partner: Partner) -> SafeString:
        step, due_on = partner.rhythm.next_step, partner.rhythm.next_step_on
        return written("{} {}", shortened(step.title, 50), due_tag(due_on)) if step else NONE


class PartnerFilters(WagtailFilterSet):
    view = django_filters.ChoiceFilter(
        label="Saved view",
        choices=[(view.key, view.label) for view in saved_views.VIEWS],
        empty_label="All",
        method="filter_view",
    )
    kind = django_filters.MultipleChoiceFilter(**ticked(Kind.choices))
    group = django_filters.MultipleChoiceFilter(label="Group", method="filter_group", **ticked(Group.choices))
    stage = django_filters.MultipleChoiceFilter(**ticked(Stage.choices))
    tier = django_filters.MultipleChoiceFilter(**ticked(Tier.choices))
    activity = django_filters.MultipleChoiceFilter(
        label="Activity", method="filter_activity", **ticked(Activity.choices)
    )
    city = django_filters.AllValuesFilter(empty_label="Every city")
    archived = django_filters.ChoiceFilter(
        label="Archived", choices=[("yes", "Only archived")], empty_label="Not archived", method="filter_archived"
    )

    class Meta:
        model = Partner
        fields: list[str] = []

    def filter_view(self, partners, name: str, value: str):
        return partners.filter(saved_views.BY_KEY[value].holds(timezone.now())) if value else partners

    def filter_group(self, partners, name: str, values: list[str]):
        kinds = [kind for group in values for kind in Group(group).kinds]
        return partners.filter(kind__in=kinds) if values else partners

    def filter_activity(self, partners, name: str, values: list[str]):
        return partners.with_activity(timezone.now()).filter(activity__in=values) if values else partners

    def filter_archived(self, partners, name: str, value: str):
        return partners.filter(archived_at__isnull=False)

    def filter_queryset(self, queryset):
        partners = super().filter_queryset(queryset)
        return partners if self.form.cleaned_data.get("archived") else partners.current()


def shown(query: QueryDict) -> PartnerQuerySet:
    """Exactly the partners that the list shows for this address: what a deed for all of them is done to."""
    filters = PartnerFilters(data=query)
    chosen = filters.filter_queryset(Partner.objects.all()) if filters.is_valid() else Partner.objects.none()
    return searched(chosen, query.get("q", "").strip())


def searched(partners: PartnerQuerySet, typed: str) -> PartnerQuerySet:
    """Misspelt names are found, the best first."""
    return partners.matching(typed, limit=FOUND) if typed else partners


def _whole(*, now: datetime, key: int, keys: list[int]) -> PartnerQuerySet:
    shown = Partner.objects.select_related("rhythm__last_touch", "rhythm__next_step").with_activity(now)
    return shown.filter(pk=AnyOf(keys)).order_by()


class PartnerList(RecordList):
    template_name = "partners/list.html"
    results_template_name = "partners/list_results.html"

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        asked = request.GET.get("layout")
        if asked in LAYOUTS and asked != request.session.get(LAYOUT):
            request.session[LAYOUT] = asked
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def layout(self) -> str:
        """What was asked for, else what was looked at last."""
        asked = self.request.GET.get("layout") or self.request.session.get(LAYOUT)
        return asked if asked in LAYOUTS and not self.is_export else LAYOUTS[0]

    @cached_property
    def columns(self) -> list[BaseColumn]:
        columns = [*super().columns, MenuColumn("menu", user=self.request.user)]
        return [TickColumn("tick"), *columns] if self.user_has_permission("change") else columns

    def get_base_queryset(self) -> PartnerQuerySet:
        """For a page the choosing and sorting is done without what hangs on a partner; paginate_queryset() adds it."""
        if self.is_export:
            return Partner.objects.with_activity(timezone.now()).with_rhythm()
        return Partner.objects.with_activity(timezone.now()) if "activity" in self.ordering else Partner.objects.all()

    def order_queryset(self, queryset):
        if self.ordering in ("name", "-name"):  # as the index has them, capital letters or not
            first = Lower("name")
            return queryset.order_by(first.desc() if self.ordering == "-name" else first.asc(), "pk")
        return super().order_queryset(queryset)

    def paginate_queryset(self, queryset, page_size):
        """The rows of one page, with their rhythm; a board has columns instead, which know how many there are."""
        if self.layout == "board":
            self.board = board.of(queryset if self._query() else None, now=timezone.now())
            paginator, page, *_ = super().paginate_queryset(range(sum(each.count for each in self.board)), page_size)
            return paginator, page, [], False
        paginator, page, rows, has_others = super().paginate_queryset(queryset, page_size)
        keys = list(rows.values_list("pk", flat=True))
        found = {partner.pk: partner for partner in records(_whole, now=timezone.now(), keys=keys)} if keys else {}
        page.object_list = [found[key] for key in keys if key in found]
        return paginator, page, page.object_list, has_others

    def filter_queryset(self, queryset):
        """A filter that makes no sense shows nobody, so that a deed for all of them is done to nobody."""
        return super().filter_queryset(queryset) if self.filters.is_valid() else queryset.none()

    def search_queryset(self, queryset):
        """Misspelt names are found; the best comes first unless a column was chosen."""
        if not self.is_searching:
            return self._in_order_of_view(queryset)
        found = searched(queryset, self.search_query)
        return self.order_queryset(found) if self.is_explicitly_ordered else found

    def _in_order_of_view(self, queryset):
        """A saved view puts first what needs somebody most, unless a column was chosen."""
        view = saved_views.BY_KEY.get(self.request.GET.get("view", ""))
        if view is None or view.order is None or self.is_explicitly_ordered:
            return queryset
        return queryset.order_by(view.order, "pk")

    def get_paginate_by(self, queryset) -> int | None:
        return 1 if self.layout == "board" else super().get_paginate_by(queryset)

    def get_context_data(self, *args, **kwargs) -> dict:
        context = super().get_context_data(*args, **kwargs)
        now = timezone.now()
        if self.layout == "board":
            context.update(
                columns=self.board,
                object_list=any(column.count for column in self.board),
                move_address=reverse("move_partner", args=[0]),
            )
        return {
            **context,
            "layout": self.layout,
            "tabs": saved_views.tabs(now),
            "tab": self.request.GET.get("view", ""),
            "chosen": self._query(),
            "here": f"{self.get_index_url()}?{self.request.GET.urlencode()}".rstrip("?"),
            "may_change": self.user_has_permission("change"),
            "may_promise": self.request.user.has_perm("partners.add_followup"),
        }

    def _query(self) -> str:
        """The filter, search and saved view of this page, as an address writes them."""
        query = self.request.GET.copy()
        for name in NOT_A_CHOICE:
            query.pop(name, None)
        return query.urlencode()
