from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners.actions import plans
from partners.actions.refusals import AlreadyMoved, NotReadyYet, PauseHasNoEnd, ReasonMissing, RestReasonMissing
from partners.actions.trail import note
from partners.gates import asks_of
from partners.models import COURTING, LADDER, NotAFit, Partner, Plan, Stage


@transaction.atomic
def move_stage(
    partner: Partner,
    *,
    to: Stage,
    by: User | None,
    reason: str = "",
    paused_until: date | None = None,
    because: str = "",
    let_through: str = "",
    begins_plan: bool = True,
) -> Partner:
    """Move a partner from the stage the caller saw to another.

    What the stage asks for and is not there yet takes a reason in ``let_through``, which is kept. A rest says why.
    """
    was = Stage(partner.stage)
    fields = rest_of(to, reason=reason, paused_until=paused_until, because=because)
    unmet = [ask for ask in asks_of(partner, to) if not ask.is_met]
    if unmet and not let_through.strip():
        raise NotReadyYet(to, unmet)

    fields["stage_changed_at"] = timezone.now() if to != was else partner.stage_changed_at
    passed = {"let_through": ("", let_through.strip()[:200])} if unmet else {}
    _put(partner, {"stage": to, **fields}, by=by, **passed)
    if begins_plan and begins_courting(was, to):
        plans.begin(
            Plan.Trigger.NEW_PARTNER, partner=partner, from_day=timezone.localdate(), key=courting_key(partner), by=by
        )
    return partner


@transaction.atomic
def move_back(
    partner: Partner,
    *,
    to: Stage,
    since: datetime,
    by: User | None,
    reason: str = "",
    because: str = "",
    paused_until: date | None = None,
) -> Partner:
    """Undo a move: the stage, since when and why are as they were, and what its plan promised counts no more."""
    begun = f":{courting_key(partner)}:"
    now = timezone.now()
    for step in partner.follow_ups.open().filter(once_key__contains=begun):
        step.taken_back_at = now
        step.save(update_fields=["taken_back_at"])
    rest = {"off_ramp_reason": reason, "not_a_fit_because": because, "paused_until": paused_until}
    return _put(partner, {"stage": to, "stage_changed_at": min(since, now), **rest}, by=by)


def rest_of(to: Stage, *, reason: str = "", paused_until: date | None = None, because: str = "") -> dict[str, Any]:
    """What is written down with a stage. Every rest says why; a pause says until when."""
    reason = reason.strip()[:200]
    if to == Stage.NOT_A_FIT:
        because = because or (NotAFit.OTHER if reason else "")
        if because not in NotAFit.values or (because == NotAFit.OTHER and not reason):
            raise ReasonMissing
    if to == Stage.PAUSED and (paused_until is None or paused_until <= timezone.localdate()):
        raise PauseHasNoEnd
    if to == Stage.DORMANT and not reason:
        raise RestReasonMissing
    return {
        "off_ramp_reason": "" if to in LADDER else reason,
        "not_a_fit_because": because if to == Stage.NOT_A_FIT else "",
        "paused_until": paused_until if to == Stage.PAUSED else None,
    }


def begins_courting(was: Stage, to: Stage) -> bool:
    """Does this step begin the courtship, anew perhaps?"""
    return to in COURTING and was not in LADDER[1:]


def courting_key(partner: Partner) -> str:
    """One plan for each time a courtship begins."""
    return f"{plans.COURTING_KEY}:{partner.pk}:{int(partner.stage_changed_at.timestamp())}"


def _put(partner: Partner, fields: dict[str, Any], *, by: User | None, **also: tuple[object, object]) -> Partner:
    """Compare and set, and write down what changed."""
    if Partner.objects.filter(pk=partner.pk, stage=partner.stage, merged_into=None).update(**fields) != 1:
        raise AlreadyMoved

    changes = {field: (getattr(partner, field), value) for field, value in fields.items()}
    for field, value in fields.items():
        setattr(partner, field, value)
    told = {field: pair for field, pair in changes.items() if pair[0] != pair[1] and field != "stage_changed_at"}
    if told:
        note(partner, by, **told, **also)
    return partner


@transaction.atomic
def archive(partner: Partner, *, by: User | None) -> bool:
    """Put a partner out of sight with all its history; return whether it was in sight."""
    now = timezone.now()
    changed = Partner.objects.current().filter(pk=partner.pk).update(archived_at=now) == 1
    if changed:
        partner.archived_at = now
        note(partner, by, archived_at=(None, now))
    return changed


@transaction.atomic
def restore(partner: Partner, *, by: User | None) -> bool:
    """Undo archive(); return whether it was put away."""
    away = Partner.objects.filter(pk=partner.pk, archived_at__isnull=False, merged_into=None)
    changed = away.update(archived_at=None) == 1
    if changed:
        was, partner.archived_at = partner.archived_at, None
        note(partner, by, archived_at=(was, None))
    return changed
