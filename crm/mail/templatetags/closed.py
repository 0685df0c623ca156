from __future__ import annotations

from django import template
from django.utils import timezone

from crm.mail.models import Pause, Suppression
from crm.people.models import Contact

register = template.Library()


@register.simple_tag
def closed_for(email: str) -> list[Suppression]:
    """What keeps us from writing to this address, newest first."""
    return list(Suppression.objects.of(email)) if email else []


@register.simple_tag
def pause_of(contact: Contact) -> Pause | None:
    """The pause that this contact asked for, while it lasts."""
    return Pause.objects.filter(contact=contact, until__gt=timezone.now()).first()
