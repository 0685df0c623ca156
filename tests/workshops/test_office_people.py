"""The people of a workshop on its page in the office: what is told beside each name, and what is asked before a seat goes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def page_of(office, workshop: Workshop) -> str:
    return office.get(reverse("workshops:inspect", args=[workshop.pk])).text


def asked_before(office, registration: Registration) -> str:
    return office.get(reverse("workshops:cancel_registration", args=[registration.pk])).text


def test_it_tells_who_came_and_how_they_liked_it(client, owner, workshop, time_machine_at):
    ada, _ben = fill(workshop, "Ada", "Ben")
    time_machine_at(workshop.ends_at + timedelta(days=1))
    Registration.objects.filter(pk=ada.pk).update(
        checked_in_at=workshop.starts_at, rating=1, rated_at=timezone.now(), may_call_at=timezone.now()
    )
    Workshop.objects.update(door_closed_at=workshop.ends_at)

    client.force_login(owner)

    html = page_of(client, workshop)

    assert "Who had a seat" in html
    beside = re.findall(r'class="ws-answer[^>]*>([^<]+)<', html)
    assert beside == ["Came", "1 star", "May be called", "Did not come"]


def test_it_tells_of_nobody_that_they_stayed_away_before_the_door_is_closed(office, workshop):
    fill(workshop, "Ada")

    assert "Did not come" not in page_of(office, workshop)


def test_it_speaks_of_a_cancelled_workshops_seats_as_past(office, workshop):
    fill(workshop, "Ada")
    assert "Who has a seat" in page_of(office, workshop)

    actions.cancel_workshop(workshop, reason="Snow.")

    assert "Who had a seat" in page_of(office, workshop)


def test_it_says_that_a_drafts_link_leads_nowhere_yet(office, workshop):
    assert "It leads nowhere until" not in page_of(office, workshop)
    assert "It leads nowhere until you publish the workshop." in page_of(office, make_workshop(state="draft"))


def test_it_says_whether_anybody_waits_for_the_seat(office, workshop):
    ada, _ben = fill(workshop, "Ada", "Ben")
    assert "Nobody waits, so the seat is free again." in asked_before(office, ada)

    fill(workshop, "Cleo")

    assert "The seat goes to whoever has waited longest." in asked_before(office, ada)


def test_it_asks_about_the_list_for_somebody_who_waits(office, workshop):
    *_, cleo = fill(workshop, "Ada", "Ben", "Cleo")

    asked = asked_before(office, cleo)

    assert "Take Cleo off the list?" in asked
    assert "The seat goes" not in asked


def test_it_names_whom_we_write_to_for_somebody_without_an_address(office, workshop):
    people = [actions.Person("Dora Dell", "dora@example.com"), actions.Person("Emil")]
    _dora, emil = actions.register_party(workshop, people, submission="abc")

    assert "Emil is told by e-mail, through Dora Dell." in asked_before(office, emil)
