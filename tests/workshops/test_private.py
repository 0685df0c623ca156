"""A private workshop is on no list, and opens with its code alone."""

import pytest
from django.urls import reverse

from tests.workshops.conftest import make_workshop
from tests.workshops.test_public_pages import typed
from workshops import entrance, links
from workshops.models import Registration

pytestmark = pytest.mark.django_db

NETWORK = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def private(practice, quiet_gym):
    return make_workshop(title="For the trainers alone", host=quiet_gym, is_private=True, code="AB23CD45")


def test_it_is_on_no_list(client, private):
    for address in (reverse("workshops"), "/sitemap.xml"):
        page = client.get(address, headers={"host": "localhost"}).text
        assert private.slug not in page
        assert private.title not in page


def test_it_tells_nothing_without_the_code(client, private):
    response = client.get(private.get_absolute_url())

    assert response.status_code == 403
    assert "This one is by invitation." in response.text
    assert private.title not in response.text
    assert private.place not in response.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("name", ["workshop_thanks", "workshop_calendar"])
def test_it_tells_nothing_on_its_other_pages(client, private, name):
    response = client.get(reverse(name, args=[private.slug]))

    assert response.status_code == 403
    assert private.title not in response.text


@pytest.mark.parametrize("code", ["AB23CD45", "ab23cd45", " ab23-cd45 "])
def test_it_opens_with_the_code_however_it_is_typed(client, private, code):
    response = client.get(private.get_absolute_url(), {"code": code})

    assert private.title in response.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert 'content="noindex, nofollow"' in response.text
    assert "no-store" in response["Cache-Control"]
    assert "ld+json" not in response.text


def test_it_answers_a_wrong_code_kindly(client, private):
    response = client.get(private.get_absolute_url(), {"code": "WRONG"})

    assert response.status_code == 403
    assert "This code does not open it." in response.text
    assert 'value="WRONG"' in response.text


def test_it_slows_down_who_guesses(client, private, monkeypatch):
    monkeypatch.setattr(entrance, "MOST_GUESSES", 2)
    for _ in range(3):
        response = client.get(private.get_absolute_url(), {"code": "WRONG"}, **NETWORK)
    assert response.status_code == 429
    assert "Please wait ten minutes" in response.text

    assert client.get(private.get_absolute_url(), {"code": private.code}, **NETWORK).status_code == 429
    assert client.get(private.get_absolute_url(), {"code": private.code}).status_code == 200


def test_it_counts_nobody_who_has_the_code(client, private, monkeypatch):
    monkeypatch.setattr(entrance, "MOST_GUESSES", 2)

    for _ in range(5):
        assert client.get(private.get_absolute_url(), {"code": private.code}, **NETWORK).status_code == 200


def test_it_registers_behind_the_code_and_not_without(client, private):
    assert client.post(private.get_absolute_url(), typed()).status_code == 403
    assert not Registration.objects.exists()

    response = client.post(f"{private.get_absolute_url()}?code={private.code}", typed(), follow=True)

    assert "You have a seat." in response.text
    assert Registration.objects.get().workshop == private


def test_it_has_one_link_that_opens_it_and_credits_the_host(client, private, quiet_gym):
    address = links.address(private, partner=quiet_gym).removeprefix("http://localhost:8000")

    client.post(address, typed())

    assert Registration.objects.get().is_hosts
