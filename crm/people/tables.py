"""Tables of records, whose cells are written in Python where a template would say no more than the value.

A page of a list has hundreds of cells. A template for each, as Wagtail's tables have it, takes a third of the page's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.formats import localize
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.ui import tables

from crm.people.addresses import address
from crm.people.escaping import written


class Column(tables.Column):
    """A cell says its value. A column with more to say overrides ``inside``, or has a template."""

    def render_cell_html(self, instance: Any, parent_context: Mapping[str, Any]) -> SafeString:
        if self.cell_template_name != tables.Column.cell_template_name:
            return super().render_cell_html(instance, parent_context)
        return written("{}{}</td>", self._opening, self.inside(instance))

    @cached_property
    def _opening(self) -> SafeString:
        return format_html("<td{}>", flatatt({"class": self.classname}) if self.classname else "")

    def inside(self, instance: Any) -> str:
        """What stands in the cell, as a template would write it."""
        value = self.get_value(instance)
        if not isinstance(value, str):
            value = localize(timezone.localtime(value) if isinstance(value, datetime) else value)
        return self.empty_value_display if value is None or not str(value).strip() else value


class TitleColumn(tables.TitleColumn):
    """The record’s name as a link to its page, which its number leads to."""

    def render_cell_html(self, instance: Any, parent_context: Mapping[str, Any]) -> SafeString:
        value = self.get_value(instance)
        return written(
            '<td class="{}title"><div class="title-wrapper"><a href="{}">{}</a></div></td>',
            f"{self.classname} " if self.classname else "",
            address(self.url_name, instance.pk),
            value if str(value).strip() else self.empty_value_display,
        )


class TickColumn(tables.BaseColumn):
    """A box to tick each record with, for a deed that is done to all the ticked."""

    header_template_name = "people/_tick_all.html"

    def render_cell_html(self, instance: Any, parent_context: Mapping[str, Any]) -> SafeString:
        return written('<td class="bulk-action-checkbox-cell">{}</td>', self.inside(instance))

    def inside(self, instance: Any) -> str:
        ticked = '<label class="tick"><input type="checkbox" name="id" value="{}"><span class="w-sr-only">Tick {}</span></label>'
        return written(ticked, instance.pk, self.named(instance))

    def named(self, instance: Any) -> str:
        return str(instance)


class Table(tables.Table):
    """A table of records, its rows written one after the other."""

    template_name = "people/table.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context.get("request")
        rows = mark_safe("".join(self._row(row, request) for row in self.rows))  # noqa: S308  # each cell is safe
        return {**super().get_context_data(parent_context), "rows": rows}

    def _row(self, row: tables.Table.Row, request: Any) -> str:
        context = {"row": row, "table": self, "request": request}
        cells = "".join(column.render_cell_html(row.instance, context) for column in self.columns.values())
        return f"<tr{flatatt(row.attrs) if row.attrs else ''}>{cells}</tr>\n"
