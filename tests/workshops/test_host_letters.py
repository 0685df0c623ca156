"""Letters to the host: drafted with counts, sent by one tap and never by themselves, noted, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message, MessageClass
from crm.office.tick import work
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.models import FollowUp, Role, Touch
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.host_letters import Letter, draft
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(quiet_gym) -> Contact:
    """The host's main person, who said yes to letters."""
    contact = Contact.objects.create(name="Dana Smith", email="dana@ironworks.example.com")
    Role.objects.create(partner=quiet_gym, contact=contact, is_primary=True)
    record_consent(contact, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")
    return contact


@pytest.fixture
def ahead(practice, quiet_gym, dana) -> Workshop:
    """In six days, two of three seats taken, with the steps of its plan."""
    workshop = make_workshop(host=quiet_gym, starts_at=timezone.now() + timedelta(days=6), capacity=3)
    fill(workshop, "Ada Lovelace", "Ben Okri")
    actions.prepare(workshop, by=None)
    return Workshop.objects.get()


@pytest.fixture
def held(ahead) -> Workshop:
    Registration.objects.filter(name="Ada Lovelace").update(checked_in_at=timezone.now())
    start = timezone.now() - timedelta(days=1)
    Workshop.objects.update(state="held", starts_at=start, ends_at=start + timedelta(hours=1))
    return Workshop.objects.get()


def address(workshop, letter="count", name="write_to_host") -> str:
    return reverse(name, args=[workshop.pk, letter])


def typed(to: Contact, **other) -> dict:
    return {"to": to.pk, "subject": "Two signed up", "words": "Hello Dana, two signed up.", **other}


def test_it_counts_and_names_nobody(ahead, dana):
    words = draft(ahead, Letter.COUNT, to=dana).words

    assert "2 people have signed up" in words
    assert "1 of 3 seats is free" in words
    assert f"/w/{ahead.slug}/{ahead.host.code}" in words
    assert "Ada" not in words and "Ben" not in words


def test_it_thanks_with_the_number_who_came(held, dana):
    words = draft(held, Letter.THANKS, to=dana).words

    assert "1 person came." in words
    assert words.startswith("Hello Dana,")


def test_it_says_that_all_seats_are_taken(ahead, dana):
    fill(ahead, "Cleo", "Dora")

    words = draft(Workshop.objects.get(), Letter.COUNT, to=dana).words

    assert "all seats are taken, and 1 person is on the waiting list" in words


def test_it_sends_with_one_tap_notes_it_and_does_the_step(client, owner, ahead, dana):
    client.force_login(owner)

    client.post(address(ahead), typed(dana))

    message = Message.objects.get(dedupe_key__startswith=f"workshop:{ahead.pk}:count:")
    assert (message.message_class, message.to_email) == (MessageClass.PARTNER, dana.email)
    assert message.not_before > timezone.now() + timedelta(seconds=100)
    touch = Touch.objects.get(kind=Touch.TouchKind.EMAIL)
    assert list(touch.contacts.all()) == [dana]
    assert FollowUp.objects.get(title="Tell the host how many have signed up").done_at


def test_it_thanks_as_a_touch_of_thanks(client, owner, held, dana):
    client.force_login(owner)

    client.post(address(held, "thanks"), typed(dana))

    assert Message.objects.get(dedupe_key__contains=":thanks:").message_class == MessageClass.TRANSACTIONAL
    assert Touch.objects.filter(kind=Touch.TouchKind.THANKS).count() == 1
    assert FollowUp.objects.get(title="Thank the host").done_at


def test_it_takes_back_what_has_not_left(client, owner, ahead, dana):
    client.force_login(owner)
    client.post(address(ahead), typed(dana))
    touch = Touch.objects.get(kind=Touch.TouchKind.EMAIL)

    client.post(address(ahead, name="take_back_host_letter"), {"touch": touch.pk})

    assert Message.objects.get(dedupe_key__contains=":count:").state == Message.State.SKIPPED
    assert FollowUp.objects.get(title="Tell the host how many have signed up").done_at is None
    touch.refresh_from_db()
    assert touch.taken_back_at
    client.post(address(ahead), typed(dana))
    assert Message.objects.filter(dedupe_key__contains=":count:", state=Message.State.QUEUED).count() == 1


def test_it_cannot_take_back_what_has_left(client, owner, ahead, dana):
    client.force_login(owner)
    client.post(address(ahead), typed(dana))
    Message.objects.filter(dedupe_key__contains=":count:").update(state="handed_over", settled_at=timezone.now())
    touch = Touch.objects.get(kind=Touch.TouchKind.EMAIL)

    client.post(address(ahead, name="take_back_host_letter"), {"touch": touch.pk})

    touch.refresh_from_db()
    assert touch.taken_back_at is None


def test_it_sends_once(client, owner, ahead, dana):
    client.force_login(owner)
    client.post(address(ahead), typed(dana))

    answer = client.post(address(ahead), typed(dana))

    assert answer.status_code == 422
    assert "Once is enough." in answer.content.decode()


def test_it_refuses_the_name_of_a_registrant_and_keeps_the_words(client, owner, ahead, dana):
    client.force_login(owner)

    answer = client.post(address(ahead), typed(dana, words="Ada  lovelace comes too."))

    assert answer.status_code == 422
    assert "Ada Lovelace is registered, and hosts get counts" in answer.content.decode()
    assert "Ada  lovelace comes too." in answer.content.decode()
    assert not Message.objects.filter(dedupe_key__startswith="workshop:").exists()


def test_it_writes_only_to_the_hosts_people(client, owner, ahead):
    stranger = Contact.objects.create(name="Eve", email="eve@example.com")
    client.force_login(owner)

    assert client.post(address(ahead), typed(stranger)).status_code == 422


@pytest.mark.parametrize("letter", ["count", "thanks"])
def test_it_has_a_time_for_each(ahead, owner, dana, letter):
    Workshop.objects.update(state="cancelled" if letter == "count" else "open")

    with pytest.raises(actions.Refusal):
        actions.tell_host(Workshop.objects.get(), Letter(letter), to=dana, subject="A", words="B", by=owner)


def test_it_says_when_there_is_no_yes_to_letters(client, owner, ahead, dana):
    record_consent(dana, purpose=Purpose.PARTNER, state=ConsentEvent.State.WITHDRAWN, source="in person")
    client.force_login(owner)

    assert "We have no yes to letters from Dana Smith." in client.get(address(ahead)).content.decode()


def test_nothing_to_a_host_leaves_by_itself(ahead, held):
    work()

    assert not Message.objects.filter(dedupe_key__startswith="workshop:").exists()


def test_it_is_for_who_may_change_workshops(client, viewer, ahead, dana):
    assert client.get(address(ahead)).status_code == 302
    client.force_login(viewer)
    assert client.get(address(ahead)).status_code == 302
    client.post(address(ahead), typed(dana))
    assert client.get(address(ahead, name="take_back_host_letter")).status_code in (302, 405)
    assert not Message.objects.filter(dedupe_key__startswith="workshop:").exists()


def test_it_has_no_letter_without_a_host_or_of_another_name(client, owner, ahead):
    client.force_login(owner)

    assert client.get(address(ahead, "other")).status_code == 404
    Workshop.objects.update(host=None)
    assert client.get(address(ahead)).status_code == 404


@pytest.mark.parametrize(
    ("title", "leads_to"),
    [
        ("Send the host what they need: poster, words for a post, the sign-up page", "kit/"),
        ("Send the host the kit once more: flyer, code, words to forward", "kit/"),
        ("Tell the host how many have signed up", "/count/"),
        ("Thank the host", "/thanks/"),
        ("Pack: mats, bands, sign-in sheet, cards", "inspect/"),
    ],
)
def test_a_to_do_leads_to_what_helps_with_it(client, owner, ahead, title, leads_to):
    client.force_login(owner)

    answer = client.get(reverse("workshop_step", args=[FollowUp.objects.get(title=title).pk]))

    assert leads_to in answer["Location"]
