"""What those who came thought of it: the stars of the letter lead here, and only a press of the button keeps them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from partners.models import FollowUp
from tests.workshops.conftest import fill
from workshops import actions
from workshops.models import Registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(workshop, time_machine_at) -> Registration:
    """Came yesterday."""
    (ada,) = fill(workshop, "Ada Ray")
    time_machine_at(workshop.ends_at + timedelta(days=1))
    Registration.objects.filter(pk=ada.pk).update(checked_in_at=workshop.starts_at, phone="613 555 0142")
    ada.refresh_from_db()
    return ada


def address(registration: Registration, stars: int = 4) -> str:
    return reverse("registration_rate", args=[registration.token, stars])


def send(client, guest, **typed):
    typed = {"stars": "4", "words": "", "phone": "", "call_when": "", "words_ok": "", **typed}
    answer = client.post(address(guest, int(typed["stars"])), typed)
    guest.refresh_from_db()
    return answer


def todos() -> list[FollowUp]:
    return list(FollowUp.objects.filter(once_key__endswith=":call"))


def test_it_shows_the_stars_and_changes_nothing(client, guest):
    answer = client.get(address(guest, 3))

    page = answer.content.decode()
    assert page.count("checked") == 1
    assert answer.context["form"]["stars"].value() == 3
    assert "Please no medical details" in page
    assert 'value="613 555 0142"' in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    guest.refresh_from_db()
    assert guest.rating is None


def test_it_keeps_what_was_sent(client, guest):
    answer = send(client, guest, stars="5", words="More time for questions.")

    assert (guest.rating, guest.rating_words, guest.rated_at) == (5, "More time for questions.", timezone.now())
    assert guest.may_call_at is None
    assert todos() == []
    assert "You gave it 5 stars." in client.get(answer["Location"]).content.decode()


def test_it_can_be_changed_for_thirty_days(client, guest, time_machine_at):
    send(client, guest, stars="2")
    first = guest.rated_at
    time_machine_at(first + timedelta(days=29))
    send(client, guest, stars="4")
    assert (guest.rating, guest.rated_at) == (4, first)

    time_machine_at(first + timedelta(days=31))
    answer = send(client, guest, stars="1")

    assert guest.rating == 4
    assert "can’t be changed here any more" in client.get(answer["Location"]).content.decode()


def test_it_takes_the_stars_only_of_those_who_came(client, guest):
    Registration.objects.filter(pk=guest.pk).update(checked_in_at=None)

    answer = send(client, guest)

    assert guest.rating is None
    assert "We did not see you there." in client.get(answer["Location"]).content.decode()
    with pytest.raises(actions.NotRated):
        actions.rate(guest, stars=5)


def test_it_says_so_before_the_day(client, workshop):
    (ada,) = fill(workshop, "Ada Ray")

    assert "It has not begun yet." in client.get(address(ada)).content.decode()


@pytest.mark.parametrize("stars", [0, 6, 99999999999])
def test_it_knows_one_to_five_stars(client, guest, stars):
    assert client.get(address(guest, stars)).status_code == 404
    assert client.get(reverse("registration_rate", args=["nobody", 3])).status_code == 404


@pytest.mark.parametrize("stars", ["", "0", "7", "many"])
def test_it_asks_for_stars_and_keeps_the_words(client, guest, stars):
    answer = client.post(address(guest), {"stars": stars, "words": "Lovely evening."})

    assert answer.status_code == 422
    assert "Lovely evening." in answer.content.decode()


@pytest.mark.parametrize(
    "words", ["Now my left knee hurts less.", "I have had surgery twice", "Greetings, Jane Doe, knee pain since May"]
)
def test_it_asks_once_about_words_that_tell_of_a_body(client, guest, words):
    asked = send(client, guest, words=words)
    page = asked.content.decode()
    assert asked.status_code == 422
    assert words in page
    assert "Send it all the same" in page
    assert guest.rating is None

    mark = asked.context["form"].asked_about
    send(client, guest, words=words, words_ok=mark)
    assert guest.rating_words == words


@pytest.mark.parametrize(
    "words", ["Great tips for knee pain!", "I loved the part on backs.", "My whole team liked it."]
)
def test_it_lets_praise_be_praise(client, guest, words):
    send(client, guest, words=words)

    assert guest.rating_words == words


def test_it_promises_a_call_at_once_and_only_one(client, guest):
    send(client, guest, may_call="on", phone="613 555 0199", call_when="after five")
    send(client, guest, may_call="on", phone="613 555 0199", call_when="mornings")

    (todo,) = todos()
    assert todo.title == "Call Ada Ray (613 555 0199), mornings: came to “Knees that last”"
    assert (todo.contact, todo.partner, todo.due_on) == (guest.contact, None, timezone.localdate())
    assert (guest.phone, guest.call_when, guest.may_call_at) == ("613 555 0199", "mornings", timezone.now())


def test_it_takes_the_wish_back_and_brings_it_again(client, guest):
    send(client, guest, may_call="on", phone="613 555 0199")
    send(client, guest)
    assert guest.may_call_at is None
    assert todos()[0].taken_back_at

    send(client, guest, may_call="on", phone="613 555 0199")
    assert [todo.taken_back_at for todo in todos()] == [None]


@pytest.mark.parametrize("phone", ["", "call me", "12"])
def test_it_asks_for_a_number_to_call(client, guest, phone):
    answer = send(client, guest, may_call="on", phone=phone, words="Fine.")

    assert answer.status_code == 422
    assert "Write the number we may call." in answer.content.decode()
    assert "Your number</label>" in answer.content.decode()
    assert "Fine." in answer.content.decode()
    assert guest.rating is None


def test_it_changes_nothing_on_any_other_method(client, guest):
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(address(guest)).status_code == 405


def test_it_keeps_the_words_out_of_the_change_history(client, guest):
    send(client, guest, words="More time for questions.", may_call="on", phone="613 555 0199", call_when="mornings")

    written = [entry.changes for entry in LogEntry.objects.get_for_object(guest)]
    assert "rating" in written[0]
    assert "More time" not in str(written)


def test_it_calls_nobody_who_wished_to_be_forgotten(client, guest, owner):
    send(client, guest, may_call="on", phone="613 555 0199", call_when="mornings", words="Fine.")

    actions.erase(guest.contact, by=owner)

    guest.refresh_from_db()
    (todo,) = todos()
    assert (guest.call_when, guest.rating_words, guest.may_call_at, guest.rating) == ("", "", None, 4)
    assert (todo.title, bool(todo.taken_back_at)) == ("Call somebody whose name was erased", True)
    written = [entry.changes for entry in LogEntry.objects.get_for_object(todo)]
    assert "Ada" not in str(written)
    assert "0199" not in str(written)
