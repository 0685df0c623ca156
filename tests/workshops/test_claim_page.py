"""The pages behind the links in letters: a GET asks, and only a POST changes anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.workshops.conftest import fill
from workshops import actions
from workshops.models import Registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered(workshop, time_machine_at) -> Registration:
    time_machine_at(workshop.starts_at - timedelta(days=7))
    ada, _ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    time_machine_at(workshop.starts_at - timedelta(hours=20))
    actions.cancel(ada)
    cleo.refresh_from_db()
    return cleo


def test_it_asks_before_it_takes_the_seat(client, offered):
    address = reverse("registration_claim", args=[offered.token])

    page = client.get(address).content.decode()

    assert "A seat is free" in page
    assert offered.offer_ends in page
    offered.refresh_from_db()
    assert offered.state == "offered"


def test_it_takes_the_seat(client, offered):
    answer = client.post(reverse("registration_claim", args=[offered.token]), follow=True)

    offered.refresh_from_db()
    assert offered.state == "confirmed"
    assert "The seat is yours." in answer.content.decode()


def test_it_says_what_happened_to_who_comes_late(client, offered, workshop, time_machine_at):
    (dora,) = fill(workshop, "Dora")
    time_machine_at(workshop.starts_at - timedelta(hours=15))

    assert "The time for this seat is over" in client.get(offered.claim_url).content.decode()
    answer = client.post(offered.claim_url, follow=True)

    dora.refresh_from_db()
    assert dora.state == "offered"
    assert "it went to the next person" in answer.content.decode()


@pytest.mark.parametrize("name", ["registration_claim", "registration_cancel"])
def test_it_changes_nothing_on_any_other_method(client, offered, name):
    for method in ("get", "head", "put", "patch", "delete"):
        assert getattr(client, method)(reverse(name, args=[offered.token])).status_code in (200, 405)
    offered.refresh_from_db()
    assert offered.state == "offered"


def test_it_asks_before_it_gives_the_seat_back(client, workshop):
    (ada,) = fill(workshop, "Ada")
    address = reverse("registration_cancel", args=[ada.token])

    assert "I can’t make it" in client.get(address).content.decode()
    client.post(address)

    ada.refresh_from_db()
    assert (ada.state, ada.cancelled_by) == ("cancelled", "themselves")
    assert client.get(address).status_code == 302


def test_it_asks_for_the_seat_before_it_tells_the_rest(client, offered):
    page = client.get(offered.claim_url).content.decode()

    assert page.index("Take the seat") < page.index("Show on a map")


def test_it_speaks_of_the_seat_of_the_list_and_of_the_offer(client, workshop, offered):
    ben = workshop.registrations.get(name="Ben")
    (dora,) = fill(workshop, "Dora")

    asked = [client.get(one.cancel_url).content.decode() for one in (ben, offered, dora)]

    assert "<title>Give your seat back, " in asked[0] and "somebody else can have it." in asked[0]
    assert "<title>Let the seat go, " in asked[1] and "the next person is asked at once." in asked[1]
    assert "<title>Leave the waiting list, " in asked[2] and "the people behind you move up." in asked[2]
    assert "Give my seat back" not in client.get(offered.get_absolute_url()).content.decode()


def test_it_shows_the_own_page_to_who_has_nothing_to_claim(client, workshop):
    (ada,) = fill(workshop, "Ada")

    assert client.get(reverse("registration_claim", args=[ada.token])).status_code == 302


@pytest.mark.parametrize("name", ["registration_claim", "registration_cancel"])
def test_it_keeps_both_pages_out_of_search_and_caches(client, offered, name):
    answer = client.get(reverse(name, args=[offered.token]))

    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert client.get(reverse(name, args=["nobody"])).status_code == 404
