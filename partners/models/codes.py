"""Codes that may be read out over the phone and say nothing about anybody."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """A short random code without look-alike letters, never derived from a person."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))
