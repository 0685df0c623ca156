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
from django.utils.safestring import SafeString

from crm.people.escaping import escaped

BEFORE, AFTER = "\ue000", "\ue001"  # no keyboard types them
IN_ADDRESS = quote(BEFORE)
PLACES = re.compile(f"({BEFORE}\\w+{AFTER}|{IN_ADDRESS}\\w+{quote(AFTER)})")
NAME = re.compile(f"(?:{BEFORE}|{IN_ADDRESS})(\\w+?)(?:{AFTER}|{quote(AFTER)})")


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
        self.places = range(1, len(self.parts), 2)
        self.marks = {mark: (mark.startswith(IN_ADDRESS), NAME.findall(mark)[0]) for mark in self.parts[1::2]}

    def fill(self, words: Mapping[str, Any]) -> SafeString:
        """The row with these words in their places, escaped as a template would, or quoted as an address has them."""
        written = {
            mark: quote(str(words[name])) if is_quoted else escaped(words[name])
            for mark, (is_quoted, name) in self.marks.items()
        }
        row = self.parts.copy()
        for place in self.places:
            row[place] = written[row[place]]
        return SafeString("".join(row))


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
