from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from partners.duplicates import NEARLY, pairs, twins_of
from partners.models import Partner

pytestmark = pytest.mark.django_db

URL = "/admin/partners/new/"


@pytest.fixture
def known() -> Partner:
    return Partner.objects.create(
        name="Café Ascent Inc.", phone="+1 613-555-0142", website="https://www.ascent.example/ottawa"
    )


@pytest.mark.parametrize(
    ("fields", "shares"),
    [
        ({"name": "cafe ascent"}, "name"),
        ({"name": "Other", "phone": "(613) 555 0142"}, "phone"),
        ({"name": "Other", "website": "http://ascent.example"}, "website"),
    ],
)
def test_it_knows_a_twin_by_one_mark(known, fields, shares):
    [twin] = twins_of(Partner(**fields))

    assert (twin.partner, twin.shares) == (known, shares)


@pytest.mark.parametrize(
    "fields", [{"name": "Ascent"}, {"name": "Other", "phone": "0142"}, {"name": "Other", "email": ""}]
)
def test_it_takes_nobody_for_a_twin_without_a_mark(known, fields):
    assert twins_of(Partner(**fields)) == []


def test_it_asks_once_and_then_adds_it(client, owner, known):
    client.force_login(owner)
    form = {"name": "Cafe Ascent", "kind": "other", "stage": "identified", "tier": "b"}

    asked = client.post(URL, form).content.decode()
    assert "has the same name" in asked
    assert known.get_absolute_url() in asked
    assert Partner.objects.filter(name="Cafe Ascent").count() == 0

    client.post(URL, form)
    assert Partner.objects.filter(name="Cafe Ascent").count() == 1


def test_it_asks_once_in_the_quick_log_too(at_desk, known):
    form = {"once": str(uuid4()), "partner": "new", "name": "Cafe Ascent", "asked": "", "kind": "visit"}

    asked = at_desk.post("/admin/log/", form)
    assert asked.status_code == 422
    assert "“Café Ascent Inc.” is here already." in unescape(asked.content.decode())
    assert Partner.objects.count() == 1

    for _press in range(2):
        assert at_desk.post("/admin/log/", {**form, "asked": "Cafe Ascent"}).status_code == 302
    assert Partner.objects.get(name="Cafe Ascent").touches.count() == 1


def test_it_answers_a_second_press_with_the_partner_that_the_first_one_made(at_desk):
    form = {"once": str(uuid4()), "partner": "new", "name": "Rideau Runners", "asked": "", "kind": "visit"}

    assert [at_desk.post("/admin/log/", form).status_code for _press in range(2)] == [302, 302]
    assert Partner.objects.get().touches.count() == 1


def test_it_asks_once_where_a_partner_is_chosen(at_desk, known):
    form = {"partner-chooser-creation-form-name": "Cafe Ascent", "name": "Cafe Ascent", "kind": "other", "city": ""}
    url = reverse("partner_chooser:create")

    assert "has the same name" in at_desk.post(url, form).json()["htmlFragment"]
    assert Partner.objects.count() == 1
    assert at_desk.post(url, form).json()["step"] == "chosen"
    assert Partner.objects.count() == 2


@pytest.mark.parametrize(
    ("one", "other", "shares"),
    [
        ({"name": "Ironworks Gym", "city": "Ottawa"}, {"name": "Iron Works Gym", "city": "Ottawa"}, [NEARLY]),
        ({"name": "Ironworks Gym", "city": "Ottawa"}, {"name": "Ironworks Gym", "city": "Gatineau"}, []),
        ({"name": "Ironworks Gym", "street": "1 Bank St"}, {"name": "Ironworks Gym", "street": "9 Elgin St"}, []),
        ({"name": "Studio 1", "city": "Ottawa"}, {"name": "Studio 2", "city": "Ottawa"}, []),
        ({"name": "A", "email": "x@a.example"}, {"name": "B", "email": "X@a.example"}, ["e-mail address"]),
        ({"name": "A", "phone": "613-555-0142 ext. 3"}, {"name": "B", "phone": "+16135550142"}, ["phone"]),
        ({"name": "A", "website": "https://facebook.com/a"}, {"name": "B", "website": "https://facebook.com/b"}, []),
        (
            {"name": "A", "website": "https://www.a.example/x"},
            {"name": "B", "website": "http://a.example"},
            ["website"],
        ),
    ],
)
def test_it_pairs_what_agrees_and_nothing_else(practice, one, other, shares):
    for fields in (one, other):
        Partner.objects.create(**fields)

    assert [share for pair in pairs() for share in pair.shares] == shares


@pytest.mark.parametrize(("letters", "is_pair"), [(10, True), (9, True), (8, False)])
def test_it_takes_names_for_one_from_nine_letters_in_ten(practice, letters, is_pair):
    """Names of ten letters that have so many in common."""
    Partner.objects.create(name="abcdefghij")
    Partner.objects.create(name="abcdefghij"[:letters] + "xyz"[: 10 - letters])

    assert bool(pairs()) is is_pair


def test_it_takes_no_number_of_a_head_office_for_a_sign(practice):
    Partner.objects.bulk_create(Partner(name=name * 5, email="hello@chain.example") for name in "abcdefghi")

    assert pairs() == []
