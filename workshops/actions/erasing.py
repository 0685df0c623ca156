"""A registrant wants to be forgotten: who they are goes, that somebody came stays."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from wagtail.log_actions import log

from crm.mail import erasing as mail
from crm.mail.models import Message, new_token
from crm.people import erasing as people
from crm.people.actions import hold
from crm.people.models import Contact, User
from workshops.actions.rating import forget_calls
from workshops.actions.registering import cancel
from workshops.models import Registration

THEIRS = people.WITH_THEM | {"workshops.Registration"}


def erase(contact: Contact, *, by: User) -> bool:
    """Forget somebody on their wish, and free the seats they still hold; True if their contact is gone as well.

    Counts, attendance and who did what stay, a no to letters outlives them, and no letter says goodbye. A contact that
    the practice needs for something else, such as a partner's person, stays.
    """
    for registration in contact.registrations.active().select_related("workshop"):
        if registration.workshop.is_open:
            cancel(registration, by=Registration.CancelledBy.ERASED)
    return _erase(contact, by=by)


@transaction.atomic
def _erase(contact: Contact, *, by: User) -> bool:
    contact = hold(contact.pk)
    registrations = Registration.objects.filter(contact=contact)
    for registration in registrations.select_related("workshop"):
        log(instance=registration.workshop, action="workshops.erase", user=by, data={"registration": registration.pk})
    if not registrations:
        log(instance=contact, action="workshops.erase", user=by)
    emptied = people.ask_rooms(contact)
    emptied["partners.FollowUp"] |= forget_calls(registrations)
    is_held = people.holds(contact, apart_from=THEIRS, emptied=emptied)
    mail.keep_their_no(contact)
    scrub(registrations, why=mail.WISH)
    if not is_held:
        mail.scrub_person(contact, why=mail.WISH)
    return not is_held


def scrub(registrations: QuerySet[Registration], *, why: str) -> None:
    """Empty these and the letters about them. Another token for each: the links in the letters lead nowhere any more."""
    mail.scrub(letters_about(registrations), why=why)
    people.scrub_trail(registrations)
    nothing = dict.fromkeys(["email", "phone", "heard_from", "doubt", "submission", "rating_words", "call_when"], "")
    for pk in registrations.values_list("pk", flat=True):
        Registration.objects.filter(pk=pk).update(name=people.ERASED, token=new_token(), may_call_at=None, **nothing)


def letters_about(registrations: QuerySet[Registration]) -> QuerySet[Message]:
    about = Q(pk__in=[])
    for pk in registrations.values_list("pk", flat=True):
        about |= Q(dedupe_key__startswith=f"registration:{pk}:")
    return Message.objects.filter(about)
