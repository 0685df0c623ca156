"""A registrant asks to be forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core import serializers
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from crm.mail.models import Message, Suppression
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.models import Invite, Registration

pytestmark = pytest.mark.django_db

WORDS = ("Adalbert", "adalbert", "555 0199")


@pytest.fixture
def adalbert(workshop) -> Registration:
    return actions.register(workshop, name="Adalbert Quist", email="adalbert@example.com", phone="555 0199")


def everything_kept() -> str:
    """All rows that could name a registrant, as one text."""
    models = (Contact, Registration, Message, LogEntry, ModelLogEntry, Invite)
    return " ".join(serializers.serialize("json", model.objects.all()) for model in models)


def test_it_leaves_no_word_of_theirs(workshop, adalbert, owner):
    assert all(word in everything_kept() for word in WORDS)

    assert actions.erase(adalbert.contact, by=owner)

    kept = everything_kept()
    assert [word for word in WORDS if word in kept] == []
    assert Registration.objects.get().name == "Erased"
    assert Contact.objects.get(pk=adalbert.contact_id).archived_at is not None


def test_it_gives_their_seat_to_the_next(workshop, adalbert, owner):
    _ben, cleo = fill(workshop, "Ben", "Cleo")

    actions.erase(adalbert.contact, by=owner)

    cleo.refresh_from_db()
    adalbert.refresh_from_db()
    workshop.refresh_from_db()
    assert cleo.state == "confirmed"
    assert (adalbert.state, adalbert.cancelled_by) == ("cancelled", "erased")
    assert workshop.seats_taken == 2


def test_it_writes_no_farewell_and_holds_back_what_waits(adalbert, owner):
    actions.erase(adalbert.contact, by=owner)

    (letter,) = letters_to(adalbert)
    assert (letter.state, letter.to_email, letter.calendar) == (Message.State.SKIPPED, "", "")


def test_it_keeps_who_came_in_the_count(workshop, adalbert, owner, time_machine_at):
    Registration.objects.update(checked_in_at=timezone.now())
    time_machine_at(workshop.ends_at + timedelta(days=1))

    actions.erase(adalbert.contact, by=owner)

    assert workshop.registrations.came().count() == 1
    workshop.refresh_from_db()
    assert workshop.seats_taken == 1


def test_it_keeps_their_no(adalbert, owner):
    record_consent(
        adalbert.contact, purpose=Purpose.NEWS, state=ConsentEvent.State.WITHDRAWN, source="in person", by=owner
    )

    actions.erase(adalbert.contact, by=owner)

    assert Suppression.objects.of("adalbert@example.com").count() == 1
    assert ConsentEvent.objects.count() == 1


def test_it_keeps_a_contact_that_the_practice_needs(adalbert, owner, quiet_gym):
    quiet_gym.roles.create(contact=adalbert.contact, title="Coach")

    assert not actions.erase(adalbert.contact, by=owner)

    assert Contact.objects.get(pk=adalbert.contact_id).name == "Adalbert Quist"
    assert Registration.objects.get().name == "Erased"
    assert letters_to(adalbert)[0].to_email == ""


def test_it_notes_who_erased_whom_by_number(adalbert, owner):
    actions.erase(adalbert.contact, by=owner)

    entry = ModelLogEntry.objects.get(action="workshops.erase")
    assert (entry.user, entry.data) == (owner, {"registration": adalbert.pk})


def test_it_lets_them_come_back_as_somebody_new(workshop, adalbert, owner):
    actions.erase(adalbert.contact, by=owner)

    again = actions.register(workshop, name="Adalbert Quist", email="adalbert@example.com")

    assert again.contact_id != adalbert.contact_id
    assert again.state == "confirmed"


def test_it_shuts_the_links_in_their_letters(client, adalbert, owner):
    actions.erase(adalbert.contact, by=owner)

    assert client.get(adalbert.get_absolute_url()).status_code == 404


def test_it_asks_first_and_says_what_becomes_free(client, workshop, adalbert, owner):
    client.force_login(owner)
    address = reverse("erase_registrant", args=[adalbert.pk])

    page = client.get(address).content.decode()
    assert "the seat becomes free" in page
    assert Registration.objects.get().name == "Adalbert Quist"

    answer = client.post(address, follow=True)
    assert "Erased. What they did is counted" in answer.content.decode()


def test_it_is_for_those_who_may(client, adalbert, assistant):
    address = reverse("erase_registrant", args=[adalbert.pk])
    assert client.post(address).status_code == 302
    client.force_login(assistant)

    client.post(address)

    assert Registration.objects.get().name == "Adalbert Quist"


def test_it_takes_along_whom_they_brought(workshop, owner):
    ada, ben = actions.register_party(
        workshop, [actions.Person("Ada", "ada@example.com"), actions.Person("Benno Brought")], submission="one"
    )

    actions.erase(ada.contact, by=owner)

    ben.refresh_from_db()
    assert (ben.name, ben.state) == ("Erased", "cancelled")
    assert "Benno" not in everything_kept()
