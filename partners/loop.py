"""When a referral is at its end, and what may be said back to who sent it.

A health-care provider may hear, for treatment and without anybody's signature, that somebody was received, seen or
discharged (45 CFR 164.506). Everybody else hears nothing about anybody, unless the patient has signed for it
(164.508): “thank you for thinking of us” is all. Who is a provider is said of each person, never of a kind of partner.
Rapport keeps only that word went back, and when; every word but plain thanks is a line of the accounting of
disclosures (164.528).
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from partners.models import Referral, Role, WordPermission

Word = Referral.Word
MISTAKEN = "Noted by mistake: "
FOR_TREATMENT = "For treatment, one health-care provider to another."


class Notice(models.TextChoices):
    """What one provider tells another; the clinical words stay in the clinical records."""

    RECEIVED = "received", "That the person they sent was received"
    SEEN = "seen", "That the person they sent was seen"
    DISCHARGED = "discharged", "That the person they sent was discharged"


# A notice can only be about what has happened.
NEEDS = {Notice.SEEN: "evaluated_at", Notice.DISCHARGED: "completed_at"}


def is_to_provider(referral: Referral) -> bool:
    """Is the person who sent them a health-care provider at this partner?"""
    roles = Role.objects.filter(partner=referral.partner_id, contact=referral.referred_by_id)
    return referral.referred_by_id is not None and roles.filter(is_healthcare_provider=True).exists()


def permission_of(referral: Referral) -> WordPermission | None:
    """What the patient has signed for, if it is in force today."""
    return referral.permissions.in_force(timezone.localdate()).first()


def allowed_words(referral: Referral) -> list[Word]:
    """Which words may go back today, the one that says most first. Thanks are always allowed."""
    words = [Word.PERMITTED] if permission_of(referral) else []
    if is_to_provider(referral):
        words.append(Word.NOTICE)
    return [*words, Word.THANKS_ONLY]


def is_closed(referral: Referral) -> bool:
    """Seen, and the allowed word went back; or lost for a reason, or declined."""
    if referral.state in Referral.ENDED_STATES:
        return True
    return referral.evaluated_at is not None and word_owed(referral) is None


def word_owed(referral: Referral) -> Word | None:
    """The word that is still to go back; nothing when it has, or when there is nothing to say yet or any more."""
    is_over = referral.state in Referral.ENDED_STATES
    if referral.evaluated_at is None or is_over or referral.taken_back_at or referral.is_quarantined:
        return None
    if referral.told in (Word.NOTICE, Word.PERMITTED):
        return None
    if is_to_provider(referral):
        return Word.NOTICE
    is_said = referral.told == Word.THANKS_ONLY or referral.thanked_at is not None
    return None if is_said else Word.THANKS_ONLY


def objection(referral: Referral, word: Word, notice: Notice) -> str:
    """Why this word may not go back; empty when it may."""
    if word == Word.PERMITTED and permission_of(referral) is None:
        return "No signed permission is in force for this referral, so nothing about the person may go back."
    if word == Word.NOTICE and not is_to_provider(referral):
        return (
            "Only a health-care provider may hear this without a signature, and whoever sent this person is not marked "
            "as one. Thank them for thinking of you; that is always allowed."
        )
    if word == Word.NOTICE and notice in NEEDS and getattr(referral, NEEDS[notice]) is None:
        return f"That has not happened yet: move the referral on first, then note “{notice.label.lower()}”."
    return ""


def has_heard(referral: Referral, what: str) -> bool:
    """Does the accounting say that this went back, more often than that it was noted by mistake?"""
    said = list(referral.disclosures.values_list("what", flat=True))
    return said.count(what) > said.count(f"{MISTAKEN}{what}")
