"""What becomes of a registration that looked wrong: let in, or thrown away, and each of them taken back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone
from wagtail.log_actions import log

from crm.mail.actions import hold_back
from crm.mail.models import Message
from crm.people.models import User
from workshops.actions.agreeing import take_word_back
from workshops.actions.refusals import AlreadyGone, NotInDoubt
from workshops.actions.registering import release
from workshops.actions.seats import free_seat, lock
from workshops.actions.waiting import promote
from workshops.models import SEATED, Invite, Registration

TIME_TO_THINK = timedelta(minutes=1)  # a letter can't be called back, so it leaves only when the slip would be seen

State = Registration.State


@transaction.atomic
def let_in(registration: Registration, *, by: User) -> Registration:
    """Give whom we doubted their seat or their place on the list; the letter leaves a minute later."""
    let = release(registration, by=by)
    if let.pk == registration.pk:
        waiting = _letters(let).filter(state=Message.State.QUEUED)
        waiting.update(not_before=timezone.now() + TIME_TO_THINK)
    return let


@transaction.atomic
def doubt_again(registration: Registration, *, by: User) -> Registration:
    """Take back that somebody was let in, while no letter has left; AlreadyGone after that."""
    workshop = lock(registration.workshop)
    registration = workshop.registrations.select_for_update().get(pk=registration.pk)
    if not registration.doubt or not registration.is_active:
        raise NotInDoubt
    letters = _letters(registration)
    if hold_back(letters, reason="Taken back before it left.") < letters.count():
        raise AlreadyGone
    had_seat, registration.state = registration.state in SEATED, State.QUARANTINED
    registration.offered_until = registration.checked_in_at = None
    registration.save(update_fields=["state", "offered_until", "checked_in_at"])
    Invite.objects.filter(registration=registration).delete()
    take_word_back(registration)
    _free_the_reason(letters)
    if had_seat:
        free_seat(registration)
        workshop.refresh_from_db()
        promote(workshop)
    log(instance=workshop, action="workshops.doubt_again", user=by, data={"registration": registration.pk})
    return registration


@transaction.atomic
def throw_away(registrations: list[Registration], *, by: User) -> list[Registration]:
    """Put away what is not real, without a word to anybody; return which it were."""
    thrown = []
    for registration in registrations:
        mine = Registration.objects.filter(pk=registration.pk, state=State.QUARANTINED)
        gone = {"cancelled_at": timezone.now(), "cancelled_by": Registration.CancelledBy.OFFICE}
        if mine.update(state=State.CANCELLED, **gone):
            data = {"registration": registration.pk}
            log(instance=registration.workshop, action="workshops.throw_away", user=by, data=data)
            thrown.append(registration)
    return thrown


@transaction.atomic
def bring_back(registrations: list[Registration], *, by: User) -> int:
    """Look at these once more after all; return how many. Who ever had a seat or a letter stays as they are."""
    brought = 0
    for registration in registrations:
        lock(registration.workshop)
        thrown = Registration.objects.thrown_away().filter(pk=registration.pk)
        brought += thrown.update(state=State.QUARANTINED, cancelled_at=None, cancelled_by="")
    return brought


def _letters(registration: Registration) -> QuerySet[Message]:
    return Message.objects.filter(dedupe_key__startswith=f"registration:{registration.pk}:")


def _free_the_reason(letters: QuerySet[Message]) -> None:
    """Who is let in once more gets the letter once more: what was held back is no longer it."""
    stamp = f"taken back {timezone.now():%Y%m%d%H%M%S%f} "
    letters.update(dedupe_key=Concat(Value(stamp), F("dedupe_key")))
