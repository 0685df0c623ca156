from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.people.models import Contact, User
from partners.actions import first_plan, plans
from partners.actions.refusals import (
    AlreadyThanked,
    LostReasonMissing,
    NotThanked,
    NotTheirs,
    ReferralInFuture,
    ReferralMoved,
    ReferralStands,
    ReferralTakenBack,
    StepInFuture,
    StepOutOfOrder,
)
from partners.actions.stages import move_back, move_stage
from partners.actions.todos import follow_up
from partners.actions.touches import log_touch, take_back
from partners.actions.trail import note
from partners.models import LADDER, FollowUp, Partner, Plan, Referral, Stage, Touch
from partners.models.follow_up import RUN

State = Referral.State
BEFORE_REFERRING = LADDER[: LADDER.index(Stage.FIRST_REFERRAL)]


@transaction.atomic
def receive_referral(
    partner: Partner,
    *,
    by: User | None,
    referred_by: Contact | None = None,
    channel: str = Referral.Channel.IN_PERSON,
    service_line: str = "",
    received_at: datetime | None = None,
    once: UUID | None = None,
    sender: str = "",
    is_quarantined: bool = False,
) -> Referral:
    """Note that a partner sent us somebody, once however often the form is sent; the first opens a new chapter."""
    now = timezone.now()
    if received_at and received_at > now:
        raise ReferralInFuture
    # Of two first referrals at once, one waits here and sees the other.
    partner.refresh_from_db(from_queryset=Partner.objects.select_for_update(no_key=True))
    if partner.merged_into_id:  # the page of the one that went was still open somewhere
        partner = Partner.objects.select_for_update(no_key=True).get(pk=partner.merged_into_id)
    known = Referral.objects.filter(once=once).first() if once else None
    if known:
        return known

    referral = Referral.objects.create(
        partner=partner,
        referred_by=referred_by,
        channel=channel,
        service_line=service_line,
        received_at=received_at or now,
        once=once,
        sender=sender,
        is_quarantined=is_quarantined,
        by=by,
    )
    if not is_quarantined:
        _welcome(referral, by=by)
    return referral


def _welcome(referral: Referral, *, by: User | None) -> None:
    """What a real referral brings about: a decision where they were turned away, otherwise the stage it deserves."""
    partner = referral.partner
    if partner.stage == Stage.NOT_A_FIT:
        title = f"Decide about {partner}: marked as not a fit, and sent somebody."
        follow_up(partner=partner, title=title, due_on=timezone.localdate(), by=by, once_key=_decision_key(referral))
    if not partner.referrals.standing().exclude(pk=referral.pk).exists():
        day = timezone.localdate(referral.received_at)
        begun = plans.begin(
            Plan.Trigger.FIRST_REFERRAL, partner=partner, from_day=day, key=first_plan.key(referral), by=by
        )
        if begun:  # the richer plan takes the place of the one that courts them
            plans.put_aside(partner, because=first_plan.needed_no_more(referral), by=by)
    if partner.stage in BEFORE_REFERRING:
        referral.moved_from, referral.moved_since = partner.stage, partner.stage_changed_at
        Referral.objects.filter(pk=referral.pk).update(moved_from=referral.moved_from, moved_since=referral.moved_since)
        move_stage(partner, to=Stage.FIRST_REFERRAL, by=by, let_through="They sent somebody.")


@transaction.atomic
def accept_referral(referral: Referral, *, by: User | None) -> Referral:
    """Let a referral that looked wrong count as a real one, once."""
    _held(referral)
    if Referral.objects.quarantined().filter(pk=referral.pk).update(is_quarantined=False) != 1:
        raise ReferralMoved

    referral.is_quarantined = False
    note(referral, by, is_quarantined=(True, False))
    _welcome(referral, by=by)
    return referral


@transaction.atomic
def take_back_referral(referral: Referral, *, by: User | None) -> Referral:
    """Let a referral and its promises count no more; with the last one, its partner stands where they stood before.

    While another stands, the plan of the first goes on for that one.
    """
    partner = _held(referral)
    now = timezone.now()
    if Referral.objects.filter(pk=referral.pk, taken_back_at=None).update(taken_back_at=now) != 1:
        raise ReferralTakenBack

    referral.taken_back_at = now
    note(referral, by, taken_back_at=(None, now))
    first_plan.hand_over(referral, by=by)
    _promised(referral).filter(done_at=None, taken_back_at=None).update(taken_back_at=now)
    if not partner.referrals.standing().exists():
        moved = partner.referrals.exclude(moved_from="").order_by("-pk").first()
        if moved and partner.stage == Stage.FIRST_REFERRAL:
            since = moved.moved_since or moved.received_at
            move_back(partner, to=Stage(moved.moved_from), since=since, by=by)
        plans.bring_back(partner, because=first_plan.NEEDED_NO_MORE, by=by)
    return referral


@transaction.atomic
def put_back_referral(referral: Referral, *, by: User | None) -> Referral:
    """Undo take_back_referral(): it counts again, and so does what it promised, its plan too unless another has one."""
    _held(referral)
    was = Referral.objects.select_for_update().values_list("taken_back_at", flat=True).get(pk=referral.pk)
    if was is None:
        raise ReferralStands

    Referral.objects.filter(pk=referral.pk).update(taken_back_at=None)
    referral.taken_back_at = None
    note(referral, by, taken_back_at=(was, None))
    had_it = first_plan.hand_back(referral, by=by)
    gone_at = [was, *([had_it.taken_back_at] if had_it and had_it.taken_back_at else [])]
    again = _promised(referral).filter(taken_back_at__in=gone_at)
    if first_plan.is_under_way_for_another(referral):
        again = again.exclude(once_key__startswith=RUN)
    again.update(taken_back_at=None)
    if not referral.is_quarantined:
        _welcome(referral, by=by)
    return referral


def _held(referral: Referral) -> Partner:
    """Its partner, locked: of two taken back at once, the second sees that the first stands no more."""
    partner = referral.partner
    partner.refresh_from_db(from_queryset=Partner.objects.select_for_update(no_key=True))
    return partner


def _promised(referral: Referral) -> QuerySet[FollowUp]:
    """The to dos that exist because of this referral."""
    own = Q(once_key=_decision_key(referral)) | Q(pk__in=first_plan.steps_of(referral))
    return FollowUp.objects.filter(own, partner=referral.partner)


def _decision_key(referral: Referral) -> str:
    return f"not-a-fit:{referral.code}"


@transaction.atomic
def name_referrer(referral: Referral, *, contact: Contact | None, by: User | None) -> Referral:
    """Say which of the partner's people sent them; nobody else may be named."""
    if contact and not referral.partner.roles.filter(contact=contact).exists():
        raise NotTheirs
    was = referral.referred_by
    Referral.objects.filter(pk=referral.pk).update(referred_by=contact, sender="")
    referral.referred_by, referral.sender = contact, ""
    note(referral, by, referred_by=(was, contact))
    return referral


@transaction.atomic
def move_referral(
    referral: Referral, *, to: str, by: User | None, at: datetime | None = None, lost_reason: str = ""
) -> Referral:
    """Move a referral on or back, from the state the caller saw. A step is dated once; going back undates what follows."""
    if to == State.LOST and lost_reason not in Referral.Lost.values:
        raise LostReasonMissing
    if at and at > timezone.now():
        raise StepInFuture
    was, fields = referral.progress, _step(referral, State(to), at, lost_reason)
    _put(referral, was=was["state"], fields=fields, by=by)
    return referral


@transaction.atomic
def unmove_referral(referral: Referral, *, progress: dict[str, Any], by: User | None) -> Referral:
    """Undo move_referral(): every date is again what it was, unless somebody moved the referral since."""
    _put(referral, was=referral.state, fields=progress, by=by)
    return referral


def _step(referral: Referral, to: State, at: datetime | None, lost_reason: str) -> dict[str, Any]:
    """What changes when a referral gets to this state."""
    when = at or timezone.now()
    if to in (State.LOST, State.DECLINED):
        return {"state": to, "ended_at": when, "lost_reason": lost_reason if to == State.LOST else ""}
    way = [State.RECEIVED, *Referral.REACHED]
    place = way.index(to)
    before = [getattr(referral, Referral.REACHED[state]) for state in way[1:place]]
    if at and at < max([referral.received_at, *filter(None, before)]):
        raise StepOutOfOrder
    fields: dict[str, Any] = {Referral.REACHED[state]: None for state in way[place + 1 :]}
    if to in Referral.REACHED:
        fields[Referral.REACHED[to]] = at or getattr(referral, Referral.REACHED[to]) or when
    if to in (State.IN_CARE, State.COMPLETED) and referral.evaluated_at is None:
        fields["evaluated_at"] = when  # who is in care has been seen
    return {"state": to, "ended_at": None, "lost_reason": "", **fields}


def _put(referral: Referral, *, was: str, fields: dict[str, Any], by: User | None) -> None:
    if Referral.objects.standing().filter(pk=referral.pk, state=was).update(**fields) != 1:
        raise ReferralMoved

    changes = {name: (getattr(referral, name), value) for name, value in fields.items()}
    for name, value in fields.items():
        setattr(referral, name, value)
    if changed := {name: pair for name, pair in changes.items() if pair[0] != pair[1]}:
        note(referral, by, **changed)


@transaction.atomic
def thank(referral: Referral, *, by: User | None) -> Touch:
    """Note that the partner was thanked for a referral, once, with a touch that says so."""
    if Referral.objects.awaiting_thanks().filter(pk=referral.pk).update(thanked_at=timezone.now()) != 1:
        raise AlreadyThanked

    people = [referral.referred_by] if referral.referred_by else []
    words = f"Thanked for {referral}."
    return log_touch(referral.partner, kind=Touch.TouchKind.THANKS, by=by, summary=words, contacts=people)


@transaction.atomic
def unthank(referral: Referral, *, touch: Touch, by: User | None) -> None:
    """Undo thank(): the thank-you is owed again, and its touch counts no more."""
    if Referral.objects.filter(pk=referral.pk, thanked_at__isnull=False).update(thanked_at=None) != 1:
        raise NotThanked

    take_back(touch, by=by)
