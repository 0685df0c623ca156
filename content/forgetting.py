"""Leads that came to nothing are forgotten eighteen months after the last sign of life of whoever sent them.

Nobody writes down here who became a client: clients are kept elsewhere and sealed. So whoever may have come to something
stays: whom the practice met since, who wants letters, whom any other record is about, and whom the owner keeps.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from content.erasing import forget_leads
from content.models import KEEP_FOR, Lead
from crm.mail import erasing as mail
from crm.mail.models import InboundMail
from crm.people import erasing as people
from crm.people.actions import hold
from crm.people.models import Contact
from partners.models import FollowUp
from workshops.actions import forget_call_wishes
from workshops.models import Registration

MADE_WITHIN = timedelta(days=1)  # a contact this much older than their first word to us was known otherwise
AT_ONCE = 100
# These are looked at one by one, for when they were: an old one alone is no sign of life.
BY_THEIR_TIME = people.WITH_THEM | {"content.Lead", "partners.FollowUp", "workshops.Registration"}


def forget_quiet_leads() -> int:
    """Empty the leads of contacts who have given no sign of life for so long; return of how many contacts."""
    since = timezone.now() - KEEP_FOR
    return sum(_forget(pk, since) for pk in quiet(since).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def quiet(since: datetime) -> QuerySet[Contact]:
    """Contacts with leads that came to nothing, and of whom nothing was heard since this moment."""
    theirs = Lead.objects.filter(contact=OuterRef("pk"))
    told = theirs.filter(created_at__lte=since).exclude(name=people.ERASED)
    came_to_something = theirs.filter(Q(kept_at__isnull=False) | Q(created_at__gt=since) | _came_later())
    alive = Q(Exists(came_to_something)) | _signs_of_life(since) | people.wants_letters()
    return Contact.objects.filter(Exists(told)).exclude(alive).exclude(people.needed(apart_from=BY_THEIR_TIME))


def _came_later() -> Q:
    came = Registration.objects.filter(contact=OuterRef("contact"), checked_in_at__gt=OuterRef("created_at"))
    return Q(Exists(came))


def _signs_of_life(since: datetime) -> Q:
    """They registered, came or said how it was, wrote to us, or something was to be done about them."""
    admitted = Registration.objects.exclude(cancelled_by=Registration.CancelledBy.UNCONFIRMED)
    lately = Q(created_at__gt=since) | Q(checked_in_at__gt=since) | Q(rated_at__gt=since)
    promised = Q(due_on__gt=timezone.localdate(since)) | Q(done_at__gt=since)
    signs = (
        admitted.filter(lately, contact=OuterRef("pk")),
        InboundMail.objects.filter(contact=OuterRef("pk"), received_at__gt=since),
        FollowUp.objects.filter(promised, contact=OuterRef("pk"), taken_back_at=None),
    )
    registered, wrote, to_do = (Q(Exists(rows)) for rows in signs)
    return registered | wrote | to_do


@transaction.atomic
def _forget(contact_pk: int, since: datetime) -> bool:
    """Asked once more under the lock: they may have been heard of meanwhile, or another worker was here."""
    contact = hold(contact_pk)
    if not quiet(since).filter(pk=contact.pk).exists():
        return False
    leads = Lead.objects.filter(contact=contact)
    for lead in leads:
        log(instance=lead, action="content.forget")
    is_theirs_alone = _made_for_this(contact)
    forget_call_wishes(Registration.objects.filter(lead__in=leads))
    emptied = forget_leads(contact, why=mail.IN_TIME)
    if is_theirs_alone and not people.holds(contact, apart_from=people.WITH_THEM, emptied=emptied):
        mail.scrub_person(contact, why=mail.IN_TIME)
    return True


def _made_for_this(contact: Contact) -> bool:
    """Did their first word to us make the contact?"""
    first = Contact.objects.filter(pk=contact.pk).annotate(first=Min("leads__created_at"))
    return first.filter(created_at__gte=F("first") - MADE_WITHIN).exists()
