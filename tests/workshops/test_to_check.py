"""The office's list of registrations that looked odd: let in, throw away, and back again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message
from crm.people.models import Contact
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.models import Invite, Registration, Workshop

pytestmark = pytest.mark.django_db

URL = "/admin/registrations/to-check/"


def doubtful(workshop, name="Eve", **details) -> Registration:
    email = f"{name.lower()}@example.com"
    return actions.register(workshop, name=name, email=email, doubt="It came too fast.", **details)


@pytest.fixture
def at_desk(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def eve(workshop) -> Registration:
    return doubtful(workshop)


def press(client, name, *args, **sent):
    return client.post(reverse(name, args=args), sent, follow=True)


def let_in(client, registration):
    return press(client, "let_registration_in", registration.pk)


def test_it_shows_who_waits_and_why(at_desk, eve, quiet_gym):
    page = at_desk.get(URL)

    assert page.status_code == 200
    for words in ("Eve", "eve@example.com", "It came too fast.", "Knees that last"):
        assert words in page.text


def test_it_leaves_out_what_is_over_or_called_off(at_desk, practice):
    for fields in ({"state": "cancelled"}, {"state": "held"}):
        workshop = make_workshop()
        doubtful(workshop)
        Workshop.objects.filter(pk=workshop.pk).update(**fields)

    assert "Nothing to check." in at_desk.get(URL).text


def test_it_needs_a_login(client, eve):
    assert client.get(URL).url.startswith("/admin/login/")


@pytest.mark.parametrize(
    "name", ["let_registration_in", "doubt_registration_again", "throw_registrations_away", "bring_registrations_back"]
)
def test_it_lets_a_viewer_look_and_nothing_else(client, viewer, eve, name):
    client.force_login(viewer)

    page = client.get(URL)
    assert "Eve" in page.text
    assert "Let in" not in page.text.split('class="rows"')[1]
    args = [eve.pk] if "registration_" in name else []
    client.post(reverse(name, args=args), {"chosen": eve.pk})
    eve.refresh_from_db()
    assert eve.state == "quarantined"
    client.force_login(viewer)
    assert client.get(reverse(name, args=args)).status_code in {302, 405}


def test_it_refuses_the_wrong_method(at_desk, eve):
    assert at_desk.post(URL).status_code == 405
    for name, args in (("let_registration_in", [eve.pk]), ("throw_registrations_away", [])):
        assert at_desk.get(reverse(name, args=args)).status_code == 405


def test_it_costs_the_same_for_three_and_thirty(at_desk, practice, queries_of):
    workshop = make_workshop()
    for number in range(3):
        doubtful(workshop, name=f"Eve{number}")
    few = queries_of(URL)
    for number in range(27):
        doubtful(workshop, name=f"Adam{number}")

    assert queries_of(URL) == few


def test_it_lets_in_and_writes_a_minute_later(at_desk, eve):
    response = let_in(at_desk, eve)

    eve.refresh_from_db()
    (letter,) = letters_to(eve)
    assert eve.has_seat
    assert "Eve has a seat. The e-mail leaves in a minute." in response.text
    assert 50 < (letter.not_before - timezone.now()).total_seconds() <= 60
    assert Contact.objects.get(email="eve@example.com").archived_at is None


def test_it_puts_on_the_list_whom_it_lets_in_too_late(at_desk, workshop, eve):
    fill(workshop, "Ada", "Ben")

    assert "Eve is on the waiting list." in let_in(at_desk, eve).text


def test_it_takes_back_that_somebody_was_let_in(at_desk, workshop, eve):
    let_in(at_desk, eve)

    response = press(at_desk, "doubt_registration_again", eve.pk)

    eve.refresh_from_db()
    workshop.refresh_from_db()
    assert "Eve waits for a look again." in response.text
    assert (eve.state, workshop.seats_taken) == ("quarantined", 0)
    assert not Invite.objects.exists()
    assert not Message.objects.filter(state=Message.State.QUEUED).exists()


def test_it_writes_when_somebody_is_let_in_once_more(at_desk, eve):
    for name in ("let_registration_in", "doubt_registration_again", "let_registration_in"):
        press(at_desk, name, eve.pk)

    eve.refresh_from_db()
    assert eve.has_seat
    assert Message.objects.filter(state=Message.State.QUEUED).count() == 1


def test_it_gives_the_seat_on_when_it_is_taken_back(at_desk, workshop, eve):
    let_in(at_desk, eve)
    _ada, ben = fill(workshop, "Ada", "Ben")
    assert ben.state == "waiting"

    press(at_desk, "doubt_registration_again", eve.pk)

    ben.refresh_from_db()
    assert ben.has_seat


def test_it_takes_nothing_back_once_a_letter_has_left(at_desk, eve):
    let_in(at_desk, eve)
    Message.objects.update(state=Message.State.HANDED_OVER, settled_at=timezone.now())

    response = press(at_desk, "doubt_registration_again", eve.pk)

    eve.refresh_from_db()
    assert "The e-mail has left already." in response.text
    assert eve.has_seat


def test_it_takes_back_nobody_whom_nobody_doubted(at_desk, workshop):
    (ada,) = fill(workshop, "Ada")

    response = press(at_desk, "doubt_registration_again", ada.pk)

    ada.refresh_from_db()
    assert "has been looked at already" in response.text
    assert ada.has_seat


def test_it_decides_once(at_desk, eve):
    press(at_desk, "throw_registrations_away", chosen=eve.pk)

    assert "has been looked at already" in let_in(at_desk, eve).text
    assert "Somebody has decided" in press(at_desk, "throw_registrations_away", chosen=eve.pk).text


def test_it_throws_away_without_a_word_and_brings_back(at_desk, eve):
    response = press(at_desk, "throw_registrations_away", chosen=eve.pk)

    eve.refresh_from_db()
    assert "Thrown away: Eve. Nobody is told." in response.text
    assert (eve.state, eve.cancelled_by) == ("cancelled", "office")
    assert not Message.objects.exists()
    assert reverse("bring_registrations_back") in response.text

    press(at_desk, "bring_registrations_back", chosen=eve.pk)
    eve.refresh_from_db()
    assert (eve.state, eve.cancelled_at, eve.cancelled_by) == ("quarantined", None, "")


def test_it_throws_all_away_at_once_and_brings_all_back(at_desk, workshop):
    rows = [doubtful(workshop, name=f"Eve{number}") for number in range(4)]
    chosen = ",".join(str(row.pk) for row in rows)
    assert "Throw all 4 away" in at_desk.get(URL).text

    assert "4 registrations" in press(at_desk, "throw_registrations_away", chosen=chosen).text
    assert "All 4 are back." in press(at_desk, "bring_registrations_back", chosen=chosen).text
    assert Registration.objects.to_check().count() == 4


def test_it_brings_nobody_back_who_had_a_seat(at_desk, workshop, eve):
    (ada,) = fill(workshop, "Ada")
    actions.cancel(ada, by=Registration.CancelledBy.OFFICE)
    let_in(at_desk, eve)
    actions.cancel(eve, by=Registration.CancelledBy.OFFICE)

    for gone in (ada, eve):
        assert "nothing to bring back" in press(at_desk, "bring_registrations_back", chosen=gone.pk).text


@pytest.mark.parametrize("chosen", ["", "x", "1,2,,", "99999999"])
def test_it_survives_what_nobody_would_send(at_desk, eve, chosen):
    assert press(at_desk, "throw_registrations_away", chosen=chosen).status_code == 200


def test_it_says_so_when_they_came_again_by_themselves(at_desk, workshop, eve):
    fill(workshop, "Eve")

    response = let_in(at_desk, eve)

    assert "has registered a second time since" in response.text
    assert workshop.registrations.active().count() == 1


def test_it_lets_in_somebody_without_an_address(at_desk, workshop, eve):
    cleo = actions.register(workshop, name="Cleo", email="", contact=eve.contact, party="p", doubt="Odd.")

    let_in(at_desk, cleo)

    cleo.refresh_from_db()
    assert cleo.has_seat
    assert letters_to(cleo)[0].to_email == "eve@example.com"


def test_it_asks_on_today_while_somebody_waits(at_desk, eve):
    assert "1 registration looks odd." in at_desk.get("/admin/").text

    press(at_desk, "throw_registrations_away", chosen=eve.pk)
    assert "looks odd" not in at_desk.get("/admin/").text


def test_it_points_from_the_workshops_page(at_desk, workshop, eve):
    page = at_desk.get(reverse("workshops:inspect", args=[workshop.pk]))

    assert "1 registration looks odd and waits" in page.text
