"""What follows when a calendar answers an invite: noted, or the seat given back, and that taken back again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from crm.mail.models import InboundMail
from workshops import letters
from workshops.actions.refusals import (
    AlreadyAnswered,
    AlreadyCancelled,
    AnsweredBefore,
    InviteOutdated,
    NotDeclined,
    WorkshopNotOpen,
    WorkshopOver,
)
from workshops.actions.registering import cancel
from workshops.actions.seats import lock, take_seat, with_workshop
from workshops.models import Invite, InviteReply, Registration, Workshop

SAID: dict[str, str] = {
    Invite.Answer.ACCEPTED: "said yes",
    Invite.Answer.TENTATIVE: "said maybe",
    Invite.Answer.DECLINED: "said no",
}
KEPT = (
    *("contact", "name", "email", "phone", "source", "credited_to", "is_hosts", "heard_from", "party"),
    "submission",
)


@transaction.atomic
def take_reply(
    invite: Invite, *, answer: Invite.Answer, sequence: int, stamped_at: datetime, key: str, mail: InboundMail | None
) -> str:
    """Take one answer to heart, once; return what came of it. The newest counts, and a no gives the seat back."""
    workshop = lock(invite.registration.workshop)
    invite = Invite.objects.select_for_update(of=("self",)).select_related("registration").get(pk=invite.pk)
    registration = invite.registration
    if InviteReply.objects.filter(key=key).exists():
        raise AlreadyAnswered
    if answer != Invite.Answer.DECLINED and (sequence < invite.sequence or invite.is_cancelled):
        raise InviteOutdated
    if invite.answer_stamped_at and stamped_at <= invite.answer_stamped_at:
        raise AnsweredBefore
    outcome = f"{SAID[answer]} to “{workshop.title}”. {_follow(registration, answer)}"[
        :200
    ]  # no name: it may be erased
    InviteReply.objects.create(
        invite=invite, mail=mail, key=key, answer=answer, sequence=sequence, stamped_at=stamped_at, outcome=outcome
    )
    Invite.objects.filter(pk=invite.pk).update(answer=answer, answer_stamped_at=stamped_at)
    return f"{registration.name} {outcome}"


@transaction.atomic
def take_back_no(registration: Registration) -> Registration:
    """For a day after a calendar's no: the seat again if one is free, else the first place on the list.

    A cancelled invite never comes back to life, so it is a new registration with an invite of its own.
    """
    workshop = lock(registration.workshop)
    if workshop.has_begun:
        raise WorkshopOver
    if not workshop.is_open:
        raise WorkshopNotOpen
    held = with_workshop(workshop).filter(email__iexact=registration.email).first()
    if held:
        return held
    old = workshop.registrations.get(pk=registration.pk)
    if not old.may_take_back_no:
        raise NotDeclined
    new = Registration(workshop=workshop, **{field: getattr(old, field) for field in KEPT})
    if take_seat(workshop, is_hosts=new.is_hosts):
        new.state = Registration.State.CONFIRMED
        new.save()
        letters.confirmed(new, Invite.objects.create(registration=new))
    else:
        new.state, new.created_at = Registration.State.WAITING, _before_all(workshop)
        new.save()
        letters.waiting(new)
    return new


def _follow(registration: Registration, answer: Invite.Answer) -> str:
    if answer != Invite.Answer.DECLINED:
        return "It is noted."
    try:
        cancel(registration, by=Registration.CancelledBy.REPLY)
    except AlreadyCancelled:
        if registration.is_active:
            return "The workshop was cancelled before, so it is only noted."
        return "The seat was given back before."
    except WorkshopOver:
        return "It came after the beginning, so it is only noted."
    return "The seat is given back, and they have a day to take that back."


def _before_all(workshop: Workshop) -> datetime:
    """A moment before the one since when the first on the list has waited."""
    first = workshop.registrations.filter(state=Registration.State.WAITING).order_by("created_at").first()
    return min(timezone.now(), first.created_at - timedelta(microseconds=1)) if first else timezone.now()
