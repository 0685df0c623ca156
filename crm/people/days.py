"""Days and hours in words, for pages and letters that say the same few hundreds of times."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language


def worded(when: date, form: str) -> str:
    """What date_format() says of a day, or of a moment by the clock of its own zone; worked out once a language."""
    local = when.replace(tzinfo=None) if isinstance(when, datetime) else when  # two zones have one moment at two hours
    return _worded(local, form, get_language())


@lru_cache(maxsize=2048)
def _worded(local: date, form: str, language: str | None) -> str:
    return date_format(local, form)
