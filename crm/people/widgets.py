"""Choices to tick, written in Python: Django's own take four templates for each, and a list's filters have dozens.

Named as Django names them, for Wagtail’s styles go by the name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.people.escaping import escaped, written


class CheckboxSelectMultiple(forms.CheckboxSelectMultiple):
    """Any number of choices; looks as Django's does."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        shown = self.get_context(name, value, attrs)["widget"]
        around = {"id": shown["attrs"].get("id"), "class": shown["attrs"].get("class")}
        ticks = "".join(_tick(option) for _group, options, _place in shown["optgroups"] for option in options)
        return written("<div{}>{}</div>", flatatt(around), SafeString(ticks))


class RadioSelect(forms.RadioSelect):
    """One of a few choices; looks as Django's does."""

    render = CheckboxSelectMultiple.render


def _tick(option: dict[str, Any]) -> SafeString:
    return _drawn(
        option["type"], option["name"], str(option["value"]), escaped(option["label"]), *option["attrs"].items()
    )


@lru_cache(maxsize=1024)
def _drawn(kind: str, name: str, value: str, label: str, *attrs: tuple[str, Any]) -> SafeString:
    """The choices of a list's filters are the same each time; the label is escaped already."""
    named = dict(attrs)
    return format_html(
        '<div><label{}><input type="{}" name="{}" value="{}"{}> {}</label></div>\n',
        flatatt({"for": named["id"]} if named.get("id") else {}),
        kind,
        name,
        value,
        flatatt(named),
        SafeString(label),
    )
