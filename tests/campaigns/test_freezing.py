"""Who a launch writes to is who the office says it would."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Recipient
from crm.mail.models import Message, Suppression, address_hash
from crm.people.models import ConsentEvent, Contact, Purpose
from tests.campaigns.conftest import at_gym, crowd, person, say

pytestmark = pytest.mark.django_db
State, Reason = ConsentEvent.State, Suppression.Reason


def _everything_that_may_be_said() -> None:
    """A contact for each mixture of words, closings and gaps in what is known."""
    words = (
        (),
        (State.GRANTED,),
        (State.WITHDRAWN,),
        (State.WITHDRAWN, State.IMPLIED),
        (State.GRANTED, State.WITHDRAWN),
    )
    closings = ((), ("letters",), ("all",), ("all", "letters"))
    people = []
    for n, (said, closed, has_email, is_archived) in enumerate(
        itertools.product(words, closings, (True, False), (False, True))
    ):
        contact = Contact.objects.create(name=f"P{n}", email=f"Mixed{n}@Example.com" if has_email else "")
        for state in said:
            say(contact, state)
        say(contact, State.WITHDRAWN, Purpose.NEWS)
        for scope, reason in zip(closed, (Reason.COMPLAINED, Reason.BOUNCED), strict=False):
            if has_email:
                Suppression.objects.create(email_hash=address_hash(contact.email), scope=scope, reason=reason)
        if is_archived:
            Contact.objects.filter(pk=contact.pk).update(archived_at=timezone.now() - timedelta(days=1))
        people.append(contact)
    at_gym(*people[::2])
    at_gym(*people[::3], name="Side gym")
    at_gym(*people, name="Long gone", archived_at=timezone.now())
    for contact in people[::5]:
        at_gym(name=f"Their own {contact}").roles.create(contact=contact, is_primary=True)


def test_it_freezes_whom_the_office_shows(due):
    _everything_that_may_be_said()
    examined = due.audience.examined(purpose=due.letter.purpose).order_by()
    shown = set(examined.values_list("pk", "at_partner", "skip"))

    launch_due()

    assert set(Recipient.objects.values_list("contact", "partner", "skipped_because")) == shown
    assert len({skip for _, _, skip in shown}) == 6


def test_it_gives_each_reader_the_message_meant_for_them(due):
    crowd(9)

    launch_due()

    for recipient in Recipient.objects.select_related("message", "contact", "partner"):
        message = recipient.message
        assert (message.contact, message.to_email) == (recipient.contact, recipient.contact.email)
        assert message.values == {"first_name": "person", "partner": recipient.partner.name}


def test_it_numbers_messages_by_the_time_and_beyond_guessing(due):
    crowd(40)
    before = timezone.now()

    launch_due()

    ids = sorted(Message.objects.values_list("pk", flat=True))
    stamps = [pk.int >> 80 for pk in ids]
    assert {pk.version for pk in ids} == {7}
    assert before.timestamp() * 1000 - 1 <= stamps[0] <= stamps[-1] <= timezone.now().timestamp() * 1000 + 1
    assert len({pk.int & (1 << 60) - 1 for pk in ids}) == len(ids)


def test_it_leaves_out_contacts_of_no_fitting_partner(due):
    person("Nowhere")
    at_gym(person("Here"))

    launch_due()

    assert [recipient.contact.name for recipient in Recipient.objects.select_related("contact")] == ["Here"]
