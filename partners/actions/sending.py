"""The people we send to a partner: asked, handed over, and asked after."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions.refusals import SentMoved
from partners.actions.todos import follow_up
from partners.actions.trail import note
from partners.models import FollowUp, Partner, SentReferral

ASK_AFTER = timedelta(days=14)
State = SentReferral.State


@transaction.atomic
def send_referral(
    partner: Partner, *, by: User | None, contact: Contact | None = None, is_handed_over: bool = False
) -> SentReferral:
    """Note that a patient said yes to being sent to a partner; handed over at once where it was."""
    sent = SentReferral.objects.create(partner=partner, contact=contact, by=by)
    return hand_over(sent, by=by) if is_handed_over else sent


@transaction.atomic
def hand_over(sent: SentReferral, *, by: User | None) -> SentReferral:
    """Note that the partner knows, and promise by itself to ask in two weeks how it went."""
    now = timezone.now()
    _put(sent, was=State.ASKED, to=State.HANDED_OVER, by=by, handed_over_at=now)
    due_on = timezone.localdate(now) + ASK_AFTER
    follow_up(partner=sent.partner, title=f"Ask how it went with {sent}", due_on=due_on, by=by, once_key=_key(sent))
    return sent


@transaction.atomic
def ask_after(sent: SentReferral, *, by: User | None) -> SentReferral:
    """Note that we asked how it went; what was promised about it is done."""
    now = timezone.now()
    _put(sent, was=State.HANDED_OVER, to=State.FOLLOWED_UP, by=by, followed_up_at=now)
    FollowUp.objects.open().filter(once_key=_key(sent)).update(done_at=now, outcome="Asked how it went.")
    return sent


@transaction.atomic
def take_back_sent(sent: SentReferral, *, by: User | None) -> SentReferral:
    """Let a referral of ours and what it promised count no more."""
    now = timezone.now()
    if SentReferral.objects.standing().filter(pk=sent.pk).update(taken_back_at=now) != 1:
        raise SentMoved

    sent.taken_back_at = now
    note(sent, by, taken_back_at=(None, now))
    FollowUp.objects.open().filter(once_key=_key(sent)).update(taken_back_at=now)
    return sent


@transaction.atomic
def step_back(sent: SentReferral, *, by: User | None) -> SentReferral:
    """Undo hand_over() or ask_after(): the step has not been taken, and its promise stands as before."""
    promised = FollowUp.objects.filter(once_key=_key(sent))
    if sent.state == State.FOLLOWED_UP:
        _put(sent, was=State.FOLLOWED_UP, to=State.HANDED_OVER, by=by, followed_up_at=None)
        promised.filter(taken_back_at=None).update(done_at=None, outcome="")
    else:
        _put(sent, was=State.HANDED_OVER, to=State.ASKED, by=by, handed_over_at=None)
        promised.delete()  # nobody but us has seen it, and the next hand-over promises it anew
    return sent


def _key(sent: SentReferral) -> str:
    return f"sent:{sent.code}"


def _put(sent: SentReferral, *, was: str, to: str, by: User | None, **dates) -> None:
    if SentReferral.objects.standing().filter(pk=sent.pk, state=was).update(state=to, **dates) != 1:
        raise SentMoved

    sent.state = to
    for name, value in dates.items():
        setattr(sent, name, value)
    note(sent, by, state=(was, to))
