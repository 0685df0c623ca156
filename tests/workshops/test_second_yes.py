"""A workshop that asks for a second yes: a letter first, and nothing before the link in it is pressed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message
from crm.mail.render import render
from crm.people.models import Contact
from tests.workshops.conftest import fill, letters_to, make_workshop
from tests.workshops.test_public_pages import typed
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def wary(workshop) -> Workshop:
    """It asks for a second yes, and has two seats."""
    workshop.asks_again = True
    workshop.save(update_fields=["asks_again"])
    return workshop


def send(client, workshop, **sent):
    return client.post(workshop.get_absolute_url(), typed(**sent), follow=True)


def asked(workshop, name="Ada", **details) -> Registration:
    return actions.ask_again(workshop, name=name, email=f"{name.lower()}@example.com", **details)


def link(registration) -> str:
    return reverse("registration_confirm", args=[registration.token])


def test_it_is_off_unless_somebody_asks_for_it(client, workshop):
    send(client, workshop)

    assert Registration.objects.get().has_seat


def test_it_writes_one_letter_and_keeps_no_seat(client, wary):
    page = send(client, wary)

    row = Registration.objects.get()
    wary.refresh_from_db()
    (letter,) = letters_to(row)
    assert (row.state, wary.seats_taken) == ("unconfirmed", 0)
    assert row.confirm_url in render(letter).text
    assert letter.calendar == ""
    assert "One more press, please." in page.text
    assert Contact.objects.get(email="ada@example.com").archived_at


def test_its_letter_carries_nothing_that_was_typed(client, wary):
    send(client, wary, name="Cheap Watches", phone="1", heard_from="A poster or flyer")

    written = render(Message.objects.get())
    assert "Cheap" not in written.subject + written.text + written.html


def test_it_answers_alike_whoever_is_known(client, wary):
    fill(wary, "Known")
    sent = [{"email": "known@example.com"}, {"email": "new@example.com"}, {"email": "new@example.com"}]
    sent += [{"email": "machine@example.com", "website": "x"}]

    answers = [send(client, wary, **each) for each in sent]

    assert len({answer.redirect_chain[-1] for answer in answers}) == 1
    assert len({answer.text for answer in answers}) == 1


def test_it_asks_again_at_most_once_an_hour(wary, time_machine_at):
    row = asked(wary)
    asked(wary)
    assert len(letters_to(row)) == 1
    time_machine_at(timezone.now() + timedelta(minutes=61))

    again = asked(wary)

    assert again == row
    assert len(letters_to(row)) == 2


def test_it_sends_whoever_has_a_seat_their_confirmation_once_more(wary, time_machine_at):
    (ada,) = fill(wary, "Ada")
    time_machine_at(timezone.now() + timedelta(minutes=61))

    assert asked(wary) == ada

    assert [letter.content.subject.split(":")[0] for letter in letters_to(ada)] == ["You have a seat"] * 2


def test_it_writes_nothing_to_whom_we_doubt(client, wary):
    send(client, wary, website="x")
    send(client, wary)

    assert Registration.objects.get().state == "quarantined"
    assert not Message.objects.exists()


@pytest.mark.parametrize("is_private", [True, False])
def test_it_asks_nobody_who_comes_by_a_partner_or_with_the_code(client, wary, quiet_gym, is_private):
    Workshop.objects.update(is_private=is_private)
    way = reverse("workshop_from", args=[wary.slug, quiet_gym.code])

    client.post(f"{way}?code={wary.code}" if is_private else way, typed())

    assert Registration.objects.get().has_seat


def test_it_asks_when_the_link_is_opened_and_seats_when_it_is_pressed(client, wary):
    row = asked(wary)

    page = client.get(link(row))
    row.refresh_from_db()
    assert "Was it you who registered?" in page.text
    assert row.state == "unconfirmed"

    answer = client.post(link(row), follow=True)
    row.refresh_from_db()
    wary.refresh_from_db()
    assert (row.state, wary.seats_taken) == ("confirmed", 1)
    assert "You have a seat." in answer.text
    assert Contact.objects.get(email="ada@example.com").archived_at is None
    assert letters_to(row)[-1].calendar_method == "REQUEST"


def test_it_seats_in_the_order_in_which_links_are_pressed(client, wary):
    rows = [asked(wary, name) for name in ("Ada", "Ben", "Cleo")]

    for row in reversed(rows):
        client.post(link(row))

    assert [Registration.objects.get(pk=row.pk).state for row in rows] == ["waiting", "confirmed", "confirmed"]


def test_it_gives_one_seat_however_often_it_is_pressed(client, wary):
    row = asked(wary)

    for _ in range(3):
        client.post(link(row))

    wary.refresh_from_db()
    assert wary.seats_taken == 1
    assert len(letters_to(row)) == 2


def test_it_leads_to_the_seat_they_have_had_since(client, wary):
    row = asked(wary)
    (ada,) = fill(wary, "Ada")

    answer = client.post(link(row), follow=True)

    assert answer.redirect_chain[-1][0] == ada.get_absolute_url()
    assert Registration.objects.active().count() == 1


def test_it_lets_in_whom_they_bring_without_an_address(client, wary):
    send(client, wary, **{"with-1-name": "Benno", "with-2-name": "Cleo", "with-2-email": "cleo@example.com"})
    ada = Registration.objects.get(name__startswith="Ada")

    client.post(link(ada))

    states = dict(Registration.objects.values_list("name", "state"))
    assert states == {ada.name: "confirmed", "Benno": "confirmed", "Cleo": "unconfirmed"}


def test_it_gives_up_after_two_days_and_still_lets_them_register(client, wary, time_machine_at):
    row = asked(wary)
    assert actions.lapse_unconfirmed() == 0
    time_machine_at(timezone.now() + timedelta(hours=49))

    assert (actions.lapse_unconfirmed(), actions.lapse_unconfirmed()) == (1, 0)

    row.refresh_from_db()
    assert (row.state, row.cancelled_by) == ("cancelled", "unconfirmed")
    page = client.get(link(row), follow=True)
    assert "Register again" in page.text
    client.post(reverse("registration_again", args=[row.token]))
    assert Registration.objects.active().get().has_seat


def test_it_gives_up_when_the_workshop_begins(wary, time_machine_at):
    Workshop.objects.update(starts_at=timezone.now() + timedelta(hours=1))
    asked(wary)
    time_machine_at(timezone.now() + timedelta(hours=1))

    assert actions.lapse_unconfirmed() == 1


def test_it_is_too_late_once_the_workshop_is_called_off(client, wary, owner):
    row = asked(wary)
    actions.cancel_workshop(wary, reason="A burst pipe.", by=owner)

    assert "does not take place" in client.post(link(row), follow=True).text
    assert len(letters_to(row)) == 1


def test_it_refuses_the_wrong_method_and_a_made_up_link(client, wary):
    assert client.put(link(asked(wary))).status_code == 405
    assert client.get("/r/nobody/confirm/").status_code == 404


def test_it_says_on_the_form_that_a_letter_comes_first(client, wary):
    assert "yours once you press the link in it" in client.get(wary.get_absolute_url()).text


def test_it_shows_the_office_who_was_asked_and_lets_them_in(client, owner, wary):
    row = asked(wary)
    client.force_login(owner)
    page = client.get(reverse("workshops:inspect", args=[wary.pk])).text
    assert "Asked for a second yes" in page

    answer = client.post(reverse("let_registration_in", args=[row.pk]), follow=True)

    assert "Ada has a seat." in answer.text
    assert answer.redirect_chain[-1][0] == reverse("workshops:inspect", args=[wary.pk])
    assert Registration.objects.get().has_seat


def test_it_copies_the_switch_with_the_workshop(practice):
    from workshops.actions.planning import likeness

    assert likeness(make_workshop(asks_again=True)).asks_again
