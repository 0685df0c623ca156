from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.models import Message, MessageClass
from crm.mail.render import render
from crm.people.models import Contact
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.actions import registering
from workshops.models import Invite, Registration, Workshop

pytestmark = pytest.mark.django_db


def test_it_gives_a_seat_with_an_invite_and_a_letter(workshop):
    ada = actions.register(workshop, name="Ada Lovelace", email=" Ada@Example.com ", phone="613 555 0101")

    workshop.refresh_from_db()
    assert (ada.state, ada.email, ada.contact.phone) == ("confirmed", "ada@example.com", "613 555 0101")
    assert workshop.seats_taken == 1
    assert ada.invite.sequence == 0
    letter = Message.objects.get()
    assert letter.message_class == MessageClass.TRANSACTIONAL
    assert letter.priority == Message.Priority.NOW
    assert (letter.to_email, letter.calendar_method) == ("ada@example.com", "REQUEST")


def test_it_puts_the_next_person_on_the_waiting_list_without_an_invite(workshop):
    fill(workshop, "Ada", "Ben")

    cleo, dora = fill(workshop, "Cleo", "Dora")

    assert (cleo.state, cleo.position, dora.position) == ("waiting", 1, 2)
    assert not Invite.objects.filter(registration=cleo).exists()
    letter = letters_to(dora)[0]
    assert (letter.calendar, letter.calendar_method) == ("", "")
    assert "number 2 on the waiting list" in " ".join(render(letter).text.split())


def test_it_welcomes_the_same_address_again_and_writes_once_an_hour(workshop, time_machine_at):
    ada = actions.register(workshop, name="Ada", email="ada@example.com")

    for _ in range(5):
        assert actions.register(workshop, name="Ada L.", email="ADA@example.com") == ada
    assert len(letters_to(ada)) == 1

    time_machine_at(timezone.now() + timedelta(minutes=61))
    for _ in range(5):
        actions.register(workshop, name="Ada", email="ada@example.com")
    first, again = letters_to(ada)
    assert again.calendar == first.calendar
    assert again.content == first.content or again.content.text == first.content.text
    assert Registration.objects.count() == 1


def test_it_gives_a_new_row_and_a_new_uid_after_a_cancellation(workshop):
    first = actions.register(workshop, name="Ada", email="ada@example.com")
    uid, token = first.invite.uid, first.token
    actions.cancel(first)

    second = actions.register(workshop, name="Ada", email="ada@example.com")

    assert second.pk != first.pk
    assert second.invite.uid != uid
    assert second.token != token
    assert second.invite.sequence == 0


def test_it_keeps_one_contact_and_overwrites_nothing(workshop):
    Contact.objects.create(name="Ada Lovelace", email="ada@example.com")

    actions.register(workshop, name="A.", email="ada@example.com")

    assert Contact.objects.get(email="ada@example.com").name == "Ada Lovelace"


@pytest.mark.parametrize("state", ["draft", "held", "cancelled"])
def test_it_refuses_a_workshop_that_is_not_open(workshop, state):
    Workshop.objects.update(state=state)

    with pytest.raises(actions.WorkshopNotOpen):
        actions.register(workshop, name="Ada", email="ada@example.com")
    assert not Contact.objects.filter(email="ada@example.com").exists()


def test_it_refuses_a_workshop_that_has_begun(workshop):
    begun = timezone.now() - timedelta(minutes=1)
    late = make_workshop(starts_at=begun)

    with pytest.raises(actions.WorkshopOver):
        actions.register(late, name="Ada", email="ada@example.com")


def test_it_stops_who_registers_and_cancels_in_turns(workshop):
    for _ in range(registering.TRIES_AN_HOUR):
        actions.cancel(actions.register(workshop, name="Ada", email="ada@example.com"))

    with pytest.raises(actions.TooManyTries):
        actions.register(workshop, name="Ada", email="ada@example.com")


def test_it_asks_nothing_beyond_the_confirmation(workshop):
    ada = actions.register(workshop, name="Ada", email="ada@example.com")

    assert not ada.contact.consents.exists()
