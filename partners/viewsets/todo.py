from __future__ import annotations

from datetime import timedelta

import django_filters
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views.generic import EditView

from crm.people.records import RecordList, RecordViewSet
from crm.people.tables import Column, TickColumn, TitleColumn
from partners.models import FollowUp
from partners.templatetags.partner_words import due_tag, todo_tags
from partners.viewsets.about import AboutPartner
from partners.viewsets.careful import Careful


class DueColumn(Column):
    def inside(self, todo: FollowUp) -> SafeString:
        if todo.done_at:
            done_on = date_format(timezone.localtime(todo.done_at), "MONTH_DAY_FORMAT")
            return format_html('<span class="pill pill-give">done {}</span>', done_on)
        about = {"todo": todo, "look": "quiet"}
        prepare = render_to_string("partners/_prepare.html", about) if todo.is_meeting else ""
        return format_html("{}{}{} {}", self._day(todo), due_tag(todo.due_on), todo_tags(todo), prepare)

    def _day(self, todo: FollowUp) -> SafeString:
        """The day, where the tag beside it says only how far it is."""
        is_named = todo.due_on > timezone.localdate() + timedelta(days=1)
        return SafeString("") if is_named else format_html("{} ", date_format(todo.due_on, "MONTH_DAY_FORMAT"))


class ToDoFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("overdue", "Overdue"),
            ("today", "Due today"),
            ("coming", "Coming"),
            ("done", "Done"),
            ("all", "All"),
        ],
        empty_label="Open",
        method="filter_state",
    )

    class Meta:
        model = FollowUp
        fields: list[str] = []

    def filter_state(self, todos, name: str, value: str):
        return todos

    def filter_queryset(self, queryset):
        todos, today = super().filter_queryset(queryset), timezone.localdate()
        sets = {
            "overdue": lambda: todos.overdue(today),
            "today": lambda: todos.due(today),
            "coming": lambda: todos.coming(today),
            "done": lambda: todos.filter(done_at__isnull=False),
            "all": lambda: todos,
        }
        return sets.get(self.form.cleaned_data.get("state"), todos.open)()


class OpenTickColumn(TickColumn):
    """What is done cannot be ticked."""

    def inside(self, todo: FollowUp) -> str:
        return "" if todo.done_at else super().inside(todo)

    def named(self, todo: FollowUp) -> str:
        return f"{todo}, {todo.partner}" if todo.partner else str(todo)


class ToDoList(RecordList):
    template_name = "partners/todo_list.html"
    results_template_name = "partners/todo_list_results.html"

    @cached_property
    def columns(self) -> list[BaseColumn]:
        columns = super().columns
        return [OpenTickColumn("tick"), *columns] if self.user_has_permission("change") else columns

    def get_context_data(self, *args, **kwargs) -> dict:
        shown = self.request.GET.urlencode()
        here = self.get_index_url() + (f"?{shown}" if shown else "")
        may_change = self.user_has_permission("change")
        return {**super().get_context_data(*args, **kwargs), "may_change": may_change, "here": here}

    def get_base_queryset(self) -> QuerySet[FollowUp]:
        return FollowUp.objects.filter(taken_back_at=None).select_related("partner", "contact")

    def search_queryset(self, queryset):
        for word in self.search_query.split():
            about = Q(partner__name__icontains=word) | Q(contact__name__icontains=word)
            queryset = queryset.filter(Q(title__icontains=word) | about)
        return queryset


class AddToDo(Careful, AboutPartner):
    free_texts = ("title",)


class EditToDo(Careful, EditView):
    free_texts = ("title",)


class ToDoViewSet(RecordViewSet):
    model = FollowUp
    name = "todos"
    icon = "task"
    menu_label = "To dos"
    index_view_class = ToDoList
    index_template_name = ToDoList.template_name
    index_results_template_name = ToDoList.results_template_name
    add_view_class = AddToDo
    edit_view_class = EditToDo
    filterset_class = ToDoFilters
    search_fields = ["title"]
    ordering = "due_on"
    list_display = [
        TitleColumn("title", label="What", sort_key="title", url_name="todo"),
        Column("partner", label="Partner", sort_key="partner__name"),
        Column("contact", label="Contact", sort_key="contact__name", classname="wide-only"),
        DueColumn("due_on", label="Due", sort_key="due_on"),
    ]
    list_export = ["title", "partner", "contact", "due_on", "done_at", "outcome"]
    export_filename = "to-dos"
    panels = [
        FieldPanel("title"),
        FieldPanel("due_on"),
        FieldRowPanel([FieldPanel("partner"), FieldPanel("contact")], help_text="About a partner, a contact, or both."),
        FieldRowPanel([FieldPanel("is_meeting"), FieldPanel("repeat_days")]),
    ]
