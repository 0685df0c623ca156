"""Many people at once, on a real PostgreSQL: what must hold whatever the order."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import DatabaseError, connection

from crm.mail.models import Message
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Invite, Registration, Workshop

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 40
STORM_SECONDS = float(os.environ.get("STORM_SECONDS", "3"))
# What anybody may see at any moment, in one statement and therefore of one moment.
SEEN = """
    SELECT workshop.capacity, workshop.seats_taken,
        count(*) FILTER (WHERE row.state IN ('confirmed', 'offered')), count(*) FILTER (WHERE row.state = 'waiting'),
        count(*) FILTER (WHERE row.state IN ('confirmed', 'offered', 'waiting')),
        count(DISTINCT row.email) FILTER (WHERE row.state IN ('confirmed', 'offered', 'waiting'))
    FROM workshops_workshop workshop LEFT JOIN workshops_registration row ON row.workshop_id = workshop.id
    WHERE workshop.id = %s GROUP BY workshop.id
"""


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


def test_it_seats_two_hundred_at_once_in_order():
    workshop = make_workshop(capacity=30)

    came_out = storm(
        [lambda n=n: actions.register(workshop, name=f"Person {n}", email=f"p{n}@example.com") for n in range(200)]
    )

    assert came_out == {"confirmed": 30, "waiting": 170}
    assert seats_add_up(workshop)
    told = Message.objects.filter(content__subject__startswith="You are on the waiting list")
    positions = {message.to_email: int(message.values["position"]) for message in told}
    assert [positions[row.email] for row in workshop.registrations.waiting()] == list(range(1, 171))


def test_it_serves_the_others_when_one_of_them_brings_what_the_database_refuses():
    workshop = make_workshop(capacity=3)
    came_out = []

    def register(name: str):
        try:
            return actions.register(workshop, name=name, email=f"{len(name)}@example.com")
        except (DatabaseError, ValueError):
            came_out.append(name[0])
            return Registration(state="refused")

    storm([lambda n=n: register("x" * (n + 1)) for n in range(12)] + [lambda: register("y" * 300)])

    assert came_out == ["y"]
    assert workshop.registrations.active().count() == 12
    assert seats_add_up(workshop)


def test_it_keeps_its_promise_at_every_moment_of_a_storm():
    workshop, is_over = make_workshop(capacity=8), Event()
    until = time.monotonic() + STORM_SECONDS
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        watch = pool.submit(_watch, workshop, is_over)
        deeds = [pool.submit(_do_as_you_like, workshop, random.Random(seed), until) for seed in range(AT_ONCE)]
        done = sum((deed.result() for deed in deeds), Counter())
        is_over.set()
        looks = watch.result()

    assert looks > STORM_SECONDS
    assert {"register", "cancel", "change"} <= done.keys()
    assert seats_add_up(workshop)
    assert Message.objects.filter(dedupe_key__contains=":").count() >= workshop.registrations.count()


def _do_as_you_like(workshop: Workshop, chance: random.Random, until: float) -> Counter:
    """Register, cancel, and change the seats at random; a refusal is an answer, any other error is none."""
    done = Counter()
    try:
        while time.monotonic() < until:
            deed = chance.choices(["register", "cancel", "change"], [6, 5, 1])[0]
            try:
                _deed(deed, workshop, chance)
                done[deed] += 1
            except actions.Refusal as refusal:
                done[type(refusal).__name__] += 1
    finally:
        connection.close()
    return done


def _deed(deed: str, workshop: Workshop, chance: random.Random) -> None:
    if deed == "register":
        number = chance.randrange(100_000)
        actions.register(workshop, name=f"Person {number}", email=f"p{number}@example.com")
    elif deed == "change":
        actions.change_capacity(workshop, capacity=chance.randint(4, 16))
    elif row := workshop.registrations.active().order_by("?").first():
        actions.cancel(row)


def _watch(workshop: Workshop, is_over: Event) -> int:
    """Look again and again at what is committed; every moment must be one that the promise allows."""
    looks = 0
    try:
        while not is_over.is_set():
            with connection.cursor() as cursor:
                cursor.execute(SEEN, [workshop.pk])
                capacity, counted, seated, waiting, active, people = cursor.fetchone()
            assert counted == seated <= capacity, (capacity, counted, seated)
            assert not waiting or seated == capacity, (capacity, seated, waiting)
            assert active == people
            looks += 1
    finally:
        connection.close()
    return looks
