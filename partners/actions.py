"""What may happen to partners: touched, promised to, moved on, put away, and each of it taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from crm.people.actions import find_or_create_contact
from crm.people.models import Contact, User
from partners.models import FollowUp, Partner, Referral, Role, Stage, Touch

NEXT_STEP_WITHIN = timedelta(days=7)


class Refused(Exception):
    """Something could not be done. The text says why, and what to do instead."""

    sentence = "That could not be done."

    def __str__(self) -> str:
        return self.sentence


class TouchInFuture(Refused):
    sentence = "A touch has already happened. For something still to come, write a next step with a date."


class AlreadyTakenBack(Refused):
    sentence = "This touch has been taken back already."


class NotTakenBack(Refused):
    sentence = "This touch still stands, so there is nothing to undo."


class AlreadyDone(Refused):
    sentence = "This to do is not open any more. Reload the page to see what became of it."


class NotDone(Refused):
    sentence = "This to do is still open, so there is nothing to undo."


class SnoozedToThePast(Refused):
    sentence = "Choose a day after today."


class AlreadyMoved(Refused):
    sentence = "Somebody moved this partner in the meantime. Reload the page and choose again."


class AlreadyThanked(Refused):
    sentence = "This referral has been thanked for already."


class NotThanked(Refused):
    sentence = "This thank-you has been taken back already."


class ReasonMissing(Refused):
    sentence = "Write down why this partner is not a fit. You will want to know in a year."


@transaction.atomic
def log_touch(
    partner: Partner,
    *,
    kind: Touch.TouchKind,
    by: User | None,
    summary: str = "",
    is_give: bool = False,
    occurred_at: datetime | None = None,
    contacts: Iterable[Contact] = (),
    next_step: str = "",
    due_on: date | None = None,
    once: UUID | None = None,
) -> Touch:
    """Note that something happened, and promise the next step if there is one; what has not happened is refused."""
    now = timezone.now()
    if occurred_at and occurred_at > now:
        raise TouchInFuture

    touch = Touch.objects.create(
        partner=partner,
        kind=kind,
        summary=summary.strip(),
        is_give=is_give,
        occurred_at=occurred_at or now,
        by=by,
        once=once,
    )
    touch.contacts.set(contacts)
    if next_step.strip() or due_on:
        title = next_step.strip() or f"Get in touch with {partner.name}"
        due_on = due_on or timezone.localdate() + NEXT_STEP_WITHIN
        FollowUp.objects.create(partner=partner, touch=touch, title=title[:200], due_on=due_on, by=by)
    return touch


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


@transaction.atomic
def take_back(touch: Touch, *, by: User | None) -> Touch:
    """Let a touch and what it promised count no more. Both stay on record, and put_back() restores them."""
    now = timezone.now()
    if Touch.objects.standing().filter(pk=touch.pk).update(taken_back_at=now) != 1:
        raise AlreadyTakenBack

    promised = list(touch.follow_ups.filter(taken_back_at=None))
    touch.follow_ups.filter(pk__in=[todo.pk for todo in promised]).update(taken_back_at=now)
    touch.taken_back_at = now
    for row in (touch, *promised):
        _note(row, by, taken_back_at=(None, now))
    return touch


@transaction.atomic
def put_back(touch: Touch, *, by: User | None) -> Touch:
    """Undo take_back(): the touch stands again, and so does what it promised."""
    taken_back_at = Touch.objects.filter(pk=touch.pk).values_list("taken_back_at", flat=True).get()
    if (
        taken_back_at is None
        or Touch.objects.filter(pk=touch.pk, taken_back_at=taken_back_at).update(taken_back_at=None) != 1
    ):
        raise NotTakenBack

    promised = list(touch.follow_ups.filter(taken_back_at=taken_back_at))
    touch.follow_ups.filter(pk__in=[todo.pk for todo in promised]).update(taken_back_at=None)
    touch.taken_back_at = None
    for row in (touch, *promised):
        _note(row, by, taken_back_at=(taken_back_at, None))
    return touch


def follow_up(
    *,
    partner: Partner | None = None,
    contact: Contact | None = None,
    title: str,
    due_on: date,
    by: User | None = None,
) -> FollowUp:
    """Promise something to a partner or a contact by a day."""
    return FollowUp.objects.create(partner=partner, contact=contact, title=title.strip(), due_on=due_on, by=by)


@transaction.atomic
def complete(follow_up: FollowUp, *, by: User | None, outcome: str = "") -> FollowUp:
    """Mark a to do as done, once."""
    now = timezone.now()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(done_at=now, outcome=outcome.strip()) != 1:
        raise AlreadyDone

    follow_up.done_at, follow_up.outcome = now, outcome.strip()
    _note(follow_up, by, done_at=(None, now))
    return follow_up


@transaction.atomic
def reopen(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Undo complete()."""
    done = FollowUp.objects.filter(pk=follow_up.pk, done_at__isnull=False, taken_back_at=None)
    if done.update(done_at=None, outcome="") != 1:
        raise NotDone

    was, follow_up.done_at, follow_up.outcome = follow_up.done_at, None, ""
    _note(follow_up, by, done_at=(was, None))
    return follow_up


def snooze(follow_up: FollowUp, *, until: date, by: User | None) -> FollowUp:
    """Move an open to do to a later day; today or earlier is refused."""
    if until <= timezone.localdate():
        raise SnoozedToThePast
    return put_due(follow_up, on=until, by=by)


@transaction.atomic
def put_due(follow_up: FollowUp, *, on: date, by: User | None) -> FollowUp:
    """Move an open to do to any day: what undoes a snooze."""
    was = FollowUp.objects.filter(pk=follow_up.pk).values_list("due_on", flat=True).get()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(due_on=on) != 1:
        raise AlreadyDone

    follow_up.due_on = on
    _note(follow_up, by, due_on=(was, on))
    return follow_up


@transaction.atomic
def drop(follow_up: FollowUp, *, by: User | None) -> FollowUp:
    """Let an open to do count no more. It stays on record."""
    now = timezone.now()
    if FollowUp.objects.open().filter(pk=follow_up.pk).update(taken_back_at=now) != 1:
        raise AlreadyDone

    follow_up.taken_back_at = now
    _note(follow_up, by, taken_back_at=(None, now))
    return follow_up


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
        _note(partner, by, **told)
    return partner


@transaction.atomic
def add_person(
    partner: Partner,
    *,
    name: str,
    email: str = "",
    phone: str = "",
    title: str = "",
    is_primary: bool = False,
    is_healthcare_provider: bool = False,
) -> Role:
    """Give a contact a place at a partner; a known e-mail address is the contact we have, and there is one main person."""
    if email:
        contact = find_or_create_contact(email, name=name, phone=phone)
    else:
        contact = partner_contact(partner, name) or Contact.objects.create(name=name.strip(), phone=phone.strip())
    Partner.objects.select_for_update().get(pk=partner.pk)
    if is_primary:
        for role in partner.roles.filter(is_primary=True).exclude(contact=contact):
            role.is_primary = False
            role.save(update_fields=["is_primary"])
    place = {"title": title.strip(), "is_primary": is_primary, "is_healthcare_provider": is_healthcare_provider}
    role, _made = Role.objects.update_or_create(partner=partner, contact=contact, defaults=place)
    return role


def partner_contact(partner: Partner, name: str) -> Contact | None:
    """The contact without an e-mail address that this partner, or nobody any more, knows by this name."""
    known = Contact.objects.filter(name__iexact=name.strip(), email="")
    return known.filter(Q(roles__partner=partner) | Q(roles=None)).first()


@transaction.atomic
def archive(partner: Partner, *, by: User | None) -> bool:
    """Put a partner out of sight with all its history; return whether it was in sight."""
    now = timezone.now()
    changed = Partner.objects.current().filter(pk=partner.pk).update(archived_at=now) == 1
    if changed:
        partner.archived_at = now
        _note(partner, by, archived_at=(None, now))
    return changed


@transaction.atomic
def restore(partner: Partner, *, by: User | None) -> bool:
    """Undo archive(); return whether it was put away."""
    changed = Partner.objects.filter(pk=partner.pk, archived_at__isnull=False).update(archived_at=None) == 1
    if changed:
        was, partner.archived_at = partner.archived_at, None
        _note(partner, by, archived_at=(was, None))
    return changed


def _note(row: models.Model, by: User | None, **changes: tuple[object, object]) -> None:
    """Write to the audit trail what a compare-and-set changed: an update() passes it by."""
    written = {field: [str(value) for value in values] for field, values in changes.items()}
    LogEntry.objects.log_create(row, action=LogEntry.Action.UPDATE, changes=written, actor=by)
