from __future__ import annotations

from django import template

from crm.mail.models import Message
from crm.mail.standings import name_of

register = template.Library()


@register.filter
def standing_name(message: Message) -> str:
    """The name of where a message stands, for its colour."""
    return name_of(message)
