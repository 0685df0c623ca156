"""F6 and F7: one bad address among a thousand, shared mailboxes, too large a request, a key that stops working."""

import pytest

from crm.mail.actions import drain
from crm.mail.models import Message, MessageClass
from crm.people.models import Contact
from tests.fakes.sendgrid import Rule
from tests.mail.faults import invariants
from tests.mail.faults.conftest import make_due
from tests.mail.faults.test_answers import drain_until_done

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.mark.parametrize("names", [True, False])
def test_it_finds_the_one_bad_address_among_a_thousand(fill, sendgrid, names):
    messages = fill(1000, MessageClass.PARTNER)
    bad = messages[617]
    sendgrid.script(Rule(status=400, to=bad.to_email, names=names))

    drain_until_done()
    assert invariants.hold(sendgrid, total=1000) == {State.HANDED_OVER: 999, State.REJECTED: 1}
    bad.refresh_from_db()
    assert bad.state == State.REJECTED
    assert "400" in bad.reason
    assert sendgrid.answers[400] <= (8 if names else 16)


def test_it_finds_several_bad_addresses(fill, sendgrid):
    messages = fill(200, MessageClass.PARTNER)
    bad = [messages[0], messages[99], messages[100], messages[199]]
    sendgrid.script(*(Rule(status=400, to=message.to_email, names=False) for message in bad))

    drain_until_done()
    assert invariants.hold(sendgrid, total=200) == {State.HANDED_OVER: 196, State.REJECTED: 4}
    assert set(Message.objects.filter(state=State.REJECTED)) == set(bad)


def test_it_does_not_take_a_request_apart_for_what_all_of_it_has_in_common(fill, sendgrid):
    fill(200, MessageClass.PARTNER)
    sendgrid.script(Rule(status=400, field="content.0.value", message="The content value must be a string."))

    drain_until_done()
    assert invariants.hold(sendgrid, total=200) == {State.REJECTED: 200}
    assert sendgrid.answers[400] == 1


def test_it_blames_no_message_for_a_sender_that_is_refused(fill, sendgrid):
    """Who we write as is for a person to mend: the messages wait."""
    fill(3)
    fill(20, MessageClass.PARTNER)
    sendgrid.script(Rule(status=400, field="from.email"), Rule(status=403))
    drain()
    states = invariants.hold(sendgrid, total=23)
    assert states == {State.QUEUED: 23}

    sendgrid.script()
    drain_until_done()
    assert invariants.hold(sendgrid, total=23) == {State.HANDED_OVER: 23}


def test_it_writes_to_a_shared_mailbox_once_a_request(fill, sendgrid):
    messages = fill(6, MessageClass.PARTNER)
    shared = [message.pk for message in messages[:3]]
    for pk, spelling in zip(shared, ("desk@example.com", "Desk@Example.com", "DESK@example.com"), strict=True):
        Message.objects.filter(pk=pk).update(to_email=spelling)

    drain_until_done()
    assert invariants.hold(sendgrid, total=6) == {State.HANDED_OVER: 6}
    assert sendgrid.answers[400] == 0
    assert [email.lower() for email in sendgrid.recipients].count("desk@example.com") == 3


def test_it_makes_a_request_smaller_when_it_is_too_large(fill, sendgrid):
    fill(64, MessageClass.PARTNER)
    sendgrid.script(Rule(status=413, times=3))

    drain_until_done()
    assert invariants.hold(sendgrid, total=64) == {State.HANDED_OVER: 64}
    assert len(sendgrid.accepted) > 1


def test_it_stops_at_a_refused_key_and_goes_on_with_a_new_one(fill, sendgrid, settings):
    fill(8)
    sendgrid.script(Rule(times=3), Rule(status=401))
    drain()
    make_due()
    drain()
    states = invariants.hold(sendgrid, total=8)
    assert (states[State.HANDED_OVER], states[State.QUEUED]) == (3, 5)
    assert sendgrid.answers[401] <= 5  # as many as were on their way at once, and one to ask again
    assert set(Message.objects.filter(state=State.QUEUED).values_list("attempts", flat=True)) == {0}

    sendgrid.script()
    sendgrid.key = settings.SENDGRID_API_KEY = "SG.new"
    drain_until_done()
    assert invariants.hold(sendgrid, total=8) == {State.HANDED_OVER: 8}


def test_it_skips_whom_it_may_not_write_to_since_they_were_queued(fill, sendgrid):
    from crm.mail.actions import unsubscribe

    messages = fill(40, MessageClass.PARTNER)
    gone = messages[:10]
    for message in gone[:5]:
        unsubscribe(message)
    Contact.objects.filter(pk__in=[message.contact_id for message in gone[5:]]).update(archived_at="2026-01-01T00:00Z")

    drain_until_done()
    closed = [message.to_email for message in gone]
    assert invariants.hold(sendgrid, total=40, closed=closed) == {State.HANDED_OVER: 30, State.SKIPPED: 10}
