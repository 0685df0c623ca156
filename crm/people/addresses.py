"""Addresses of one record each, for pages and letters that write hundreds of them."""

from __future__ import annotations

from functools import cache

from django.urls import reverse


def address(name: str, key: int | str) -> str:
    """The same as reverse(name, args=[key]), which takes longer than the rest of a row.

    A key that is a word stands in the address as it is: a slug, or a token of letters and digits.
    """
    before, after = _around_the_key(name)
    return f"{before}{key}{after}"


@cache
def _around_the_key(name: str) -> tuple[str, str]:
    before, zero, after = reverse(name, args=[0]).partition("/0/")
    if not zero or "/0/" in after:
        raise ValueError(f"The address “{name}” has its key elsewhere.")
    return f"{before}/", f"/{after}"
