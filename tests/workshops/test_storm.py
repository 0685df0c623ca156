"""Many people at once, on a real PostgreSQL: what must hold whatever the order."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from crm.mail.models import Message
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Invite, Registration, Workshop

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 40


@pytest.fixture(autouse=True)
def _set_up(practice, transactional_db):
    """The practice's profile stands before anybody runs."""


def storm(deeds: list) -> Counter:
    """Run all deeds at the same moment, each on a connection of its own, and count what came out."""
    start = Barrier(len(deeds))

    def run(deed) -> str:
        start.wait()
        try:
            return str(deed().state)
        except actions.Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(run, deeds))


def seats_add_up(workshop: Workshop) -> bool:
    workshop.refresh_from_db()
    confirmed = workshop.registrations.confirmed().count()
    waiting = workshop.registrations.waiting().count()
    full_or_nobody_waits = confirmed == workshop.capacity or not waiting
    invited = Invite.objects.filter(registration__workshop=workshop, is_cancelled=False).count()
    return workshop.seats_taken == confirmed == invited <= workshop.capacity and full_or_nobody_waits


def test_it_sells_the_last_seat_once():
    workshop = make_workshop(capacity=10)

    came_out = storm(
        [lambda n=n: actions.register(workshop, name=f"Person {n}", email=f"p{n}@example.com") for n in range(AT_ONCE)]
    )

    assert came_out == {"confirmed": 10, "waiting": 30}
    assert seats_add_up(workshop)
    assert Message.objects.count() == AT_ONCE
    assert sorted(registration.position for registration in Registration.objects.waiting()) == list(range(1, 31))


def test_it_gives_one_address_one_seat():
    workshop = make_workshop(capacity=10)

    storm([lambda: actions.register(workshop, name="Ada", email="ada@example.com")] * AT_ONCE)

    assert Registration.objects.count() == 1
    assert Message.objects.count() == 1
    assert seats_add_up(workshop)


def test_it_loses_nobody_while_people_come_and_go():
    workshop = make_workshop(capacity=8)
    people = fill(workshop, *(f"Early {n}" for n in range(20)))
    leaving = [lambda person=person: actions.cancel(person) for person in people]
    coming = [lambda n=n: actions.register(workshop, name=f"Late {n}", email=f"late{n}@example.com") for n in range(20)]
    deeds = leaving + coming
    random.Random(7).shuffle(deeds)

    came_out = storm(deeds)

    assert came_out["cancelled"] == 20
    assert came_out["confirmed"] + came_out["waiting"] == 20
    assert workshop.registrations.confirmed().count() == 8
    assert workshop.registrations.waiting().count() == 12
    assert seats_add_up(workshop)


def test_it_cancels_once_when_pressed_many_times():
    workshop = make_workshop(capacity=2)
    ada, *_others = fill(workshop, "Ada", "Ben", "Cleo", "Dora")

    came_out = storm([lambda: actions.cancel(ada)] * 12)

    assert came_out == {"cancelled": 1, "AlreadyCancelled": 11}
    assert seats_add_up(workshop)
    assert Message.objects.filter(content__subject__startswith="A seat is yours").count() == 1


def test_it_survives_new_seats_moves_and_cancellations_at_once():
    workshop = make_workshop(capacity=4)
    people = fill(workshop, *(f"Early {n}" for n in range(12)))

    def more_seats(capacity):
        actions.change_capacity(workshop, capacity=capacity)
        return workshop

    def moved(place):
        actions.move(workshop, place=place)
        return workshop

    deeds = [lambda person=person: actions.cancel(person) for person in people[:6]]
    deeds += [lambda seats=seats: more_seats(seats) for seats in (5, 6, 7)]
    deeds += [lambda place=place: moved(place) for place in ("Hall A", "Hall B", "Hall C")]
    storm(deeds)

    assert seats_add_up(workshop)
    assert workshop.revision == 3
