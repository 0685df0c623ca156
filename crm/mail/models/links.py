from __future__ import annotations

import secrets

from django.db import models


def new_token() -> str:
    """An opaque, unguessable token of 128 bits for the address of somebody's own page."""
    return secrets.token_urlsafe(16)


def new_key() -> bytes:
    return secrets.token_bytes(32)


class LinkKey(models.Model):
    """The one key behind the links in letters. It lives as long as the letters do, whatever SECRET_KEY becomes."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    key = models.BinaryField(max_length=32, default=new_key, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="link_key_is_one")]

    def __str__(self) -> str:
        return "The key of the links in letters"
