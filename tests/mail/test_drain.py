from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.mail.actions import drain, unsubscribe
from crm.mail.models import Message, MessageClass, Suppression, address_hash
from crm.mail.transports.sendgrid import SendGridTransport
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose

pytestmark = pytest.mark.django_db
State = Message.State


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def test_it_keeps_local_mail_in_the_outbox(write):
    message = write()

    assert drain() == 1
    assert state_of(message) == (State.HANDED_OVER, "")
    assert message.transport == "local"
    assert drain() == 0


def test_it_waits_until_a_message_is_due(write):
    message = write(not_before=timezone.now() + timedelta(hours=1))

    assert drain() == 0
    assert state_of(message) == (State.QUEUED, "")


def test_it_lets_late_mail_die(write):
    past = timezone.now() - timedelta(hours=2)
    message = write(not_before=past, expires_at=past + timedelta(hours=1))

    drain()
    assert state_of(message)[0] == State.EXPIRED


@pytest.mark.parametrize("message_class", [MessageClass.MARKETING, MessageClass.PARTNER])
def test_it_skips_who_unsubscribed_after_queueing(write, message_class):
    message = write(message_class)
    unsubscribe(write(message_class))

    drain()
    assert state_of(message) == (State.SKIPPED, "They unsubscribed from letters.")


def test_it_skips_who_said_no_after_queueing(write, ada):
    letter, news = write(MessageClass.PARTNER), write(MessageClass.MARKETING)
    record_consent(ada, purpose=Purpose.PARTNER, state=ConsentEvent.State.WITHDRAWN, source="by phone")

    drain()
    assert state_of(letter) == (State.SKIPPED, "We have no yes from them for partner letters.")
    assert state_of(news)[0] == State.HANDED_OVER


def test_it_sends_a_confirmation_to_who_unsubscribed_from_letters(write):
    unsubscribe(write(MessageClass.MARKETING))
    confirmation = write(MessageClass.TRANSACTIONAL)

    drain()
    assert state_of(confirmation)[0] == State.HANDED_OVER


@pytest.mark.parametrize("message_class", [MessageClass.TRANSACTIONAL, MessageClass.PARTNER, MessageClass.SYSTEM])
def test_it_never_writes_to_a_dead_address(write, message_class):
    message = write(message_class)
    Suppression.objects.create(
        email_hash=address_hash(" ADA@example.com"), scope=Suppression.Scope.ALL, reason=Suppression.Reason.BOUNCED
    )

    drain()
    assert state_of(message) == (State.SKIPPED, "This address is on the list of those we never write to.")


def test_it_skips_letters_to_an_archived_contact(write, ada):
    letter = write(MessageClass.PARTNER)
    Contact.objects.filter(pk=ada.pk).update(archived_at=timezone.now())

    drain()
    assert state_of(letter) == (State.SKIPPED, "This contact is archived.")


@pytest.fixture
def care(write, ada):
    """A care letter to Ada, who said yes to those."""
    record_consent(ada, purpose=Purpose.CARE, state=ConsentEvent.State.GRANTED, source="in person")
    return write(MessageClass.CARE)


def test_it_sends_care_letters_under_an_agreement(care, settings, sendgrid):
    settings.SENDGRID_BAA_SIGNED_ON = timezone.now().date()

    drain()
    assert state_of(care)[0] == State.HANDED_OVER


def test_it_holds_care_letters_back_without_an_agreement(care, settings, sendgrid):
    settings.CLIENT_MAIL_BAA_SIGNED_ON = timezone.now().date()  # another's

    drain()
    assert state_of(care) == (
        State.SKIPPED,
        "Care letters leave only under a signed agreement (BAA), and none is on record. Set SENDGRID_BAA_SIGNED_ON.",
    )
    assert not sendgrid.accepted


def test_it_sends_care_letters_their_own_way(care, write, settings, sendgrid, smtp):
    settings.CLIENT_MAIL_URL, settings.CLIENT_MAIL_BAA_SIGNED_ON = smtp.url, timezone.now().date()
    other = write()

    assert drain() == 2
    assert state_of(care)[0] == state_of(other)[0] == State.HANDED_OVER
    assert (care.transport, other.transport) == ("client", "sendgrid")
    assert len(smtp.accepted) == len(sendgrid.accepted) == 1


def test_it_holds_care_letters_back_from_a_mail_server_of_unknown_standing(care, settings, smtp):
    settings.CLIENT_MAIL_BAA_SIGNED_ON = timezone.now().date()  # it belongs to CLIENT_MAIL_URL

    drain()
    assert state_of(care)[0] == State.SKIPPED
    assert not smtp.accepted


def test_it_rejects_what_cannot_be_written_and_goes_on(write):
    broken = write(content={"text": "You owe [[amount]]."})
    fine = write()

    assert drain() == 2
    assert state_of(broken) == (
        State.REJECTED,
        "Nothing is known for the place [[amount]], and it has no fallback.",
    )
    assert state_of(fine)[0] == State.HANDED_OVER


def test_it_sends_the_most_urgent_first(write, sendgrid, monkeypatch):
    monkeypatch.setattr(SendGridTransport, "connections", 1)  # of two side by side either may arrive first
    for priority, subject in ((Message.Priority.BULK, "third"), (Message.Priority.NOW, "first")):
        write(content={"subject": subject}, priority=priority)
    write(content={"subject": "second"})

    drain()
    assert [payload["subject"] for payload in sendgrid.accepted] == ["first", "second", "third"]


@pytest.mark.parametrize("number", [3, 40])
def test_it_claims_with_the_same_number_of_queries(write, django_assert_max_num_queries, number):
    for n in range(number):
        reader = Contact.objects.create(name=f"Reader {n}", email=f"reader{n}@example.com")
        record_consent(reader, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")
        write(MessageClass.PARTNER, contact=reader)

    with django_assert_max_num_queries(30):
        drain()


def test_it_drains_everything_on_command(write, capsys):
    for _ in range(3):
        write()

    call_command("drain")
    call_command("drain")
    assert capsys.readouterr().out == "3 messages were due.\nNothing was due.\n"
