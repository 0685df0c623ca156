"""Processes take turns at a workshop, and whoever comes while another has its turn is served in one go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from django.db import DataError, connection, transaction

from tests.practice import wait_until
from tests.workshops.conftest import make_workshop
from workshops import actions
from workshops.actions import registering
from workshops.actions.together import _wait_for_other_processes
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20  # seconds


@pytest.fixture
def workshop(practice, transactional_db) -> Workshop:
    return make_workshop(capacity=10)


@contextmanager
def another_turn(workshop: Workshop) -> Iterator[None]:
    """Another process serves its own people of this workshop, as long as this lasts."""
    begun, over = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            _wait_for_other_processes(workshop.pk)
            begun.set()
            over.wait(PATIENCE)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert begun.wait(PATIENCE)
        try:
            yield
        finally:
            over.set()
            held.result(PATIENCE)


def come(pool: ThreadPoolExecutor, workshop: Workshop, names: list[str]) -> list[Future]:
    """All of these ask for a seat, and wait."""

    def register(name: str) -> Registration:
        try:
            return actions.register(workshop, name=name, email=f"{name[:1].lower()}@example.com")
        finally:
            connection.close()

    asked = [pool.submit(register, name) for name in names]
    wait_until(
        lambda: len(registering._together.queues[workshop.pk].places) == len(names),
        "all of them wait",
        seconds=PATIENCE,
    )
    return asked


def test_it_waits_for_the_turn_of_another_process(workshop):
    with ThreadPoolExecutor(1) as pool:
        with another_turn(workshop):
            [asked] = come(pool, workshop, ["Ada"])
            time.sleep(0.1)
            assert not asked.done()
        assert asked.result(PATIENCE).has_seat


def test_it_serves_in_one_go_whoever_came_meanwhile(workshop):
    with ThreadPoolExecutor(3) as pool:
        with another_turn(workshop):
            asked = come(pool, workshop, ["Ada", "Ben", "Cleo"])
        seated = [one.result(PATIENCE) for one in asked]
    assert len({registration.created_at for registration in seated}) == 1
    assert Workshop.objects.get().seats_taken == 3


def test_it_serves_the_others_where_one_cannot_be_written(workshop):
    with ThreadPoolExecutor(3) as pool:
        with another_turn(workshop):
            ada, nobody, cleo = come(pool, workshop, ["Ada", "Ben\0", "Cleo"])
        assert ada.result(PATIENCE).has_seat
        assert cleo.result(PATIENCE).has_seat
        assert isinstance(nobody.exception(PATIENCE), DataError)
    assert set(Registration.objects.values_list("name", flat=True)) == {"Ada", "Cleo"}


def test_it_tells_the_others_before_it_wakes_a_worker(workshop, monkeypatch):
    told = Event()
    monkeypatch.setattr("crm.mail.actions.async_task", lambda *args, **kwargs: told.wait(PATIENCE))
    with ThreadPoolExecutor(3) as pool:
        with another_turn(workshop):
            asked = come(pool, workshop, ["Ada", "Ben", "Cleo"])
        wait_until(lambda: sum(one.done() for one in asked) == 2, "both others are told", seconds=PATIENCE)
        told.set()
        assert all(one.result(PATIENCE).has_seat for one in asked)


def test_it_lets_the_next_begin_where_no_worker_can_be_woken(workshop, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionRefusedError("The queue is away.")

    monkeypatch.setattr("crm.mail.actions.async_task", fail)
    assert actions.register(workshop, name="Ada", email="a@example.com").has_seat
    assert actions.register(workshop, name="Ben", email="b@example.com").has_seat
    assert Registration.objects.count() == 2
