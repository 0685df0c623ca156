"""What goes back to who sent us somebody: only what partners.loop allows, and every word of it accounted for."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners.actions.refusals import AlreadyTold, NothingMayGoBack, NotTold
from partners.actions.trail import note
from partners.loop import FOR_TREATMENT, MISTAKEN, Notice, allowed_words, has_heard, objection, permission_of
from partners.models import Disclosure, Referral, WordPermission

Word = Referral.Word


@transaction.atomic
def tell(referral: Referral, *, word: str, by: User | None, notice: str = Notice.SEEN) -> Referral:
    """Note that a word the law allows went back to who referred; all but plain thanks enters the accounting."""
    word, notice = Word(word), Notice(notice)
    referral.refresh_from_db(from_queryset=Referral.objects.select_for_update())
    if refusal := objection(referral, word, notice):
        raise NothingMayGoBack(refusal)
    if word != Word.THANKS_ONLY:
        _account(referral, *_what(referral, word, notice), by=by)
    elif referral.told:
        raise AlreadyTold
    if word != Word.NOTICE or notice != Notice.RECEIVED:  # to have received somebody is not yet the end
        _told(referral, word, by=by)
    return referral


@transaction.atomic
def untell(referral: Referral, *, what: str = "", by: User | None) -> Referral:
    """Undo tell(). The accounting only grows: a line that was noted by mistake gets a line that says so."""
    referral.refresh_from_db(from_queryset=Referral.objects.select_for_update())
    if what and not has_heard(referral, what):
        raise NotTold
    if not what and referral.told != Word.THANKS_ONLY:
        raise NotTold
    if what:
        _disclose(referral, f"{MISTAKEN}{what}", "It had not been said.", by=by)
    _told(referral, _still_told(referral), by=by)
    return referral


@transaction.atomic
def permit(
    referral: Referral, *, by: User | None, signed_on: date, expires_on: date | None = None, **covers: bool
) -> WordPermission:
    """Note what the patient has signed for. The paper with the name on it stays in the clinical records."""
    return WordPermission.objects.create(referral=referral, by=by, signed_on=signed_on, expires_on=expires_on, **covers)


@transaction.atomic
def revoke(permission: WordPermission, *, by: User | None) -> WordPermission:
    """Note that a patient took the permission back: from now on nothing goes back by it."""
    now = timezone.now()
    if WordPermission.objects.filter(pk=permission.pk, revoked_at=None).update(revoked_at=now) == 1:
        permission.revoked_at = now
        note(permission, by, revoked_at=(None, now))
    return permission


def _what(referral: Referral, word: Word, notice: Notice) -> tuple[str, str]:
    permission = permission_of(referral)
    if word == Word.NOTICE or permission is None:
        return f"{notice.label}.", FOR_TREATMENT
    covers = ", ".join(permission.covers)
    return f"What was signed for: {covers}.", f"Permission signed on {permission.signed_on.isoformat()}."


def _account(referral: Referral, what: str, why: str, *, by: User | None) -> None:
    if has_heard(referral, what):
        raise AlreadyTold
    _disclose(referral, what, why, by=by)


def _disclose(referral: Referral, what: str, why: str, *, by: User | None) -> None:
    people = [referral.referred_by.name] if referral.referred_by else []
    recipient = ", ".join([*people, referral.partner.name])[:160]
    Disclosure.objects.create(referral=referral, recipient=recipient, what=what, why=why, by=by)


def _still_told(referral: Referral) -> str:
    """Which word has gone back after all that was noted by mistake, if it may still go back."""
    allowed = allowed_words(referral)
    if Word.NOTICE in allowed and any(
        has_heard(referral, f"{notice.label}.") for notice in (Notice.SEEN, Notice.DISCHARGED)
    ):
        return Word.NOTICE
    permitted = referral.disclosures.filter(what__startswith="What was signed for").values_list("what", flat=True)
    return Word.PERMITTED if Word.PERMITTED in allowed and any(has_heard(referral, what) for what in permitted) else ""


def _told(referral: Referral, word: str, *, by: User | None) -> None:
    was, now = referral.told, timezone.now() if word else None
    if word == was:
        return
    Referral.objects.filter(pk=referral.pk).update(told=word, told_at=now)
    referral.told, referral.told_at = word, now
    note(referral, by, told=(was, word))
