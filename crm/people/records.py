"""How every room lists its records in the office: harmless exports, archiving in place of deleting, choosing by search."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Keep a spreadsheet from reading a name such as =HYPERLINK(...) as a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


class RecordList(IndexView):
    """A list that sorts unknown last, exports without formulas, and only for those who may change the records."""

    custom_value_preprocess = {**IndexView.custom_value_preprocess, str: {IndexView.FORMAT_CSV: harmless}}

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if self.is_export and not self.user_has_permission("change"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def show_export_buttons(self) -> bool:
        return bool(self.list_export) and self.user_has_permission("change")

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
