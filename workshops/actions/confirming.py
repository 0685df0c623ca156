"""A second yes, where the owner wants one: the link in one small letter, and nothing before it is pressed.

No seat is kept meanwhile. The switch is for a workshop that machines have found, and a seat kept for each made-up
address is all they would need to fill the room.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm.people.actions import find_or_create_contact
from workshops import letters
from workshops.actions.refusals import AlreadyCancelled
from workshops.actions.registering import Details, as_typed, enter, hold, refusal_of
from workshops.actions.seats import lock
from workshops.models import Registration, Workshop

CONFIRM_FOR = timedelta(hours=48)

State = Registration.State


@transaction.atomic
def ask_again(workshop: Workshop, *, name: str, email: str, **details: Unpack[Details]) -> Registration:
    """Hold a registration, and write to its address alone; who was written to hears no more within the hour.

    Who is registered already gets their confirmation once more, as with ``register``.
    """
    kept = hold(as_typed(workshop, name=name, email=email, **details), State.UNCONFIRMED)
    if kept.email and kept.state != State.QUARANTINED:
        letters.again(kept)
    return kept


@transaction.atomic
def confirm(registration: Registration) -> Registration:
    """Let in who pressed the link, as if they came now, and whom they brought; pressed twice, it is one seat."""
    contact = find_or_create_contact(registration.email, name=registration.name, phone=registration.phone)
    workshop = lock(registration.workshop)
    new = workshop.registrations.select_for_update(of=("self",)).select_related("contact").get(pk=registration.pk)
    if new.is_active:
        return new
    if refusal := refusal_of(workshop):
        raise refusal
    if new.state != State.UNCONFIRMED:
        raise AlreadyCancelled
    brought = workshop.registrations.select_for_update(of=("self",)).filter(
        state=State.UNCONFIRMED, email="", party=new.party, contact=new.contact
    )
    rows = [new, *(brought if new.party else [])]
    first, *_others = [enter(row, workshop, contact) for row in rows]
    return first


def lapse_unconfirmed() -> int:
    """Give up those whose link was not pressed in time; return how many. Safe to run twice at once."""
    now = timezone.now()
    over = Q(created_at__lte=now - CONFIRM_FOR) | Q(workshop__starts_at__lte=now) | Q(workshop__state="cancelled")
    late = list(Registration.objects.filter(over, state=State.UNCONFIRMED).values_list("pk", flat=True))
    by = Registration.CancelledBy.UNCONFIRMED
    waiting = Registration.objects.filter(pk__in=late, state=State.UNCONFIRMED)
    return waiting.update(state=State.CANCELLED, cancelled_at=now, cancelled_by=by)
