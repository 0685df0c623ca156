"""A sign-up whose second yes never came is emptied thirty days after it was given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core import serializers
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message, Suppression, address_hash
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.actions.forgetting import FORGET_AFTER
from workshops.models import Registration

pytestmark = pytest.mark.django_db

State = ConsentEvent.State


@pytest.fixture
def given_up(workshop, time_machine_at) -> Registration:
    """Ada was asked, and did not press the link within two days. Thirty days later is now."""
    now = timezone.now()
    time_machine_at(now)
    row = actions.ask_again(workshop, name="Ada Quist", email="ada@example.com", phone="613 555 0199")
    time_machine_at(now + timedelta(hours=48))
    actions.lapse_unconfirmed()
    time_machine_at(now + timedelta(hours=48) + FORGET_AFTER)
    return Registration.objects.get(pk=row.pk)


def kept_words() -> list[str]:
    models = (Contact, Registration, Message, LogEntry)
    everything = " ".join(serializers.serialize("json", model.objects.all()) for model in models)
    return [word for word in ("Ada", "ada@", "555 0199") if word in everything]


def forget() -> Contact:
    assert actions.forget_given_up() == 1
    return Registration.objects.order_by("pk").first().contact


def test_it_empties_the_sign_up_its_letter_and_its_contact(client, given_up):
    assert kept_words() == ["Ada", "ada@", "555 0199"]

    contact = forget()

    row = Registration.objects.get()
    assert kept_words() == []
    assert (row.name, row.state, row.cancelled_by, contact.name) == ("Erased", "cancelled", "unconfirmed", "Erased")
    assert client.get(given_up.get_absolute_url()).status_code == 404
    assert [(letter.to_email, letter.reason) for letter in letters_to(row)] == [("", "Erased when its time was over.")]


def test_it_empties_who_was_thrown_away_and_nobody_who_was_let_in(workshop, owner, time_machine_at):
    now = timezone.now()
    machine, person = (
        actions.register(workshop, name=name, email=email, doubt="looks made up")
        for name, email in (("Ada Quist", "ada@example.com"), ("Ben", "ben@example.com"))
    )
    actions.throw_away([machine], by=owner)
    actions.cancel(actions.let_in(person, by=owner), by=Registration.CancelledBy.OFFICE)
    time_machine_at(now + FORGET_AFTER + timedelta(minutes=1))

    assert actions.forget_given_up() == 1
    assert kept_words() == []
    assert Registration.objects.filter(name="Ben").exists()


def test_it_forgets_after_thirty_days_and_once(given_up, time_machine_at):
    assert timedelta(days=30) == FORGET_AFTER
    time_machine_at(timezone.now() - timedelta(seconds=1))
    assert actions.forget_given_up() == 0
    time_machine_at(timezone.now() + timedelta(seconds=1))

    assert [actions.forget_given_up(), actions.forget_given_up()] == [1, 0]


def test_it_empties_whom_they_brought(workshop, given_up):
    Registration.objects.create(
        workshop=workshop, contact=given_up.contact, name="Adam Quist", party="p", state="cancelled",
        cancelled_by="unconfirmed", cancelled_at=given_up.cancelled_at,
    )  # fmt: skip

    assert actions.forget_given_up() == 2
    assert set(Registration.objects.values_list("name", flat=True)) == {"Erased"}


def test_it_leaves_other_cancellations_as_they_are(workshop, given_up, time_machine_at):
    time_machine_at(timezone.now() - FORGET_AFTER - timedelta(hours=1))
    (ben,) = fill(workshop, "Ben")
    actions.cancel(ben)
    time_machine_at(timezone.now() + timedelta(days=60))

    forget()

    ben.refresh_from_db()
    assert ben.name == "Ben"


# Who has another life stays in the contacts


def signs_up_again(workshop, contact):
    Registration.objects.create(
        workshop=workshop, contact=contact, name="Ada", email=contact.email, state="unconfirmed"
    )


def says_yes(workshop, contact):
    record_consent(contact, purpose=Purpose.NEWS, state=State.GRANTED, source="in person")


def is_a_partners(workshop, contact):
    workshop.host.roles.create(contact=contact, title="Coach")


def is_on_the_lists(workshop, contact):
    Contact.objects.filter(pk=contact.pk).update(archived_at=None)


def was_known_before(workshop, contact):
    Contact.objects.filter(pk=contact.pk).update(created_at=timezone.now() - timedelta(days=90))


def was_written_to(workshop, contact):
    message = Message.objects.get()
    Message.objects.create(
        dedupe_key="another", message_class="transactional", contact=contact, content=message.content,
        to_email=contact.email,
    )  # fmt: skip


@pytest.mark.parametrize(
    "life", [signs_up_again, says_yes, is_a_partners, is_on_the_lists, was_known_before, was_written_to]
)
def test_it_keeps_a_contact_with_a_life_of_its_own(workshop, given_up, life):
    life(workshop, given_up.contact)

    contact = forget()

    given_up.refresh_from_db()
    assert (given_up.name, contact.name, contact.email) == ("Erased", "Ada Quist", "ada@example.com")


def test_it_remembers_a_no_without_the_address(workshop, given_up):
    record_consent(given_up.contact, purpose=Purpose.NEWS, state=State.WITHDRAWN, source="by phone")

    assert forget().email == ""
    assert Suppression.objects.filter(email_hash=address_hash("ada@example.com"), scope="letters").exists()


def test_it_says_in_the_handbook_when(client, owner):
    client.force_login(owner)

    assert f"{FORGET_AFTER.days} days later" in client.get(reverse("help_page", args=["sign-up"])).text
