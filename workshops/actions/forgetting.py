"""Whose second yes never came, or who was thrown away, is forgotten: perhaps not even the address's owner typed it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from crm.mail import erasing as mail
from crm.people import erasing as people
from crm.people.actions import hold
from crm.people.models import Contact
from workshops.actions.erasing import letters_about, scrub
from workshops.models import Registration

# So long somebody may still call and ask why no seat was kept for them. After that nobody needs to know who it was.
FORGET_AFTER = timedelta(days=30)
AT_ONCE = 200  # machines may have left thousands; the rest goes with the next ticks
# Nobody lives by these. Unlike with a wish to be forgotten, a letter we sent or a mail they wrote is a life of their own.
NO_LIFE = frozenset({"people.ConsentEvent", "mail.Pause", "partners.NotOnePerson"})


def forget_given_up() -> int:
    """Empty the sign-ups that were given up or thrown away a month ago; return how many.

    A contact that was made for one of these alone goes with it.
    """
    over = _given_up(timezone.now() - FORGET_AFTER).order_by("contact_id").values_list("contact_id", flat=True)
    return sum(_forget(pk) for pk in over.distinct()[:AT_ONCE])


def _given_up(before: datetime) -> QuerySet[Registration]:
    unconfirmed = Q(state=Registration.State.CANCELLED, cancelled_by=Registration.CancelledBy.UNCONFIRMED)
    thrown_away = Q(pk__in=Registration.objects.thrown_away().values("pk"))
    rows = Registration.objects.filter(unconfirmed | thrown_away, cancelled_at__lte=before)
    return rows.exclude(name=people.ERASED, email="")


@transaction.atomic
def _forget(contact_pk: int) -> int:
    """Those of one contact, looked at once more under its lock: a merge may have moved them meanwhile."""
    contact = hold(contact_pk)
    given_up = _given_up(timezone.now() - FORGET_AFTER).filter(contact=contact)
    keys = set(given_up.values_list("pk", flat=True))
    rows = Registration.objects.filter(pk__in=keys)
    emptied: dict[str, set[Any]] = {
        "workshops.Registration": keys,
        "mail.Message": set(letters_about(rows).values_list("pk", flat=True)),
    }
    is_needed = people.holds(contact, apart_from=NO_LIFE, emptied=emptied) or not _made_for_this(contact)
    scrub(rows, why=mail.IN_TIME)
    if not is_needed:
        mail.scrub_person(contact, why=mail.IN_TIME)
    return len(keys)


def _made_for_this(contact: Contact) -> bool:
    """Did a sign-up make it? It is on no list then, no older than the first of them, and wants no letters."""
    same = Contact.objects.filter(pk=contact.pk, archived_at__isnull=False)
    earlier = Registration.objects.filter(contact=OuterRef("pk"), created_at__lte=OuterRef("created_at"))
    return same.filter(Q(Exists(earlier)) & ~people.wants_letters()).exists()
