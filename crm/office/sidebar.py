"""The office's menu, packed once for each shape it takes.

Wagtail packs the menu for its script anew with every page, and for each of some sixty entries it writes out which files
that script needs: of an office page that asks little this was a third. The pack says nothing but what the entries say,
so the same entries are the same pack; who sees which of them, and what is counted beside them, is asked each time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.utils.translation import get_language
from wagtail.admin.localization import get_js_translation_strings
from wagtail.admin.telepath import JSContext
from wagtail.admin.templatetags import wagtailadmin_tags

SHAPES = 64  # that are kept, of 10 kB each: a few people in a few languages, and what is counted beside the entries


class RememberingContext(JSContext):
    """Packs what it has packed before without looking at it again. It is for the menu alone: it keeps no ``media``."""

    def pack(self, modules: list[Any]) -> Any:
        return _packed(Entries(json.dumps(modules, default=_said), modules))


@dataclass(frozen=True)
class Entries:
    """The menu, and all that it says: two that say the same are one."""

    words: str
    modules: list[Any] = field(compare=False)


def install() -> None:
    """Let Wagtail's frame pack its menu so, and translate the words of its scripts once for each language."""
    wagtailadmin_tags.JSContext = RememberingContext
    wagtailadmin_tags.get_js_translation_strings = lambda: _script_words(get_language())


@cache
def _script_words(language: str | None) -> dict[str, Any]:
    return get_js_translation_strings()


@lru_cache(maxsize=SHAPES)
def _packed(entries: Entries) -> Any:
    return JSContext().pack(entries.modules)


def _said(what: Any) -> Any:
    """An entry's kind and what its script is given; anything else, as a sentence not translated yet, is its words."""
    return [type(what).__qualname__, what.js_args()] if hasattr(what, "js_args") else str(what)
