"""How every room lists its records in the office: harmless exports, archiving in place of deleting, choosing by search."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from crm.people.exports import by_the_practices_clock, harmless, note_export
from crm.people.tables import Table

NO_CHOICE = ("export", "p", "ordering", "layout")
EXPORT = "partners.export_partner"  # one right for every list: it is the book that leaves the house


class RecordList(IndexView):
    """A list that sorts unknown last, exports without formulas and for whom it is meant, and writes that down."""

    table_class = Table
    custom_value_preprocess = {
        **IndexView.custom_value_preprocess,
        datetime: {
            IndexView.FORMAT_CSV: lambda moment: f"{by_the_practices_clock(moment):%Y-%m-%d %H:%M}",
            IndexView.FORMAT_XLSX: by_the_practices_clock,
        },
        bool: dict.fromkeys(IndexView.FORMATS, lambda is_so: "yes" if is_so else "no"),
    }

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if self.is_export and not self.may_export:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def may_export(self) -> bool:
        return bool(self.list_export) and self.request.user.has_perm(EXPORT)

    @cached_property
    def show_export_buttons(self) -> bool:
        return self.may_export

    def preprocess_field_value(self, field: str, value: object, export_format: str) -> object:
        """What stands in a cell; a record's name can be a formula as well as a text can."""
        cell = super().preprocess_field_value(field, value, export_format)
        return harmless(cell) if export_format == self.FORMAT_CSV and isinstance(cell, str) else cell

    def as_spreadsheet(self, queryset: QuerySet, spreadsheet_format: str) -> HttpResponse:
        """Exactly what the list shows, and a line in the change history about who took it."""
        chosen = [f"{name} {value}" for name, value in self.request.GET.items() if value and name not in NO_CHOICE]
        note_export(
            self.model, by=self.request.user, rows=len(queryset), kind=spreadsheet_format, shown=", ".join(chosen)
        )
        return super().as_spreadsheet(queryset, spreadsheet_format)

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        if not isinstance(self.ordering, str):
            return super().order_queryset(queryset)
        name, is_falling = self.ordering.removeprefix("-"), self.ordering.startswith("-")
        if self._is_always_known(name):  # then an index on it serves, which NULLS LAST would rule out
            return queryset.order_by(self.ordering, "-pk" if is_falling else "pk")
        field = F(name)
        return queryset.order_by(field.desc(nulls_last=True) if is_falling else field.asc(nulls_last=True), "pk")

    def _is_always_known(self, name: str) -> bool:
        return any(field.name == name and not field.null for field in self.model._meta.concrete_fields)


class RecordViewSet(ModelViewSet):
    """Records are archived or taken back, never deleted, so the office offers neither delete nor copy."""

    index_view_class = RecordList
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50
    search_backend_name = None
    dropped: tuple[str, ...] = ("delete", "usage")

    def get_common_view_kwargs(self, **kwargs) -> dict:
        return super().get_common_view_kwargs(**{"delete_url_name": None, "usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name not in self.dropped]


class SearchForm(BaseFilterForm):
    """The search box of a chooser. A room says in ``search`` how its records are found."""

    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"placeholder": "Search"}))

    def search(self, objects: QuerySet, typed: str) -> QuerySet:
        return objects.filter(name__icontains=typed)

    def filter(self, objects: QuerySet) -> QuerySet:
        objects = super().filter(objects)
        if typed := self.cleaned_data.get("q"):
            self.is_searching, self.search_query = True, typed
            return self.search(objects, typed)
        return objects
