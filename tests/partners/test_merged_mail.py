"""What is written to a contact who was merged into another leaves with the word of the one who stays, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm.mail.actions import close_for_letters, drain, queue
from crm.mail.models import Content, Message, MessageClass, Pause
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners import actions
from tests.mail.conftest import WITH_WAY_OUT

pytestmark = pytest.mark.django_db
State = Message.State
YES, NO = ConsentEvent.State.GRANTED, ConsentEvent.State.WITHDRAWN
PURPOSE = {MessageClass.MARKETING: Purpose.NEWS, MessageClass.PARTNER: Purpose.PARTNER, MessageClass.CARE: Purpose.CARE}


@pytest.fixture
def kept(practice) -> Contact:
    return Contact.objects.create(name="Sam Reyes", email="sam@ironworks.example")


@pytest.fixture
def gone(practice) -> Contact:
    return Contact.objects.create(name="Sam Reyes", email="sam.reyes@mail.example")


def say(contact: Contact, word: str, purpose: Purpose = Purpose.NEWS) -> None:
    record_consent(contact, purpose=purpose, state=word, source="in person")


def merge(gone: Contact, kept: Contact):
    return actions.merge_contacts(gone, into=kept, choices={}, by=None)


def letter_to(contact: Contact, message_class: MessageClass = MessageClass.MARKETING, key: str = "late") -> Message:
    """As somebody writes it who read the contact before the merge and commits after it."""
    content = Content.objects.create(subject="News", **WITH_WAY_OUT)
    return queue(contact, message_class=message_class, dedupe_key=key, content=content, to_email=contact.email)


def sent(message: Message) -> Message:
    drain()
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("message_class", PURPOSE)
def test_it_leaves_with_no_yes_of_the_one_who_went(gone, kept, message_class):
    """The one who went had said yes, the one who stays no: a no of either holds for both."""
    say(gone, YES, PURPOSE[message_class])
    say(kept, NO, PURPOSE[message_class])
    merge(gone, kept)

    late = sent(letter_to(gone, message_class))

    assert (late.state, late.contact) == (State.SKIPPED, kept)
    assert late.reason.startswith("We have no yes from them")


@pytest.mark.parametrize("message_class", [MessageClass.MARKETING, MessageClass.PARTNER])
def test_it_follows_to_the_one_who_stays(gone, kept, message_class):
    say(gone, YES, PURPOSE[message_class])
    merge(gone, kept)

    late = sent(letter_to(gone, message_class))

    assert (late.state, late.contact, late.to_email) == (State.HANDED_OVER, kept, gone.email)


def test_it_hears_a_no_that_came_after_the_merge(gone, kept):
    for contact in (gone, kept):
        say(contact, YES)
    merge(gone, kept)
    late = letter_to(gone)

    say(kept, NO)

    assert sent(late).state == State.SKIPPED


def test_it_takes_a_yes_that_names_the_one_who_went_for_the_other_s(gone, kept):
    """No line of the ledger can be written beside the one who stays, by whatever way."""
    say(kept, NO)
    merge(gone, kept)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_consentevent (contact_id, purpose, state, source, evidence, at) "
            "VALUES (%s, 'news', 'withdrawn', 'letter', '', now())",
            [gone.pk],
        )

    assert not gone.consents.exists()
    assert sent(letter_to(gone)).state == State.SKIPPED


@pytest.mark.parametrize("closed", ["gone", "kept"])
def test_it_minds_the_addresses_of_both(gone, kept, closed):
    say(gone, YES)
    close_for_letters({"gone": gone, "kept": kept}[closed].email)
    merge(gone, kept)

    assert sent(letter_to(gone)).reason == "They unsubscribed from letters."


def test_it_waits_while_the_one_who_stays_wants_a_pause(gone, kept):
    say(gone, YES)
    merge(gone, kept)
    Pause.objects.create(contact=kept, until=timezone.now() + timedelta(days=5))

    late = sent(letter_to(gone))

    assert (late.state, late.reason) == (State.QUEUED, "They asked for a pause.")


def test_it_counts_the_week_s_letters_of_both_together(gone, kept):
    say(gone, YES)
    merge(gone, kept)
    letters = [letter_to(gone if n % 2 else kept, key=f"late:{n}") for n in range(3)]

    drain()

    states = sorted(Message.objects.filter(pk__in=[each.pk for each in letters]).values_list("state", flat=True))
    assert states == [State.HANDED_OVER, State.HANDED_OVER, State.QUEUED]


def test_it_moves_what_was_waiting_already(gone, kept):
    say(gone, YES)
    waiting = letter_to(gone)
    say(kept, NO)
    merge(gone, kept)

    assert (sent(waiting).state, waiting.contact) == (State.SKIPPED, kept)


def test_it_lets_a_confirmation_go_to_the_address_that_asked(gone, kept):
    merge(gone, kept)

    confirmation = sent(letter_to(gone, MessageClass.TRANSACTIONAL))

    assert (confirmation.state, confirmation.to_email) == (State.HANDED_OVER, gone.email)


def test_it_asks_the_one_who_went_again_once_the_merge_is_undone(gone, kept):
    say(gone, YES)
    say(kept, NO)
    done = merge(gone, kept)
    late = letter_to(gone)

    actions.unmerge_contacts(done, by=None)

    assert (sent(late).state, late.contact) == (State.HANDED_OVER, gone)


def test_it_says_archived_of_who_was_only_put_away(gone):
    say(gone, YES)
    Contact.objects.filter(pk=gone.pk).update(archived_at=timezone.now())

    assert sent(letter_to(gone)).reason == "This contact is archived."
