"""What those who came thought of it, and whether we may call them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.people import erasing as people
from crm.people.models import PracticeProfile
from partners import actions as partners
from partners.models import FollowUp
from workshops.actions.refusals import NotRated
from workshops.models import Registration


@transaction.atomic
def rate(
    registration: Registration,
    *,
    stars: int,
    words: str = "",
    may_call: bool = False,
    phone: str = "",
    call_when: str = "",
) -> Registration:
    """Keep what somebody who came thought, until it is changed; a wish to be called is a to do at once, and only one."""
    row = Registration.objects.select_for_update(of=["self"]).select_related("workshop", "contact").get(
        pk=registration.pk
    )  # fmt: skip
    if not row.may_rate:
        raise NotRated
    now = timezone.now()
    row.rating, row.rating_words, row.rated_at = stars, words.strip(), row.rated_at or now
    row.may_call_at = (row.may_call_at or now) if may_call else None
    row.call_when = call_when.strip() if may_call else ""
    if may_call:
        row.phone = phone.strip()
    row.save(update_fields=["rating", "rating_words", "rated_at", "may_call_at", "call_when", "phone"])
    if may_call:
        _promise_a_call(row)
    else:
        _call_off(row)
    return row


def forget_calls(registrations: QuerySet[Registration]) -> set[int]:
    """Whoever is forgotten is called no more, and the to do says no longer who it was; which those were."""
    return partners.forget(FollowUp.objects.filter(once_key__in=[call_key(row) for row in registrations]))


def forget_call_wishes(registrations: QuerySet[Registration]) -> set[int]:
    """The number and the hour they gave us to be called go; that they came and asked for it stays counted."""
    people.scrub_trail(registrations)
    registrations.update(phone="", call_when="")
    return forget_calls(registrations)


def call_key(registration: Registration) -> str:
    """The one reason for the to do; whoever makes more of the wish finds it by this."""
    return f"registration:{registration.pk}:call"


def _promise_a_call(row: Registration) -> None:
    """It is about the person alone: on the host's page it would tell who was there."""
    when = f", {row.call_when}" if row.call_when else ""
    title = f"Call {row.name} ({row.phone}){when}: came to “{row.workshop.title}”"[:200]
    today = timezone.localdate(timezone=PracticeProfile.load().zone)
    todo = partners.follow_up(contact=row.contact, title=title, due_on=today, once_key=call_key(row))
    if todo.taken_back_at:
        partners.pick_up(todo, by=None)
    if todo.title != title and todo.done_at is None:
        FollowUp.objects.filter(pk=todo.pk, done_at=None).update(title=title)


def _call_off(row: Registration) -> None:
    for todo in FollowUp.objects.open().filter(once_key=call_key(row)):
        partners.drop(todo, by=None)
