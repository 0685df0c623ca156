from __future__ import annotations

from django import template

from crm.mail.models import Suppression

register = template.Library()


@register.simple_tag
def closed_for(email: str) -> list[Suppression]:
    """What keeps us from writing to this address, newest first."""
    return list(Suppression.objects.of(email)) if email else []
