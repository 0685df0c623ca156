"""Looking back on a workshop: noted as often as one likes, closed once, with the next date or a reason for none."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners import actions as partners
from partners.models import FollowUp
from workshops.actions.preparing import steps_of
from workshops.actions.refusals import AlreadyLookedBack, NotHeldYet, NothingNext, NotLookedBack
from workshops.actions.seats import lock
from workshops.models import Debrief, Workshop

LOOK_BACK = 7  # days after: the step that a closed debrief completes is the one nearest to this
THANKED = 2  # thanks and the letter to those who came belong to the days before it
OUTCOME = "Looked back on it."


@transaction.atomic
def note_debrief(
    workshop: Workshop,
    *,
    host_satisfaction: int | None = None,
    evaluations: int | None = None,
    learned: str = "",
    by: User | None,
) -> Debrief:
    """Write down what is known so far. It stays open, and may be written again."""
    workshop = lock(workshop)
    if workshop.is_cancelled or workshop.state == Workshop.State.DRAFT or not workshop.is_over:
        raise NotHeldYet
    debrief = Debrief.objects.filter(workshop=workshop).first() or Debrief(workshop=workshop)
    if debrief.closed_at:
        raise AlreadyLookedBack
    debrief.host_satisfaction, debrief.evaluations = host_satisfaction, evaluations
    debrief.learned, debrief.by = learned.strip(), by
    debrief.save()
    return debrief


def note_invited(workshop: Workshop, invited: int | None) -> None:
    """Write down about how many people were invited, at any time; None is that nobody knows."""
    if workshop.invited != invited:
        workshop.invited = invited
        workshop.save(update_fields=["invited"])


@transaction.atomic
def close_debrief(debrief: Debrief, *, no_next_reason: str = "", by: User | None) -> Debrief:
    """Close it once, with the next date at this host or the reason why there is none; its to do is done with it."""
    workshop = lock(debrief.workshop)
    debrief = Debrief.objects.select_for_update().get(pk=debrief.pk)
    if debrief.closed_at:
        raise AlreadyLookedBack
    debrief.next_workshop, debrief.no_next_reason = next_date(workshop), no_next_reason.strip()
    if debrief.next_workshop:
        debrief.no_next_reason = ""
    elif not debrief.no_next_reason:
        raise NothingNext
    debrief.closed_at, debrief.by = timezone.now(), by
    debrief.save()
    if todo := to_do_of(workshop):
        partners.complete(todo, by=by, outcome=OUTCOME)
    return debrief


@transaction.atomic
def reopen_debrief(debrief: Debrief, *, by: User | None) -> Debrief:
    """Undo close_debrief(): it can be changed again, and its to do is open again."""
    workshop = lock(debrief.workshop)
    debrief = Debrief.objects.select_for_update().get(pk=debrief.pk)
    if not debrief.closed_at:
        raise NotLookedBack
    debrief.closed_at, debrief.next_workshop, debrief.no_next_reason = None, None, ""
    debrief.save()
    for todo in steps_of(workshop).filter(outcome=OUTCOME, done_at__isnull=False):
        partners.reopen(todo, by=by)
    return debrief


def next_date(workshop: Workshop) -> Workshop | None:
    """The next workshop at the same host, a draft too; without a host, the one that was made from it."""
    later = Workshop.objects.planned().filter(starts_at__gt=workshop.starts_at).order_by("starts_at", "pk")
    same = later.filter(host=workshop.host) if workshop.host_id else later.filter(follows=workshop)
    return same.first()


def to_do_of(workshop: Workshop) -> FollowUp | None:
    """The open step that asks to look back, if the plan has one."""
    steps = [todo for todo in steps_of(workshop).open().select_related("step") if todo.step]
    late = [todo for todo in steps if todo.step and todo.step.days > THANKED]
    return min(late, key=lambda todo: abs(todo.step.days - LOOK_BACK), default=None)  # type: ignore[union-attr]
