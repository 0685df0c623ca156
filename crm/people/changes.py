"""Who changed what: every business record's history, kept when the record itself is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

import django_filters
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignObjectRel, Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

Action = LogEntry.Action
DID = {Action.CREATE: "added", Action.UPDATE: "changed", Action.DELETE: "removed", Action.ACCESS: "exported"}
References = dict[type[Model], dict[str, str]]


@dataclass(frozen=True)
class Change:
    """One field of one record, before and after, in words."""

    label: str
    before: str
    after: str


def describe(entries: Iterable[LogEntry]) -> None:
    """Give each entry its ``lines`` and ``did``, looking up all records they mention in one query a kind."""
    entries = list(entries)
    names = _names_of(entries)
    for entry in entries:
        entry.did = DID[entry.action]
        entry.lines = [
            Change(_label(field, name), *(_shown(field, value, names) for value in pair))
            for name, field, pair in _pairs(entry)
        ]
        entry.lines = [line for line in entry.lines if line.before != line.after]


def _pairs(entry: LogEntry) -> Iterable[tuple[str, Field | None, list]]:
    model = entry.content_type.model_class()
    for name, pair in (entry.changes or {}).items():
        field = _field(model, name)
        if isinstance(field, ForeignObjectRel) or name == "created_at" or (field is not None and field.primary_key):
            continue  # what other records say about it, its number, and what the line itself tells
        if isinstance(pair, dict):  # several related records at once
            pair = ["", f"{pair.get('operation', '')}: {', '.join(map(str, pair.get('objects', [])))}"]
        yield name, field, pair


def _field(model: type[Model] | None, name: str) -> Field | ForeignObjectRel | None:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _names_of(entries: list[LogEntry]) -> References:
    mentioned: dict[type[Model], set[str]] = defaultdict(set)
    for entry in entries:
        for _name, field, pair in _pairs(entry):
            if field is not None and field.related_model:
                mentioned[field.related_model] |= {value for value in pair if str(value).isdigit()}
    return {
        model: {str(pk): str(record) for pk, record in model._base_manager.in_bulk(list(keys)).items()}
        for model, keys in mentioned.items()
    }


def _label(field: Field | None, name: str) -> str:
    return capfirst(str(getattr(field, "verbose_name", name)).replace("_", " "))


def _shown(field: Field | None, value: object, names: References) -> str:
    words = "" if value in (None, "None") else str(value)
    if field is None or not words:
        return Truncator(words).chars(120)
    if field.related_model:
        return names.get(field.related_model, {}).get(words, f"number {words}")
    if field.choices:
        return str(dict(field.flatchoices).get(words, words))
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return "yes" if words == "True" else "no"
    if kind == "DateTimeField" and (at := parse_datetime(words)):
        at = at if timezone.is_aware(at) else timezone.make_aware(at, UTC)
        return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
    return Truncator(words).chars(120)


def recorded_kinds(request):
    kinds = ContentType.objects.get_for_models(*auditlog.get_models()).values()
    return ContentType.objects.filter(pk__in=[kind.pk for kind in kinds]).order_by("model")


class ChangeFilters(WagtailFilterSet):
    content_type = django_filters.ModelChoiceFilter(label="Kind of record", queryset=recorded_kinds)
    actor = django_filters.ModelChoiceFilter(label="Who", queryset=lambda request: get_user_model().objects.all())
    timestamp = django_filters.DateFromToRangeFilter(label="When", widget=DateRangePickerWidget)

    class Meta:
        model = LogEntry
        fields = ["content_type", "actor", "timestamp"]


class ChangeColumn(Column):
    cell_template_name = "people/_change_cell.html"


class ChangesView(ReportView):
    model = LogEntry
    any_permission_required = ["view"]
    template_name = "people/changes.html"
    index_url_name = "changes"
    index_results_url_name = "changes_results"
    page_title = "Changes"
    header_icon = "history"
    is_searchable = True
    search_fields = ["object_repr"]
    filterset_class = ChangeFilters
    verbose_name_plural = "changes"
    table_classname = "listing changes-list"
    columns = [
        Column(
            "timestamp",
            label="When",
            accessor=lambda entry: date_format(timezone.localtime(entry.timestamp), "SHORT_DATETIME_FORMAT"),
            classname="changes-when",
        ),
        Column("actor", label="Who", accessor=lambda entry: entry.actor or entry.actor_email or "The system"),
        ChangeColumn("change", label="What changed"),
    ]

    def get_queryset(self):
        return self.search_queryset(
            LogEntry.objects.select_related("actor", "content_type").order_by("-timestamp", "-pk")
        )

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        describe(context["object_list"])
        return context
