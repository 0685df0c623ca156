"""Somebody asks what we know of them."""

from __future__ import annotations

import json

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from wagtail.models import Page

from content.actions import receive_lead
from content.models import Lead
from crm.people.models import Contact
from tests.workshops.conftest import make_workshop
from workshops.actions import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(practice) -> Contact:
    register(make_workshop(), name="Ada Okafor", email="ada@example.com", phone="613 555 0142")
    receive_lead(Page.objects.first(), name="Ada Okafor", email="ada@example.com", message="I row.", wants_news=True)
    register(make_workshop(), name="Ben Brown", email="ben@example.com")
    return Contact.objects.get(email="ada@example.com")


def address(contact: Contact) -> str:
    return reverse("kept_of_contact", args=[contact.pk])


def test_it_holds_what_every_room_keeps_and_nobody_else(client, owner, ada):
    client.force_login(owner)

    answer = client.get(address(ada))

    found = json.loads(answer.content)
    assert {"Contact", "Registrations", "Leads", "Messages", "To dos", "Consent events"} <= {*found}
    assert found["Leads"][0]["Message"] == "I row."
    assert found["Contact"][0]["Phone"] == "613 555 0142"
    assert "ben@example.com" not in answer.text
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]


def test_it_holds_no_key_to_their_pages(client, owner, ada):
    client.force_login(owner)

    registration = ada.registrations.get()
    assert registration.token not in json.dumps(json.loads(client.get(address(ada)).content)["Registrations"])
    assert Lead.objects.get().answer_key not in client.get(address(ada)).text


def test_it_writes_down_who_took_it_and_names_nobody(client, owner, ada):
    client.force_login(owner)

    client.get(address(ada))

    entry = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).latest("pk")
    assert (entry.actor, f"what is kept of contact {ada.pk}" in str(entry.changes)) == (owner, True)


@pytest.mark.parametrize("role", ["assistant", "viewer"])
def test_it_is_for_owners(client, request, ada, role):
    assert client.get(address(ada)).status_code == 302
    client.force_login(request.getfixturevalue(role))

    assert client.get(address(ada)).status_code in {302, 403}
    assert reverse("erase_contact", args=[ada.pk]) not in client.get(f"/admin/contacts/edit/{ada.pk}/").text


def test_it_stands_on_the_contacts_page(client, owner, ada):
    client.force_login(owner)

    page = client.get(f"/admin/contacts/edit/{ada.pk}/").text

    assert address(ada) in page
    assert reverse("erase_contact", args=[ada.pk]) in page
    assert client.post(address(ada)).status_code == 405
