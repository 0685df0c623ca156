"""Gifts: what was given away, within the limits of the year. Nothing here knows of referrals."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm.people.models import Contact, User
from partners import giving
from partners.actions.refusals import (
    GiftAboveStop,
    GiftIncomplete,
    GiftInFuture,
    GiftNeedsReason,
    GiftStands,
    GiftTakenBack,
    NoCash,
    NoGiftLimits,
    PatientGiftTooLarge,
    PatientNamed,
)
from partners.actions.trail import note
from partners.models import Gift, GiftLimit, Partner

Recipient = Gift.Recipient


@transaction.atomic
def give(
    *,
    partner: Partner | None = None,
    contact: Contact | None = None,
    recipient: str,
    what: str,
    purpose: str,
    value_cents: int,
    given_on: date,
    is_cash_like: bool = False,
    override_reason: str = "",
    by: User | None,
    once: UUID | None = None,
) -> Gift:
    """Note a gift that was given, once however often the form is sent; what the law does not allow is refused."""
    known = Gift.objects.filter(once=once).first() if once else None
    if known:
        return known
    gift = Gift(
        partner=partner,
        contact=contact,
        recipient=recipient,
        what=what.strip(),
        purpose=purpose.strip(),
        value_cents=value_cents,
        given_on=given_on,
        is_cash_like=is_cash_like,
        by=by,
        once=once,
    )
    _check_form(gift)
    # The facts decide: a physician is licensed, whatever the form said.
    if recipient != Recipient.PATIENT and giving.is_licensed(partner, contact):
        gift.recipient = Recipient.LICENSED
    gift.override_reason = _check_limits(gift, override_reason.strip())
    gift.save(force_insert=True)
    return gift


def _check_form(gift: Gift) -> None:
    if gift.given_on > timezone.localdate():
        raise GiftInFuture
    if not gift.what or not gift.purpose or gift.value_cents <= 0:
        raise GiftIncomplete
    is_named = gift.partner is not None or gift.contact is not None
    if gift.recipient == Recipient.PATIENT and is_named:
        raise PatientNamed
    if gift.recipient != Recipient.PATIENT and not is_named:
        raise GiftIncomplete


def _check_limits(gift: Gift, reason: str) -> str:
    """Refuse what is too much; return the reason where one was needed, and nothing where none was."""
    limits = GiftLimit.objects.of(gift.given_on.year)
    if gift.recipient == Recipient.PARTNER:
        return ""
    if gift.is_cash_like:
        raise NoCash
    if limits is None:
        raise NoGiftLimits
    if gift.recipient == Recipient.PATIENT:
        if gift.value_cents > limits.patient_item_cents:
            raise PatientGiftTooLarge(giving.dollars(limits.patient_item_cents))
        return ""
    _hold(gift)
    before = giving.given_cents(gift.partner, gift.contact, year=gift.given_on.year)
    if before + gift.value_cents > limits.licensed_stop_cents:
        raise GiftAboveStop(_why_stopped(gift, limits, before))
    warnings = giving.warnings_of(gift, limits=limits, before=before)
    if warnings and not reason:
        raise GiftNeedsReason(" ".join(warnings))
    return reason if warnings else ""


def _hold(gift: Gift) -> None:
    """Two gifts to one practice come one after the other, and the second sees the first."""
    practices = Partner.objects.order_by("pk").filter(
        Q(pk=gift.partner_id or 0) | Q(pk__in=gift.contact.roles.values("partner") if gift.contact else [])
    )
    list(practices.select_for_update(no_key=True).values_list("pk", flat=True))
    list(Contact.objects.filter(pk=gift.contact_id or 0).select_for_update(no_key=True).values_list("pk", flat=True))


def _why_stopped(gift: Gift, limits: GiftLimit, before: int) -> str:
    left = max(0, limits.licensed_stop_cents - before)
    stop, year = giving.dollars(limits.licensed_stop_cents), gift.given_on.year
    return (
        f"{gift.partner or gift.contact} may have {stop} in {year}, and had {giving.dollars(before)}. "
        f"{giving.dollars(left)} is left. Nothing overrides this limit."
    )


@transaction.atomic
def take_back_gift(gift: Gift, *, by: User | None) -> Gift:
    """Let a gift count no more. It stays on record, and put_back_gift() restores it."""
    now = timezone.now()
    if Gift.objects.standing().filter(pk=gift.pk).update(taken_back_at=now) != 1:
        raise GiftTakenBack

    gift.taken_back_at = now
    note(gift, by, taken_back_at=(None, now))
    return gift


@transaction.atomic
def put_back_gift(gift: Gift, *, by: User | None) -> Gift:
    """Undo take_back_gift(), unless what was given since leaves no room for it."""
    was = Gift.objects.select_for_update().values_list("taken_back_at", flat=True).get(pk=gift.pk)
    if was is None:
        raise GiftStands
    gift.refresh_from_db()
    if gift.recipient != Recipient.PATIENT and giving.is_licensed(gift.partner, gift.contact):
        gift.recipient = Recipient.LICENSED
    _check_limits(gift, gift.override_reason or "put back")

    Gift.objects.filter(pk=gift.pk).update(taken_back_at=None, recipient=gift.recipient)
    gift.taken_back_at = None
    note(gift, by, taken_back_at=(was, None))
    return gift
