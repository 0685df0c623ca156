"""The chain on the workshop's page: what went, what goes, what does not, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from partners import actions as partners
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.actions.preparing import steps_of
from workshops.chain import Chain
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 18, 22, tzinfo=UTC)  # 17:00 in Toronto


@pytest.fixture
def workshop(practice, quiet_gym, time_machine_at) -> Workshop:
    time_machine_at(START - timedelta(days=20))
    return make_workshop(host=quiet_gym, starts_at=START, capacity=4)


def of(workshop: Workshop, begins: str) -> tuple[str, str]:
    workshop = Workshop.objects.get(pk=workshop.pk)
    links = Chain(workshop, workshop.registrations.all(), steps_of(workshop)).links()
    return next((link.state, link.words) for link in links if link.what.startswith(begins))


def test_it_says_to_how_many_the_next_goes(workshop):
    fill(workshop, "Ada", "Ben")

    assert of(workshop, "Reminder, 48") == ("coming", "To 2 people so far.")


def test_it_says_what_went_and_who_came_too_late(workshop, time_machine_at):
    fill(workshop, "Ada")
    time_machine_at(START - timedelta(hours=48))
    actions.remind()
    fill(workshop, "Ben")
    time_machine_at(START - timedelta(hours=47))

    assert of(workshop, "Reminder, 48") == ("done", "To 1 person.")
    time_machine_at(START - timedelta(hours=26))
    fill(workshop, "Cleo")
    assert of(workshop, "Reminder, 24") == ("coming", "To 2 people so far. 1 person registered too late for it.")


@pytest.mark.parametrize(
    ("hours", "people", "expected"),
    [
        (20, [], ("skipped", "Nobody had a seat.")),
        (20, ["Ada"], ("skipped", "No worker was running in time.")),
        (40, ["Ada"], ("now", "It leaves within minutes, by day.")),
    ],
)
def test_it_says_why_nothing_went(workshop, time_machine_at, hours, people, expected):
    fill(workshop, *people)
    time_machine_at(START - timedelta(hours=hours))

    assert of(workshop, "Reminder, 48") == expected


@pytest.mark.parametrize(("days", "begins"), [(-7, "Tell the host how many"), (1, "Thank the host"), (-28, "Kit for")])
def test_it_takes_a_tick_for_an_answer(workshop, owner, days, begins):
    actions.prepare(workshop, by=owner)
    assert of(workshop, begins)[0] == "coming"

    partners.complete(steps_of(workshop).get(step__days=days), by=owner)

    assert of(workshop, begins)[0] == "done"
    assert "Oct 29" in of(workshop, begins)[1]


def test_it_says_that_all_is_off(workshop):
    fill(workshop, "Ada")
    actions.cancel_workshop(workshop, reason="")

    assert of(workshop, "Reminder, 48") == ("skipped", "The workshop was cancelled.")
    assert of(workshop, "Recap") == ("skipped", "The workshop was cancelled.")


def test_it_says_that_nobody_was_checked_in(workshop, time_machine_at):
    fill(workshop, "Ada")
    Workshop.objects.update(state="held", door_closed_at=START)
    time_machine_at(START + timedelta(days=1))

    assert of(workshop, "Recap") == ("skipped", "Nobody was checked in, so nobody knows who came.")


def test_it_says_who_got_the_recap(workshop, time_machine_at):
    ada, _ben = fill(workshop, "Ada", "Ben")
    Workshop.objects.update(state="held", door_closed_at=START)
    Registration.objects.filter(pk=ada.pk).update(checked_in_at=START)
    time_machine_at(START + timedelta(hours=20))
    actions.write_afterwards()

    assert of(workshop, "Recap") == ("done", "To 1 person.")
    assert of(workshop, "A kind note") == ("done", "To 1 person.")
    assert of(workshop, "How is it going") == ("coming", "By itself, once the door is closed.")


def test_it_stands_on_the_workshops_page_in_its_own_time(client, owner, workshop):
    fill(workshop, "Ada")
    client.force_login(owner)

    page = client.get(reverse("workshops:inspect", args=[workshop.pk])).content.decode()

    assert "What goes out, to whom and when" in page
    assert "Mon, Nov 16" in page
    assert "Tell the host how many: Ironworks Gym" in page


def test_it_costs_two_queries_however_many_come(workshop, django_assert_num_queries):
    rows = fill(workshop, "Ada", "Ben", "Cleo")

    with django_assert_num_queries(2):
        Chain(workshop, rows, []).links()
