"""Rows that differ in a few words alone, drawn by their template once a page and filled in for each record.

A page may have a hundred little menus. Each is a template or three, and takes as long to draw as all the page's SQL.
Here a stand-in is drawn in the record's place. What decides the shape of a row (is it a meeting?) is its ``form``, and
there is a pattern for each form; what is merely written into it are its ``words``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.template import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

BEFORE, AFTER = "\ue000", "\ue001"  # no keyboard types them
PLACES = re.compile(f"({BEFORE}\\w+{AFTER}|{quote(BEFORE)}\\w+{quote(AFTER)})")


class NotInPattern(Exception):
    """A template asked for something that its pattern does not know."""


class StandIn:
    """Stands in for a record: its words are marks to be replaced, and it says what its form says."""

    def __init__(self, form: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        vars(self).update(form)
        vars(self).update({name: f"{BEFORE}{name}{AFTER}" for name in words})

    def __getattr__(self, name: str) -> Any:
        raise NotInPattern(name)

    def __str__(self) -> str:
        return self.name


class Pattern:
    """A row as it was drawn for a stand-in."""

    def __init__(self, drawn: str) -> None:
        self.parts = PLACES.split(drawn)

    def fill(self, words: Mapping[str, Any]) -> SafeString:
        """The row with these words in their places, escaped as a template would."""
        written: dict[str, str] = {}
        for name, word in words.items():
            written[f"{BEFORE}{name}{AFTER}"] = conditional_escape(word)
            written[f"{quote(BEFORE)}{name}{quote(AFTER)}"] = quote(str(word), safe="/")
        return SafeString("".join(written[part] if place % 2 else part for place, part in enumerate(self.parts)))


def filled(
    context: Context, template: str, record: str, *, form: Mapping[str, Any], words: Mapping[str, Any]
) -> SafeString:
    """The template as drawn for a record of this form, with its words in their places."""
    kept = vars(context["request"]).setdefault("patterns", {})
    key = (template, *form.items())
    if key not in kept:
        kept[key] = _drawn(context, template, {record: StandIn(form, words)})
    return kept[key].fill(words)


def _drawn(context: Context, template: str, values: Mapping[str, Any]) -> Pattern:
    if context.template is None:
        raise NotInPattern(template)
    with context.push(**values):
        return Pattern(context.template.engine.get_template(template).render(context))
