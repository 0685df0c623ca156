from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners.actions.refusals import AlreadyMoved, ReasonMissing
from partners.actions.trail import note
from partners.models import Partner, Stage


@transaction.atomic
def move_stage(
    partner: Partner, *, to: Stage, by: User | None, reason: str = "", paused_until: date | None = None
) -> Partner:
    """Move a partner to another stage, from the stage the caller saw. Saying that it is not a fit takes a reason."""
    was = partner.stage
    if to == Stage.NOT_A_FIT and not reason.strip():
        raise ReasonMissing
    fields: dict[str, Any] = {
        "stage": to,
        "stage_changed_at": timezone.now() if to != was else partner.stage_changed_at,
        "off_ramp_reason": reason.strip(),
        "paused_until": paused_until if to == Stage.PAUSED else None,
    }
    if Partner.objects.filter(pk=partner.pk, stage=was).update(**fields) != 1:
        raise AlreadyMoved

    changes = {field: (getattr(partner, field), value) for field, value in fields.items()}
    for field, value in fields.items():
        setattr(partner, field, value)
    told = {field: pair for field, pair in changes.items() if pair[0] != pair[1] and field != "stage_changed_at"}
    if told:
        note(partner, by, **told)
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
    changed = Partner.objects.filter(pk=partner.pk, archived_at__isnull=False).update(archived_at=None) == 1
    if changed:
        was, partner.archived_at = partner.archived_at, None
        note(partner, by, archived_at=(was, None))
    return changed
