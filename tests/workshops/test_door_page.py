"""The page at the door as a server answers it: with and without scripts, for each role, and what a phone sends late."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop
from workshops.office.door import EMPTY_LINES

pytestmark = pytest.mark.django_db
PAGES = ["workshop_door", "workshop_door_list", "workshop_door_sheet", "workshop_door_host", "workshop_door_worker"]
POSTS = ["workshop_door_taps", "workshop_door_close", "workshop_door_reopen"]


@pytest.fixture
def tonight(practice, quiet_gym):
    """Three seats, and it began a minute ago; Ada and Zoë have one each."""
    workshop = make_workshop(host=quiet_gym, capacity=3, starts_at=timezone.now() + timedelta(minutes=5))
    fill(workshop, "Ada Adler", "Zoë Zahn")
    return begun(workshop)


def begun(workshop: Workshop) -> Workshop:
    Workshop.objects.filter(pk=workshop.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    workshop.refresh_from_db()
    return workshop


@pytest.fixture
def at_door(client, assistant):
    client.force_login(assistant)
    return client


def url(name: str, workshop: Workshop) -> str:
    return reverse(name, args=[workshop.pk])


def one(name: str) -> Registration:
    return Registration.objects.get(name=name)


def press(client, workshop: Workshop, **said):
    return client.post(url("workshop_door", workshop), said, follow=True)


def send(client, workshop: Workshop, *taps: dict):
    body = json.dumps({"taps": [{"key": f"k{number}", **tap} for number, tap in enumerate(taps)]})
    return client.post(url("workshop_door_taps", workshop), body, content_type="application/json")


# Who may


@pytest.mark.parametrize("name", [*PAGES, *POSTS])
def test_it_needs_a_login(client, tonight, name):
    answer = client.get(url(name, tonight))

    assert (answer.status_code, answer.url.startswith("/admin/login/")) == (302, True)


@pytest.mark.parametrize("name", POSTS)
def test_it_refuses_the_wrong_method(at_door, tonight, name):
    assert at_door.get(url(name, tonight)).status_code == 405


def test_it_lets_a_viewer_look_and_change_nothing(client, viewer, tonight):
    client.force_login(viewer)

    assert [client.get(url(name, tonight)).status_code for name in PAGES] == [200] * 5
    page = client.get(url("workshop_door", tonight)).text
    assert "Ada Adler" in page
    assert 'method="post"' not in page.partition("<template")[0]
    press(client, tonight, do="came", registration=one("Ada Adler").pk)
    assert send(client, tonight, {"do": "came", "registration": one("Ada Adler").pk}).status_code == 403
    client.post(url("workshop_door_close", tonight))
    tonight.refresh_from_db()
    assert (tonight.door_closed_at, tonight.registrations.came().count()) == (None, 0)


def test_it_allows_no_script_but_its_own(at_door, tonight):
    answer = at_door.get(url("workshop_door", tonight))

    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("max-age=0")


# Without scripts


def test_it_ticks_and_unticks(at_door, tonight):
    page = press(at_door, tonight, do="came", registration=one("Ada Adler").pk)
    assert "Ada Adler came." in page.text
    assert "<strong data-came-count>1</strong> of <span data-all-count>2</span>" in page.text

    page = press(at_door, tonight, do="undo", registration=one("Ada Adler").pk)
    assert "Ada Adler is not here yet." in page.text
    assert not tonight.registrations.came().exists()


@pytest.mark.parametrize(("sought", "found"), [("zoe", ["Zoë Zahn"]), ("AD AD", ["Ada Adler"]), ("nobody", [])])
def test_it_finds_half_a_name(at_door, tonight, sought, found):
    page = at_door.get(url("workshop_door", tonight), {"q": sought})

    assert [row.registration.name for row in page.context["rows"] if row.is_found] == found
    assert page.text.count('data-came="no" hidden>') == 2 - len(found)
    assert ("data-none hidden" in page.text) is bool(found)
    assert "<span data-all-count>2</span>" in page.text  # however few of them are shown


@pytest.mark.parametrize(
    ("sought", "name"), [("dora díaz", "Dora Díaz"), (" Ana de la O ", "Ana de la O"), ("zoe", ""), ("", "")]
)
def test_it_names_below_who_was_looked_for_and_is_not_there(at_door, tonight, sought, name):
    page = at_door.get(url("workshop_door", tonight), {"q": sought})

    assert page.context["name"] == name
    assert f'enterkeyhint="next" value="{name}"' in page.text


def test_it_asks_for_nobody_twice_after_an_extra_seat(at_door, tonight):
    press(at_door, tonight, do="walk_in", name="Cleo", key="a")
    page = press(at_door, tonight, do="walk_in", name="Dora", key="b", q="dora")

    assert (page.status_code, page.context["name"]) == (422, "")
    assert '<input type="hidden" name="name" value="Dora">' in page.text


def test_it_puts_in_who_just_comes(at_door, tonight):
    page = press(at_door, tonight, do="walk_in", name="Cleo", key="a")

    assert "Cleo came." in page.text
    assert (one("Cleo").source, one("Cleo").email) == ("walk_in", "")


def test_it_asks_before_it_adds_a_seat(at_door, tonight):
    press(at_door, tonight, do="walk_in", name="Cleo", key="a")

    page = press(at_door, tonight, do="walk_in", name="Dora", email="dora@example.com", key="b")
    assert page.status_code == 422
    assert "All 3 seats are taken." in page.text
    assert 'name="add_seat"' in page.text
    assert not Registration.objects.filter(name="Dora").exists()

    press(at_door, tonight, do="walk_in", name="Dora", email="dora@example.com", key="b", add_seat="yes")
    tonight.refresh_from_db()
    assert (one("Dora").has_seat, tonight.capacity) == (True, 4)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "walk_in", "name": " "}, "Write down a name."),
        ({"do": "walk_in", "name": "Cleo", "email": "cleo@"}, "Enter a valid email address."),
        ({"do": "dance"}, "Select a valid choice"),
    ],
)
def test_it_keeps_what_was_typed_and_says_what_is_wrong(at_door, tonight, said, words):
    page = press(at_door, tonight, **said)

    assert page.status_code == 422
    assert words in page.text
    assert f'value="{said.get("email", "")}"' in page.text
    assert Contact.objects.filter(name="Cleo").count() == 0


def test_it_refuses_somebody_of_another_workshop(at_door, tonight):
    (eve,) = fill(make_workshop(), "Eve")

    assert "not on the list" in press(at_door, tonight, do="came", registration=eve.pk).text
    assert not Registration.objects.came().exists()


def test_it_shows_who_waits_in_their_order(at_door, practice):
    workshop = make_workshop(capacity=1, starts_at=timezone.now() + timedelta(minutes=5))
    _ada, _zoe, cleo = fill(workshop, "Ada", "Zoë", "Cleo")
    actions.cancel(one("Ada"))

    page = at_door.get(url("workshop_door", workshop))
    assert [row.registration.name for row in page.context["waiting"]] == ["Zoë", "Cleo"]
    assert "Cleo has a seat." in press(at_door, workshop, do="seat", registration=cleo.pk).text


def test_it_ends_and_opens_again(at_door, tonight):
    press(at_door, tonight, do="came", registration=one("Ada Adler").pk)

    page = at_door.post(url("workshop_door_close", tonight), follow=True)
    assert "Check-in has ended." in page.text
    assert list(Registration.objects.stayed_away()) == [one("Zoë Zahn")]
    page = at_door.post(url("workshop_door_reopen", tonight), follow=True)
    assert "Check-in has ended." not in page.text


# What a phone sends


def test_it_takes_taps_in_their_order_and_twice(at_door, tonight):
    ada, at = one("Ada Adler").pk, round(timezone.now().timestamp() * 1000) - 60_000
    taps = [
        {"do": "came", "registration": ada, "at": at},
        {"do": "undo", "registration": ada, "at": at + 1000},
        {"do": "came", "registration": one("Zoë Zahn").pk, "at": at + 2000},
        {"do": "walk_in", "name": "Cleo", "at": at + 3000},
    ]

    answers = [send(at_door, tonight, *taps).json() for _twice in range(2)]

    assert {result["said"] for answer in answers for result in answer["results"].values()} == {"done"}
    assert [row.name for row in tonight.registrations.came().order_by("name")] == ["Cleo", "Zoë Zahn"]
    assert round(one("Zoë Zahn").checked_in_at.timestamp() * 1000) == at + 2000
    assert 'aria-pressed="true"' in answers[1]["list"]
    assert abs(answers[1]["now"] - timezone.now().timestamp() * 1000) < 60_000


def test_it_says_of_each_tap_what_became_of_it(at_door, tonight):
    fill_up = [{"do": "walk_in", "name": "Cleo", "key": "c"}, {"do": "walk_in", "name": "Dora", "key": "d"}]
    late = round(timezone.now().timestamp() * 1000) - 60_000
    Registration.objects.filter(pk=one("Ada Adler").pk).update(state="cancelled", cancelled_at=timezone.now())
    Workshop.objects.filter(pk=tonight.pk).update(seats_taken=1, capacity=2)

    results = send(
        at_door,
        tonight,
        {"do": "came", "registration": one("Ada Adler").pk, "at": late, "key": "a"},
        *fill_up,
        {"do": "came", "registration": 0, "key": "x"},
        {"do": "walk_in", "name": "N" * 121, "key": "n"},
    ).json()["results"]

    assert {key: result["said"] for key, result in results.items()} == {
        "a": "refused", "c": "done", "d": "full", "x": "refused", "n": "refused",
    }  # fmt: skip
    assert results["a"]["sentence"] == "Ada Adler was taken off the list after this tap."


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"taps": 3}', '{"taps": [3]}', json.dumps({"taps": [{}] * 101})])
def test_it_refuses_what_are_no_taps(at_door, tonight, body):
    answer = at_door.post(url("workshop_door_taps", tonight), body, content_type="application/json")

    assert answer.status_code == 400


def test_it_lists_with_the_same_queries_whatever_their_number(at_door, tonight, django_assert_num_queries):
    at_door.get(url("workshop_door_list", tonight))
    with django_assert_num_queries(12, exact=False) as few:
        at_door.get(url("workshop_door_list", tonight))
    people = Contact.objects.bulk_create(Contact(name=f"P {n}", email=f"p{n}@example.com") for n in range(300))
    Registration.objects.bulk_create(
        Registration(workshop=tonight, contact=person, name=person.name, email=person.email, state="waiting")
        for person in people
    )
    with django_assert_num_queries(len(few), exact=True):
        assert "P 299" in at_door.get(url("workshop_door_list", tonight)).json()["list"]


# On paper, and for the host


def test_it_prints_names_and_empty_lines_and_no_address(at_door, tonight):
    page = at_door.get(url("workshop_door_sheet", tonight)).text

    assert "Ada Adler" in page
    assert "@" not in page
    assert page.count("<tr>") == 1 + 2 + EMPTY_LINES


def test_it_gives_the_host_numbers_alone(at_door, tonight):
    press(at_door, tonight, do="came", registration=one("Ada Adler").pk)
    press(at_door, tonight, do="walk_in", name="Cleo")

    answer = at_door.get(url("workshop_door_host", tonight))

    assert "Ada" not in answer.text
    assert dict(answer.context["counts"]) == {
        "Seats": 3, "Registered": 2, "Of these, your own people": 0, "On the waiting list": 0, "Came": 2,
        "Of these, at the door without a registration": 1,
    }  # fmt: skip


def test_it_keeps_one_page_on_the_phone_and_nothing_else(at_door, tonight):
    answer = at_door.get(url("workshop_door_worker", tonight))

    assert answer["Content-Type"].startswith("text/javascript")
    assert f'const PAGE = "{url("workshop_door", tonight)}";' in answer.text
