"""The tick for letters of somebody who is held back: kept with its words and its moment, and noted when they are let in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from tests.workshops.test_public_pages import typed
from workshops import actions
from workshops.forms import NEWS_WORDING
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def eve(client, workshop) -> Registration:
    """She looked odd, and ticked the box."""
    client.post(workshop.get_absolute_url(), typed(website="x", wants_news="on"))
    return Registration.objects.get()


def test_it_agrees_to_nothing_while_somebody_is_held(eve):
    assert not ConsentEvent.objects.exists()


def test_it_notes_the_tick_at_its_own_moment_with_its_words(eve, owner, workshop, time_machine_at):
    ticked = eve.agreed_at
    time_machine_at(timezone.now() + timedelta(hours=5))

    actions.release(eve, by=owner)

    word = ConsentEvent.objects.get()
    assert (word.state, word.purpose, word.at) == ("granted", "news", ticked)
    assert word.evidence == f"{NEWS_WORDING} ({workshop.title})"


def test_it_notes_nothing_without_a_tick(client, workshop, owner):
    client.post(workshop.get_absolute_url(), typed(website="x"))

    actions.release(Registration.objects.get(), by=owner)

    assert not ConsentEvent.objects.exists()


def test_it_lets_a_later_no_stand(eve, owner):
    record_consent(eve.contact, purpose=Purpose.NEWS, state=ConsentEvent.State.WITHDRAWN, source="in person", by=owner)

    actions.release(eve, by=owner)

    assert not may_write(Contact.objects.get(pk=eve.contact_id), purpose=Purpose.NEWS)


def test_it_is_taken_back_and_given_again_with_the_registration(eve, owner):
    actions.let_in(eve, by=owner)
    assert may_write(eve.contact, purpose=Purpose.NEWS)

    actions.doubt_again(eve, by=owner)
    assert not may_write(eve.contact, purpose=Purpose.NEWS)

    actions.let_in(eve, by=owner)
    assert may_write(eve.contact, purpose=Purpose.NEWS)


def test_it_counts_from_the_tick_when_a_second_yes_was_asked_for(client, workshop):
    Workshop.objects.update(asks_again=True)
    client.post(workshop.get_absolute_url(), typed(wants_news="on"))
    row = Registration.objects.get()
    assert not ConsentEvent.objects.exists()

    client.post(row.confirm_url)

    assert ConsentEvent.objects.get().at == row.agreed_at


def test_it_keeps_the_first_tick_of_a_form_sent_twice(client, workshop, eve):
    client.post(workshop.get_absolute_url(), typed(website="x", wants_news="on"))

    assert Registration.objects.get().agreed_at == eve.agreed_at


def test_it_speaks_for_nobody_who_is_registered_already(client, workshop):
    actions.register(workshop, name="Ada", email="ada@example.com")

    client.post(workshop.get_absolute_url(), typed(website="x", wants_news="on"))

    assert Registration.objects.get().agreed_at is None
    assert not ConsentEvent.objects.exists()
