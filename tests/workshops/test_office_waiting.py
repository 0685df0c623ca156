"""The waiting list in the office: why nobody moves up, and a seat by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.models import User
from tests.workshops.conftest import fill, make_workshop
from workshops import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner, practice):
    client.force_login(owner)
    return client


def page_of(office, workshop) -> str:
    office.force_login(User.objects.get(email="owner@example.com"))  # anew, for a login does not last for weeks
    return office.get(reverse("workshops:inspect", args=[workshop.pk])).content.decode()


def test_it_says_that_all_seats_are_taken(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    page = page_of(office, workshop)

    assert "All 2 seats are taken." in page
    assert "Give the seat" not in page


def test_it_says_that_a_seat_is_offered_and_until_when(office, workshop, time_machine_at):
    time_machine_at(workshop.starts_at - timedelta(days=7))
    ada, _ben, cleo, _dora = fill(workshop, "Ada", "Ben", "Cleo", "Dora")
    time_machine_at(workshop.starts_at - timedelta(hours=20))
    actions.cancel(ada)
    cleo.refresh_from_db()

    page = page_of(office, workshop)

    assert "1 seat is offered to people who have not answered yet." in page
    assert f"If nobody takes it by {cleo.offer_ends}" in page


def test_it_says_that_free_seats_are_kept_for_the_host(office, quiet_gym):
    workshop = make_workshop(capacity=2, host_seats=1, host=quiet_gym)
    fill(workshop, "Ada", "Ben")

    assert "1 seat is free and kept for the host’s people, none of whom wait." in page_of(office, workshop)


def test_it_says_that_everybody_let_an_offer_go_by(office, workshop, time_machine_at):
    time_machine_at(workshop.starts_at - timedelta(days=7))
    ada, *_others = fill(workshop, "Ada", "Ben", "Cleo")
    time_machine_at(workshop.starts_at - timedelta(hours=20))
    actions.cancel(ada)
    time_machine_at(workshop.starts_at - timedelta(hours=15))
    actions.lapse_offers()

    page = page_of(office, workshop)

    assert "Everybody who waits has let an offer go by." in page
    assert "Let an offer go by" in page


@pytest.fixture
def last_hours(practice):
    """In three hours, one seat free, Cleo waits."""
    workshop = make_workshop(starts_at=timezone.now() + timedelta(hours=3))
    ada, _ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    actions.cancel(ada)
    return workshop, cleo


def test_it_gives_the_seat_with_one_tap_in_the_last_hours(office, last_hours):
    workshop, cleo = last_hours
    assert "It begins in less than 4 hours" in page_of(office, workshop)

    answer = office.post(reverse("give_seat", args=[cleo.pk]), follow=True)

    cleo.refresh_from_db()
    assert cleo.state == "confirmed"
    assert "Cleo has a seat and is being told." in answer.content.decode()
    assert office.get(reverse("give_seat", args=[cleo.pk])).status_code == 405


def test_it_tells_the_owner_on_today(office, last_hours):
    _workshop, cleo = last_hours
    today = reverse("wagtailadmin_home")

    assert "and 1 waits" in office.get(today).content.decode()

    office.post(reverse("give_seat", args=[cleo.pk]))
    assert "and 1 waits" not in office.get(today).content.decode()


def test_it_gives_no_seat_for_a_viewer(client, viewer, last_hours):
    _workshop, cleo = last_hours
    client.force_login(viewer)

    client.post(reverse("give_seat", args=[cleo.pk]))

    cleo.refresh_from_db()
    assert cleo.state == "waiting"
