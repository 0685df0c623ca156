from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta
from itertools import count
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from crm.mail.models import Batch, Content, EventReport, Lane, Message, MessageClass
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose
from tests.mail.conftest import WITH_WAY_OUT
from tests.mail.faults.nursery import Nursery, Worker

NUMBERS = count(1)
CLOCKS = {
    Message: ("created_at", "not_before", "expires_at", "settled_at", "fate_at"),
    Batch: ("claimed_at", "lease_until", "posting_at", "answered_at"),
    Lane: ("paused_until", "slowed_at", "next_slot_at"),
    EventReport: ("received_at", "applied_at"),
}


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def drain_elsewhere(nursery, sendgrid) -> Callable[..., Worker]:
    """drain_elsewhere(): a drain in a process of its own, against the test's database and SendGrid."""
    reach = {"SENDGRID_API_KEY": sendgrid.key, "SENDGRID_API_URL": sendgrid.url}
    return lambda trap=None, **arguments: nursery.run(
        "crm.mail.actions.drain", settings=reach, trap=trap and {"name": trap, "arguments": arguments}
    )


@pytest.fixture
def open_all_day(practice) -> None:
    """Letters may leave at any hour, so that no test depends on when it runs."""
    PracticeProfile.objects.update(letters_from=time.min, letters_until=time.max)


@pytest.fixture
def fill(open_all_day) -> Callable[..., list[Message]]:
    """fill(n): n queued messages to as many people, all of whom said yes to it."""

    def make(number: int, message_class=MessageClass.TRANSACTIONAL, **more) -> list[Message]:
        first = next(NUMBERS)
        people = Contact.objects.bulk_create(
            Contact(name=f"Person {n}", email=f"p{first}-{n}@example.com") for n in range(number)
        )
        said = {"state": ConsentEvent.State.GRANTED, "source": "in person"}
        ConsentEvent.objects.bulk_create(
            ConsentEvent(contact=person, purpose=purpose, **said)
            for person in people
            for purpose in (Purpose.PARTNER, Purpose.NEWS)
        )
        content = Content.objects.create(subject="Hello [[first_name|there]]", **WITH_WAY_OUT)
        return Message.objects.bulk_create(
            Message(
                dedupe_key=f"fault:{first}:{n}",
                message_class=message_class,
                contact=person,
                to_email=person.email,
                to_name=person.name,
                content=content,
                values={"first_name": person.first_name},
                **more,
            )
            for n, person in enumerate(people)
        )

    return make


def let_pass(span: timedelta) -> None:
    """Let so much time pass: every clock in the ledger moves back, so that all processes agree on it."""
    for model, clocks in CLOCKS.items():
        model.objects.update(**{clock: F(clock) - span for clock in clocks})


def outlive_the_leases() -> None:
    """Let the leases run out that are held now, and nothing else: as if their holders were dead, or slept."""
    Batch.objects.filter(outcome="").update(lease_until=timezone.now() - timedelta(seconds=1))


def bury_the_dead() -> None:
    """Wait until the server has noticed that the killed workers are gone, then let their leases run out.

    A statement that a worker sent with its last breath may still be carried out.
    """
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    deadline = monotonic() + 30
    with connection.cursor() as cursor:
        while _first(cursor, others):
            assert monotonic() < deadline, "the dead workers' sessions are still there"
            sleep(0.002)
    outlive_the_leases()


def _first(cursor, query: str) -> int:
    cursor.execute(query)
    return cursor.fetchone()[0]


def make_due() -> None:
    """Let the pauses pass that messages and lanes were given."""
    due = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(state=Message.State.QUEUED, not_before__gt=due).update(not_before=due)
    Lane.objects.update(paused_until=None, next_slot_at=None, slowed_at=None)


def wait_for(path: Path) -> None:
    """Wait until there is a file."""
    deadline = monotonic() + 30
    while not path.exists():
        assert monotonic() < deadline, f"{path.name} never came"
        sleep(0.002)
