"""Several people on one form: one row each, with an address of their own or without."""

import pytest
from django.urls import reverse

from crm.mail.models import Message
from crm.mail.render import render
from crm.people.actions import may_write
from crm.people.models import Purpose
from tests.workshops.conftest import fill, letters_to, make_workshop
from tests.workshops.test_public_pages import typed
from workshops import actions
from workshops.models import Registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def roomy(practice):
    return make_workshop(capacity=4)


def party(**changes) -> dict:
    return typed(
        **{
            "submission": "abc",
            "with-1-name": "Ben Lovelace",
            "with-1-email": "ben@example.com",
            "with-2-name": "Cleo",
            "with-2-email": "",
            **changes,
        }
    )


def standing() -> list[tuple[str, str, str]]:
    return list(Registration.objects.order_by("pk").values_list("name", "email", "state"))


def test_it_registers_each_on_their_own(client, roomy):
    response = client.post(roomy.get_absolute_url(), party(), follow=True)

    assert standing() == [
        ("Ada Lovelace", "ada@example.com", "confirmed"),
        ("Ben Lovelace", "ben@example.com", "confirmed"),
        ("Cleo", "", "confirmed"),
    ]
    assert set(Registration.objects.values_list("party", flat=True)) == {"abc"}
    assert response.text.count("has a seat") == 3


def test_it_tells_apart_who_has_a_seat_and_who_waits(client, workshop):
    response = client.post(workshop.get_absolute_url(), party(), follow=True)

    assert [state for _name, _email, state in standing()] == ["confirmed", "confirmed", "waiting"]
    assert response.context["party"] == [["Ada Lovelace", True], ["Ben Lovelace", True], ["Cleo", False]]
    assert "is on the waiting list" in response.text


def test_it_keeps_the_answer_for_the_page_of_thanks_alone(client, workshop):
    cookie = client.post(workshop.get_absolute_url(), party()).cookies["registered"]

    assert cookie["path"] == reverse("workshop_thanks", args=[workshop.slug])
    assert cookie["httponly"]


def test_it_shows_the_plain_thanks_for_an_answer_that_was_made_up(client, workshop):
    client.cookies["registered"] = "made up"

    response = client.get(reverse("workshop_thanks", args=[workshop.slug]) + "?seat=yes")

    assert "Thank you. You have a seat." in response.text


def test_it_writes_to_whoever_brings_somebody_without_an_address(client, roomy):
    client.post(roomy.get_absolute_url(), party())
    cleo = Registration.objects.get(name="Cleo")

    (letter,) = letters_to(cleo)
    assert (letter.to_email, letter.calendar) == ("ada@example.com", "")
    assert "For Cleo, who comes with you" in render(letter).text
    assert cleo.token in render(letter).text
    assert Message.objects.exclude(calendar="").count() == 2


def test_it_takes_an_address_that_two_share_for_the_first_of_them(client, roomy):
    client.post(roomy.get_absolute_url(), party(**{"with-1-email": "ADA@example.com"}))

    assert [email for _name, email, _state in standing()] == ["ada@example.com", "", ""]


def test_it_takes_an_empty_row_for_nobody(client, roomy):
    client.post(roomy.get_absolute_url(), party(**{"with-1-name": "", "with-1-email": "", "with-2-name": ""}))

    assert [name for name, _email, _state in standing()] == ["Ada Lovelace"]
    assert Registration.objects.get().party == ""


def test_it_is_one_party_however_often_it_is_sent(client, roomy):
    for _ in range(3):
        response = client.post(roomy.get_absolute_url(), party(), follow=True)

    assert Registration.objects.count() == 3
    assert Message.objects.count() == 3
    assert response.text.count("has a seat") == 3


def test_it_keeps_every_row_when_one_needs_another_look(client, roomy):
    response = client.post(roomy.get_absolute_url(), party(**{"with-2-name": "", "with-2-email": "cleo@"}))

    assert response.status_code == 422
    assert "Person 3, E-mail: This does not look like an e-mail address." in response.text
    assert "Write who comes with you" in response.text
    assert 'value="Ben Lovelace"' in response.text
    assert 'href="#id_with-2-email"' in response.text
    assert not Registration.objects.exists()


def test_it_adds_a_row_without_a_script_and_loses_nothing(client, roomy):
    response = client.post(roomy.get_absolute_url(), party(change="add", name="", wants_news="on"))

    assert response.status_code == 200
    assert 'name="with-3-name"' in response.text
    assert 'value="Ben Lovelace"' in response.text
    assert " checked" in response.text
    assert "another look" not in response.text
    assert 'role="alert"' not in response.text
    assert not Registration.objects.exists()


def test_it_takes_a_row_off_without_a_script(client, roomy):
    response = client.post(roomy.get_absolute_url(), party(change="drop-1"))

    assert 'value="Ben Lovelace"' not in response.text
    assert 'name="with-2-name" value="Cleo"' in response.text


def test_it_takes_six_at_most(client, roomy):
    six = {f"with-{n}-name": f"Friend {n}" for n in range(1, 9)}

    assert "for a larger group" in client.post(roomy.get_absolute_url(), typed(change="add", **six)).text.lower()
    client.post(roomy.get_absolute_url(), typed(**six))
    assert Registration.objects.count() == 6


def test_it_asks_each_of_them_nothing_about_letters_but_the_first(client, roomy):
    client.post(roomy.get_absolute_url(), party(wants_news="on"))

    ada, ben, cleo = Registration.objects.order_by("pk")
    assert may_write(ada.contact, purpose=Purpose.NEWS)
    assert not may_write(ben.contact, purpose=Purpose.NEWS)
    event = ada.contact.consents.get()
    assert event.source == "workshop registration"
    assert roomy.title in event.evidence
    assert cleo.contact == ada.contact


def test_it_agrees_to_nothing_by_registering(client, roomy):
    response = client.get(roomy.get_absolute_url())
    assert 'name="wants_news"' in response.text
    assert "checked" not in response.text

    client.post(roomy.get_absolute_url(), party())

    assert not Registration.objects.filter(contact__consents__isnull=False).exists()


def test_it_does_not_tell_which_of_them_was_here_before(client, practice):
    answers = []
    for known in ("Ben", "Somebody"):
        workshop = make_workshop(capacity=3)
        fill(workshop, known)
        sent = party(submission=known, **{"with-2-name": "", "email": f"ada.{known}@example.com"})
        answers.append(client.post(workshop.get_absolute_url(), sent, follow=True).context["party"])

    assert answers[0] == answers[1] == [["Ada Lovelace", True], ["Ben Lovelace", True]]


def test_it_lists_on_ones_own_page_whom_one_brought(client, roomy):
    client.post(roomy.get_absolute_url(), party())
    ada, ben, cleo = Registration.objects.order_by("pk")

    assert cleo.get_absolute_url() in client.get(ada.get_absolute_url()).text
    assert cleo.get_absolute_url() not in client.get(ben.get_absolute_url()).text
    assert "Cleo has a seat." in client.get(cleo.get_absolute_url()).text
    assert "ada@example.com" in client.get(cleo.get_absolute_url()).text


def test_it_gives_the_seat_of_one_back_and_takes_it_again(client, roomy):
    client.post(roomy.get_absolute_url(), party())
    cleo = Registration.objects.get(name="Cleo")

    client.post(reverse("registration_cancel", args=[cleo.token]))
    assert roomy.registrations.active().count() == 2
    client.post(reverse("registration_again", args=[cleo.token]))

    new = roomy.registrations.active().get(name="Cleo")
    assert (new.email, new.party, new.contact) == ("", "abc", cleo.contact)


def test_it_moves_somebody_without_an_address_up_the_list(client, workshop):
    client.post(workshop.get_absolute_url(), party())
    ada, _ben, cleo = Registration.objects.order_by("pk")

    actions.cancel(ada)

    cleo.refresh_from_db()
    assert cleo.has_seat
    assert letters_to(cleo)[-1].to_email == "ada@example.com"
