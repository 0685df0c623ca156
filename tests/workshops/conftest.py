"""A workshop that is open, with a few seats, at the gym gone quiet."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from crm.mail.models import Message
from crm.people.models import Contact
from workshops import actions
from workshops.models import Invite, Registration, Workshop


def make_workshop(**fields) -> Workshop:
    starts_at = fields.pop(
        "starts_at", (timezone.now() + timedelta(days=20)).replace(hour=16, minute=0, second=0, microsecond=0)
    )
    number = Workshop.objects.count() + 1
    return Workshop.objects.create(
        **{
            "title": "Knees that last",
            "slug": f"knees-that-last-{number}",
            "summary": "An hour about knees, with time for questions.",
            "description": "We look at how knees carry us.\n\nBring shoes you run in.",
            "place": "Ironworks Gym, 4 Forge Lane, Ottawa",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=90),
            "capacity": 2,
            "state": Workshop.State.OPEN,
            **fields,
        }
    )


def fill(workshop: Workshop, *names: str) -> list[Registration]:
    return [
        actions.register(workshop, name=name, email=f"{name.lower().replace(' ', '.')}@example.com") for name in names
    ]


STAMP = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)


def known_invite() -> Invite:
    """An invite of which every byte is known."""
    workshop = make_workshop(
        title="Knees that last: für Läufer; and, others",
        slug="knees",
        starts_at=datetime(2026, 11, 14, 15, 0, tzinfo=UTC),
        uid=uuid.UUID("11111111-1111-4111-8111-111111111111"),
        created_at=STAMP,
        revised_at=STAMP,
        seats_taken=1,
    )
    contact = Contact.objects.create(name="Ada", email="ada@example.com")
    registration = Registration.objects.create(
        workshop=workshop,
        contact=contact,
        name='Ada "The Countess" Lovelace',
        email="ada@example.com",
        state="confirmed",
        created_at=STAMP,
    )
    uid = "22222222-2222-4222-8222-222222222222@harbour.example.com"
    organizer = "invites@in.harbour.example.com"
    return Invite.objects.create(registration=registration, uid=uid, organizer=organizer, stamped_at=STAMP)


def letters_to(registration: Registration) -> list[Message]:
    return list(
        Message.objects.filter(dedupe_key__startswith=f"registration:{registration.pk}:").order_by("created_at")
    )


@pytest.fixture
def workshop(db, practice, quiet_gym) -> Workshop:
    """Open, two seats, nobody registered yet."""
    return make_workshop(host=quiet_gym)


@pytest.fixture
def time_machine_at():
    """Let it be another moment until the test ends."""
    with ExitStack() as travels:
        yield lambda moment: travels.enter_context(time_machine.travel(moment, tick=False))


@pytest.fixture
def queries_of(client, django_assert_max_num_queries):
    """How many queries a page costs, once what is kept per process is warm."""

    def count(address: str) -> int:
        client.get(address)
        with django_assert_max_num_queries(60) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    return count


@pytest.fixture
def office(client, owner):
    """The owner's browser, logged in."""
    client.force_login(owner)
    return client
