"""Who came to a workshop and asked to be called becomes a lead. It is found by looking, so that none is ever missed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from content.actions import tell_the_practice
from content.models import Lead
from crm.people.actions import hold
from partners.models import FollowUp
from workshops.actions.rating import call_key
from workshops.models import Registration


def unheard() -> QuerySet[Registration]:
    """Wishes to be called that are no lead yet, the oldest first."""
    wishes = Registration.objects.filter(may_call_at__isnull=False, lead=None)
    return wishes.select_related("workshop__host", "contact").order_by("may_call_at", "pk")


def receive_call_wishes() -> int:
    """Make a lead of each wish, once, with the to do that was promised when it was said; return how many."""
    return sum(_receive(wish) for wish in unheard())


@transaction.atomic
def _receive(wish: Registration) -> bool:
    """What they wrote about the workshop stays with it: a lead holds only how and when to call.

    Looked at once more under the lock: they may have been erased since, or have taken the wish back.
    """
    hold(wish.contact_id)
    still = unheard().select_for_update(of=("self",)).filter(pk=wish.pk).first()
    if still is None:
        return False
    wish = still
    workshop = wish.workshop
    at = f" at {workshop.host}" if workshop.host else ""
    todo = FollowUp.objects.filter(once_key=call_key(wish), lead=None).first()
    lead, made = Lead.objects.get_or_create(
        registration=wish,
        defaults={
            "contact": wish.contact,
            "follow_up": todo,
            "name": wish.name,
            "email": wish.address.lower(),
            "phone": wish.phone,
            "message": f"Asked to be called. Best time: {wish.call_when}" if wish.call_when else "Asked to be called.",
            "heard_from": f"Workshop of {date_format(workshop.local_start, 'SHORT_DATE_FORMAT')}{at}"[:120],
            "created_at": wish.may_call_at or timezone.now(),
        },
    )
    if made:
        tell_the_practice(lead)
    return made
