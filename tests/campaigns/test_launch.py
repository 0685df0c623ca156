from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.actions import launch, launch_due
from campaigns.models import Broadcast, Letter, Recipient, SkipReason
from crm.mail.models import Content, Message, MessageClass
from crm.mail.render import render
from crm.people.models import ConsentEvent, Contact
from partners.models import Kind
from tests.campaigns.conftest import at_gym, crowd, person, say

pytestmark = pytest.mark.django_db


def test_it_writes_to_everybody_in_the_audience(due):
    bo = person("Bo Berg")
    at_gym(bo)

    assert launch_due() == 1

    message = Message.objects.get()
    due.refresh_from_db()
    assert due.state == Broadcast.State.SENDING and due.content_id == message.content_id
    assert message.contact == bo and message.to_email == "bo.berg@example.com" and message.to_name == "Bo Berg"
    assert message.dedupe_key == f"b:{due.pk}:{bo.pk}"
    assert message.message_class == MessageClass.PARTNER
    assert message.state == Message.State.QUEUED
    assert (message.not_before, message.expires_at) == (due.send_at, due.send_at + timedelta(hours=48))


def test_it_fills_the_places_for_each_reader(due):
    at_gym(person("Dr. Ada Okafor"), name="Rock & Run")
    launch_due()

    rendered = render(Message.objects.get())

    assert "Hi Ada, how is Rock & Run?" in rendered.text
    assert "Hi Ada, how is Rock &amp; Run?" in rendered.html


def test_it_leaves_at_its_time_and_not_before(broadcast):
    at_gym(person())
    at = timezone.now() + timedelta(hours=1)
    Broadcast.objects.filter(pk=broadcast.pk).update(state=Broadcast.State.SCHEDULED, send_at=at)

    assert launch_due() == 0
    with time_machine.travel(at, tick=False):
        assert launch_due() == 1


def test_it_launches_only_once(due):
    at_gym(person())

    assert [launch_due(), launch_due(), launch(due)] == [1, 0, False]
    assert Message.objects.count() == 1


def test_it_notes_everybody_it_leaves_out(due):
    unsubscribed, silent = person("No"), person("Silent", email="")
    never = Contact.objects.create(name="Never asked", email="never@example.com")
    say(unsubscribed, ConsentEvent.State.WITHDRAWN)
    at_gym(person("Yes"), unsubscribed, silent, never)

    launch_due()

    skipped = dict(Recipient.objects.filter(message=None).values_list("contact__name", "skipped_because"))
    assert skipped == {
        "No": SkipReason.UNSUBSCRIBED,
        "Silent": SkipReason.NO_EMAIL,
        "Never asked": SkipReason.NO_CONSENT,
    }
    assert [message.to_name for message in Message.objects.all()] == ["Yes"]


def test_it_writes_once_to_somebody_at_two_partners(due):
    bo = person("Bo")
    at_gym(bo, name="Side gym")
    main = at_gym(name="Main gym")
    main.roles.create(contact=bo, is_primary=True)

    launch_due()

    assert Message.objects.get().values == {"first_name": "Bo", "partner": "Main gym"}


def test_it_sends_the_version_published_at_launch(due):
    at_gym(person("Bo"))
    letter = due.letter
    letter.subject = "A better subject"
    letter.save_revision().publish()
    letter.subject = "Only a draft"
    letter.save_revision()

    launch_due()

    Letter.objects.update(subject="Changed afterwards")
    assert Message.objects.get().content.subject == "A better subject"


def test_it_keeps_one_copy_of_the_words(due):
    crowd(5)
    launch_due()

    assert Content.objects.count() == 1


def test_it_costs_the_same_queries_for_three_and_three_hundred(letter, audience):
    counts = []
    for size in (3, 297):
        crowd(size) if size == 3 else _more(size)
        broadcast = Broadcast.objects.create(
            letter=letter, audience=audience, state=Broadcast.State.SCHEDULED, send_at=timezone.now()
        )
        with CaptureQueriesContext(connection) as queries:
            assert launch(broadcast)
        counts.append((len(queries), broadcast.recipients.count()))

    assert [people for _, people in counts] == [3, 300]
    assert counts[0][0] == counts[1][0]


def _more(size):
    at_gym(*(person(f"More {n}") for n in range(size)), name="Second gym")


def test_it_does_not_send_what_is_two_days_late(due):
    at_gym(person())

    with time_machine.travel(due.send_at + timedelta(hours=48), tick=False):
        assert launch_due() == 0

    due.refresh_from_db()
    assert due.state == Broadcast.State.MISSED
    assert due.note.startswith("It was not sent: no worker was running for two days")
    assert not Message.objects.exists()


def test_it_holds_a_letter_that_was_unpublished(due):
    at_gym(person())
    due.letter.unpublish()

    assert launch_due() == 0

    due.refresh_from_db()
    assert due.state == Broadcast.State.MISSED
    assert "still a draft" in due.note
    assert not Message.objects.exists()


def test_it_launches_the_others_beside_one_that_is_held(due, letter, audience):
    at_gym(person())
    at_gym(person("Ana"), kind=Kind.YOGA_STUDIO)
    other = Broadcast.objects.create(
        letter=letter, audience=audience, state=Broadcast.State.SCHEDULED, send_at=due.send_at
    )
    Broadcast.objects.filter(pk=due.pk).update(send_at=due.send_at - timedelta(days=3))

    assert launch_due() == 1
    assert set(Recipient.objects.values_list("broadcast", flat=True)) == {other.pk}


def test_it_launches_to_nobody_without_harm(due):
    assert launch_due() == 1
    assert not due.recipients.exists()


@pytest.mark.parametrize(
    "name",
    [
        "Ada Okafor",
        "Dr. Ada Okafor",
        "dr Mrs. Ada",
        "Dr.",
        "",
        "  Zoë   O'Neil ",
        "Drew Carey",
        "MS",
        "Mr.\tBo",
        "李 雷",
    ],
)
def test_it_greets_as_the_contact_does(due, name):
    contact = person("x", email="x@example.com")
    Contact.objects.filter(pk=contact.pk).update(name=name)
    at_gym(contact)

    launch_due()

    contact.refresh_from_db()
    assert Message.objects.get().values["first_name"] == contact.first_name
