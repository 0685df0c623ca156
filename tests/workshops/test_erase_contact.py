"""Forgetting somebody from the page of their contact, whether or not they ever came."""

from __future__ import annotations

import pytest
from django.urls import reverse
from wagtail.models import Page

from content.actions import receive_lead
from content.models import Lead
from crm.people.models import Contact
from tests.workshops.conftest import fill
from workshops.models import Registration

pytestmark = pytest.mark.django_db


def address(contact: Contact) -> str:
    return reverse("erase_contact", args=[contact.pk])


@pytest.fixture
def eve(practice) -> Contact:
    """She wrote on the site once, and never came."""
    return receive_lead(Page.objects.first(), name="Eve Moss", email="eve@example.com", message="I row.").contact


def test_it_asks_first_and_then_forgets_whoever_only_wrote(client, owner, eve):
    client.force_login(owner)

    assert "Erase Eve Moss?" in client.get(address(eve)).text
    assert Lead.objects.get().name == "Eve Moss"
    answer = client.post(address(eve), follow=True)

    eve.refresh_from_db()
    assert "Erased. What they did is counted" in answer.text
    assert (eve.name, eve.email, Lead.objects.get().message) == ("Erased", "", "")
    assert eve.archived_at


def test_it_forgets_registrations_with_them(client, owner, workshop):
    (ada,) = fill(workshop, "Ada")
    client.force_login(owner)

    assert "the seat becomes free" in client.get(address(ada.contact)).text
    client.post(address(ada.contact))

    row = Registration.objects.get()
    assert (row.name, row.state) == ("Erased", "cancelled")


def test_it_says_that_a_partners_person_stays(client, owner, eve, quiet_gym):
    quiet_gym.roles.create(contact=eve, title="Coach")
    client.force_login(owner)

    assert "They stay in your contacts" in client.get(address(eve)).text
    client.post(address(eve))

    eve.refresh_from_db()
    assert eve.name == "Eve Moss"
    assert Lead.objects.get().name == "Erased"


@pytest.mark.parametrize("role", ["assistant", "viewer"])
def test_it_is_for_owners(client, request, eve, role):
    assert client.post(address(eve)).status_code == 302
    client.force_login(request.getfixturevalue(role))
    client.post(address(eve))

    assert Contact.objects.get(pk=eve.pk).name == "Eve Moss"
