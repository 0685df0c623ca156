from datetime import timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from tests.workshops.conftest import fill
from workshops import actions
from workshops.forms import DetailsForm
from workshops.models import Registration

pytestmark = pytest.mark.django_db


def test_it_shows_a_seat_and_keeps_itself_private(client, workshop):
    (ada,) = fill(workshop, "Ada")

    response = client.get(ada.get_absolute_url())

    assert "You have a seat." in response.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert f'rel="canonical" href="{workshop.public_url}"' in response.text


def test_it_shows_the_place_on_the_waiting_list(client, workshop):
    *_others, dora = fill(workshop, "Ada", "Ben", "Cleo", "Dora")

    assert "You are number 2 on the waiting list." in client.get(dora.get_absolute_url()).text


def test_it_knows_only_its_token(client, workshop):
    fill(workshop, "Ada")

    assert client.get("/r/guessed/").status_code == 404
    assert client.post("/r/guessed/cancel/").status_code == 404


def test_it_saves_name_and_phone(client, workshop):
    (ada,) = fill(workshop, "Ada")

    response = client.post(ada.get_absolute_url(), {"name": "Ada King", "phone": "613 555 0101"}, follow=True)

    ada.refresh_from_db()
    assert "Saved." in response.text
    assert (ada.name, ada.phone, ada.email) == ("Ada King", "613 555 0101", "ada@example.com")


def test_it_never_changes_the_address(client, workshop):
    (ada,) = fill(workshop, "Ada")

    client.post(ada.get_absolute_url(), {"name": "Ada", "email": "eve@example.com", "state": "waiting"})

    ada.refresh_from_db()
    assert (ada.email, ada.state) == ("ada@example.com", "confirmed")


def test_it_keeps_what_was_typed_when_the_name_is_missing(client, workshop):
    (ada,) = fill(workshop, "Ada")

    response = client.post(ada.get_absolute_url(), {"name": "", "phone": "613 555 0101"})

    assert response.status_code == 422
    assert 'value="613 555 0101"' in response.text


def test_it_gives_a_seat_back_and_takes_it_again(client, workshop):
    (ada,) = fill(workshop, "Ada")

    response = client.post(reverse("registration_cancel", args=[ada.token]), follow=True)
    assert "Your registration is cancelled." in response.text
    assert "There is still room." in response.text

    response = client.post(reverse("registration_again", args=[ada.token]), follow=True)
    assert "You have a seat again." in response.text
    assert Registration.objects.confirmed().get().token != ada.token


def test_it_leads_from_an_old_letter_to_what_they_hold_now(client, workshop):
    ada, ben = fill(workshop, "Ada", "Ben")
    actions.cancel(ada)
    again = actions.register_again(ada)

    for old in (ada.get_absolute_url(), reverse("registration_cancel", args=[ada.token])):
        answer = client.get(old, follow=True)
        assert "You have a seat." in answer.text
        assert answer.redirect_chain[-1][0] == again.get_absolute_url()
    assert client.get(ben.get_absolute_url()).status_code == 200


def test_it_leads_nobody_to_whom_they_brought(client, workshop):
    people = [actions.Person("Dora", "dora@example.com"), actions.Person("Emil")]
    dora, emil = actions.register_party(workshop, people, submission="abc")
    actions.cancel(dora)
    assert "Your registration is cancelled." in client.get(dora.get_absolute_url()).text

    actions.cancel(emil)
    actions.register_again(dora)

    assert "Your registration is cancelled." in client.get(emil.get_absolute_url()).text


def test_it_offers_the_list_when_the_seat_is_gone(client, workshop):
    ada, *_others = fill(workshop, "Ada", "Ben", "Cleo")
    client.post(reverse("registration_cancel", args=[ada.token]))

    response = client.post(reverse("registration_again", args=[ada.token]), follow=True)

    assert "You are number 1 on the waiting list." in response.text


def test_it_says_so_when_cancelled_twice(client, workshop):
    (ada,) = fill(workshop, "Ada")
    client.post(reverse("registration_cancel", args=[ada.token]))

    response = client.post(reverse("registration_cancel", args=[ada.token]), follow=True)

    assert "This has already been cancelled." in response.text


def test_it_says_so_when_it_is_too_late(client, workshop, time_machine_at):
    (ada,) = fill(workshop, "Ada")
    time_machine_at(workshop.starts_at + timedelta(minutes=5))

    response = client.post(reverse("registration_cancel", args=[ada.token]), follow=True)

    assert "has already begun" in response.text
    assert Registration.objects.confirmed().count() == 1


def test_it_shows_a_cancelled_workshop(client, workshop):
    (ada,) = fill(workshop, "Ada")
    actions.cancel_workshop(workshop, reason="Snow.")

    response = client.get(ada.get_absolute_url())

    assert "This workshop does not take place." in response.text
    assert "Snow." in response.text


def test_it_gives_their_own_event_with_the_uid_of_the_invite(client, workshop):
    (ada,) = fill(workshop, "Ada")

    response = client.get(reverse("registration_calendar", args=[ada.token]))

    event = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert str(event["UID"]) == str(ada.invite.uid)
    assert ada.token not in response.text


def test_it_has_no_event_for_those_who_wait(client, workshop):
    *_others, cleo = fill(workshop, "Ada", "Ben", "Cleo")

    assert client.get(reverse("registration_calendar", args=[cleo.token])).status_code == 404


def test_it_acts_on_post_alone(client, workshop):
    (ada,) = fill(workshop, "Ada")

    for method in ("get", "head", "put", "delete"):
        assert getattr(client, method)(reverse("registration_again", args=[ada.token])).status_code == 405
    assert Registration.objects.confirmed().count() == 1


def test_it_leaves_a_seat_alone_that_came_while_somebody_typed(client, workshop, monkeypatch):
    *_seated, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    clean = DetailsForm.clean

    def clean_while_a_seat_comes(form):
        actions.change_capacity(workshop, capacity=3)
        return clean(form)

    monkeypatch.setattr(DetailsForm, "clean", clean_while_a_seat_comes)
    client.post(cleo.get_absolute_url(), {"name": "Cleo Diaz", "phone": ""})

    cleo.refresh_from_db()
    assert (cleo.name, cleo.state) == ("Cleo Diaz", Registration.State.CONFIRMED)
