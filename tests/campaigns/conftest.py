"""A letter, an audience and people to write to."""

from __future__ import annotations

import pytest
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.models import Kind, Partner, Role, Stage


@pytest.fixture
def letter(practice) -> Letter:
    return write_letter()


@pytest.fixture
def audience(db) -> Audience:
    return Audience.objects.create(name="Gyms that send", kinds=[Kind.GYM], stages=[Stage.ACTIVE])


@pytest.fixture
def broadcast(letter, audience) -> Broadcast:
    return Broadcast.objects.create(letter=letter, audience=audience)


@pytest.fixture
def due(broadcast) -> Broadcast:
    """A broadcast whose time has come."""
    Broadcast.objects.filter(pk=broadcast.pk).update(state=Broadcast.State.SCHEDULED, send_at=timezone.now())
    broadcast.refresh_from_db()
    return broadcast


def write_letter(**fields) -> Letter:
    body = [("heading", "Two things to try"), ("text", "<p>Hi [[first_name|there]], how is [[partner|your team]]?</p>")]
    return Letter.objects.create(**{"name": "Spring", "subject": "Spring at the studio", "body": body, **fields})


def person(name: str = "Bo Berg", email: str | None = None, **fields) -> Contact:
    """Somebody who agreed to partner letters."""
    address = f"{name.lower().replace(' ', '.')}@example.com" if email is None else email
    contact = Contact.objects.create(name=name, email=address, **fields)
    say(contact, ConsentEvent.State.GRANTED)
    return contact


def say(contact: Contact, state: ConsentEvent.State, purpose: Purpose = Purpose.PARTNER) -> None:
    record_consent(contact, purpose=purpose, state=state, source="test")


def at_gym(*contacts: Contact, **fields) -> Partner:
    """An active gym where these contacts work."""
    gym = Partner.objects.create(**{"name": "Ironworks Gym", "kind": Kind.GYM, "stage": Stage.ACTIVE, **fields})
    Role.objects.bulk_create(Role(partner=gym, contact=contact) for contact in contacts)
    return gym


def crowd(count: int, name: str = "person") -> Partner:
    """A gym with this many people who agreed to partner letters."""
    contacts = Contact.objects.bulk_create(
        Contact(name=f"{name} {n}", email=f"{name}{n}@example.com") for n in range(count)
    )
    ConsentEvent.objects.bulk_create(
        ConsentEvent(contact=contact, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="test")
        for contact in contacts
    )
    return at_gym(*contacts)
