"""A partner let rest for some days: twice in a row at most, then it is time to decide."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm.people.models import User
from partners.actions.refusals import AlreadySnoozed, SnoozedTooFar, SnoozedToThePast, SnoozedTwice
from partners.actions.trail import note
from partners.models import Partner, Rhythm

SNOOZES_IN_A_ROW = 2
SNOOZE_WITHIN = timedelta(days=90)


@transaction.atomic
def snooze(partner: Partner, *, until: date, by: User | None) -> Rhythm:
    """Let a partner count as fresh until a day, from the snooze the caller saw; the third in a row is refused."""
    rhythm, today = partner.rhythm, timezone.localdate()
    if until <= today:
        raise SnoozedToThePast
    if until > today + SNOOZE_WITHIN:
        raise SnoozedTooFar
    if rhythm.snoozes >= SNOOZES_IN_A_ROW:
        raise SnoozedTwice
    seen = Rhythm.objects.filter(pk=partner.pk, snoozes=rhythm.snoozes, snoozed_until=rhythm.snoozed_until)
    if seen.update(snoozed_until=until, snoozes=F("snoozes") + 1) != 1:
        raise AlreadySnoozed

    note(partner, by, snoozed_until=(rhythm.snoozed_until, until))
    rhythm.snoozed_until, rhythm.snoozes = until, rhythm.snoozes + 1
    return rhythm


@transaction.atomic
def unsnooze(partner: Partner, *, back_to: date | None, by: User | None) -> Rhythm:
    """Undo snooze(): the day that stood before stands again, and the snooze is not counted."""
    rhythm = partner.rhythm
    seen = Rhythm.objects.filter(pk=partner.pk, snoozes__gt=0, snoozes=rhythm.snoozes)
    if seen.update(snoozed_until=back_to, snoozes=F("snoozes") - 1) != 1:
        raise AlreadySnoozed

    note(partner, by, snoozed_until=(rhythm.snoozed_until, back_to))
    rhythm.snoozed_until, rhythm.snoozes = back_to, rhythm.snoozes - 1
    return rhythm
