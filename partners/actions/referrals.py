from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners.actions.refusals import AlreadyThanked, NotThanked
from partners.actions.touches import log_touch, take_back
from partners.models import Referral, Touch


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
