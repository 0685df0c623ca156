"""Two workers, or a worker and the owner, in the same moment: each reminder once, and none about an hour that is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from crm.mail.models import Message
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workshop(practice) -> Workshop:
    """In an hour, so that its last reminder is due, at whatever hour the tests run."""
    workshop = make_workshop(starts_at=timezone.now() + timedelta(hours=9), capacity=6)
    fill(workshop, *(f"Person {n}" for n in range(6)))
    Registration.objects.update(created_at=timezone.now() - timedelta(days=9))
    soon = timezone.now() + timedelta(hours=1)
    Workshop.objects.update(starts_at=soon, ends_at=soon + timedelta(hours=1))
    return Workshop.objects.get()


def at_once(*deeds) -> None:
    start = Barrier(len(deeds))

    def run(deed) -> None:
        try:
            start.wait()
            deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, deeds))


def reminders(state: str) -> list[str]:
    found = Message.objects.filter(dedupe_key__contains=":reminder:", state=state)
    return [key.rpartition(":")[2] for key in found.values_list("dedupe_key", flat=True)]


def test_it_makes_each_once_with_four_workers(workshop):
    at_once(*[actions.remind] * 4)

    assert reminders(Message.State.QUEUED) == ["0"] * 6


def test_it_leaves_none_for_the_old_hour_when_the_workshop_moves_meanwhile(workshop):
    later = workshop.starts_at + timedelta(days=3)

    at_once(actions.remind, lambda: actions.move(workshop, starts_at=later, ends_at=later + timedelta(hours=1)))

    assert reminders(Message.State.QUEUED) == []


def test_it_leaves_none_when_the_workshop_is_cancelled_meanwhile(workshop):
    at_once(actions.remind, lambda: actions.cancel_workshop(workshop, reason=""))

    assert reminders(Message.State.QUEUED) == []
