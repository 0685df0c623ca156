"""Choices to tick, written in Python: Django's own take four templates for each, and a list's filters have dozens.

Named as Django names them, for Wagtail’s styles go by the name.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class CheckboxSelectMultiple(forms.CheckboxSelectMultiple):
    """Any number of choices; looks as Django's does."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        shown = self.get_context(name, value, attrs)["widget"]
        around = {"id": shown["attrs"].get("id"), "class": shown["attrs"].get("class")}
        options = [option for _group, options, _place in shown["optgroups"] for option in options]
        ticks = format_html_join("", "<div>{}</div>\n", ((_tick(option),) for option in options))
        return format_html("<div{}>{}</div>", flatatt(around), ticks)


class RadioSelect(forms.RadioSelect):
    """One of a few choices; looks as Django's does."""

    render = CheckboxSelectMultiple.render


def _tick(option: dict[str, Any]) -> SafeString:
    attrs = option["attrs"]
    return format_html(
        '<label{}><input type="{}" name="{}" value="{}"{}> {}</label>',
        flatatt({"for": attrs["id"]} if attrs.get("id") else {}),
        option["type"],
        option["name"],
        option["value"],
        flatatt(attrs),
        option["label"],
    )
