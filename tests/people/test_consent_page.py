from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.models import Pause, Suppression, address_hash
from crm.people.actions import may_write
from crm.people.models import ConsentEvent, Contact, Purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(db) -> Contact:
    return Contact.objects.create(name="Bo Lind", email="bo@example.com")


def said(**changes) -> dict:
    return {"state": "granted", "purpose": "news", "source": "in person", "evidence": "At the open day.", **changes}


def test_it_needs_a_login(client, contact):
    assert "/admin/login/" in client.get(f"/admin/consent/{contact.pk}/")["Location"]


def test_it_notes_a_yes_with_who_wrote_it_down(client, assistant, contact):
    client.force_login(assistant)
    page = client.post(f"/admin/consent/{contact.pk}/", said(), follow=True).text

    event = ConsentEvent.objects.get()
    assert (event.state, event.source, event.by) == ("granted", "in person", assistant)
    assert may_write(contact, purpose=Purpose.NEWS)
    assert "Noted what Bo Lind said." in page
    assert "At the open day." in page


def test_it_wants_proof_of_a_yes_but_not_of_a_no(client, assistant, contact):
    client.force_login(assistant)

    page = client.post(f"/admin/consent/{contact.pk}/", said(evidence="", source="by phone"))
    assert page.status_code == 422
    assert "Write down how you know" in page.text
    assert "by phone" in page.text
    client.post(f"/admin/consent/{contact.pk}/", said(evidence="", state="withdrawn"))
    assert ConsentEvent.objects.get().state == "withdrawn"


def test_it_lets_a_viewer_read_only(client, viewer, contact):
    client.force_login(viewer)

    assert "Note it down" not in client.get(f"/admin/consent/{contact.pk}/").text
    client.post(f"/admin/consent/{contact.pk}/", said())
    assert not ConsentEvent.objects.exists()


def test_it_goes_back_where_it_came_from(client, owner, contact):
    client.force_login(owner)

    there = client.post(f"/admin/consent/{contact.pk}/", said(next="/admin/"))
    elsewhere = client.post(f"/admin/consent/{contact.pk}/", said(next="https://evil.example.com/"))
    assert there["Location"] == "/admin/"
    assert elsewhere["Location"] == f"/admin/consent/{contact.pk}/"


def test_it_says_that_an_address_is_closed(client, owner, contact):
    Suppression.objects.create(email_hash=address_hash(contact.email), reason=Suppression.Reason.UNSUBSCRIBED)
    client.force_login(owner)

    page = client.get(f"/admin/consent/{contact.pk}/").text
    assert "Unsubscribed" in page
    assert "No letters are sent to this address" in page


@pytest.mark.parametrize(("days", "is_said"), [(9, True), (-9, False)])
def test_it_says_that_they_asked_for_a_pause(client, owner, contact, days, is_said):
    Pause.objects.create(contact=contact, until=timezone.now() + timedelta(days=days))
    client.force_login(owner)

    assert ("They asked for a pause until" in client.get(f"/admin/consent/{contact.pk}/").text) is is_said


def test_it_stands_beside_the_form_of_a_contact(client, assistant, contact):
    client.force_login(assistant)
    client.post(f"/admin/consent/{contact.pk}/", said())

    page = client.get(f"/admin/contacts/edit/{contact.pk}/").text
    assert "Said yes" in page
    assert f"/admin/consent/{contact.pk}/?next=/admin/contacts/edit/{contact.pk}/" in page
    assert "Said yes" not in client.get("/admin/contacts/new/").text
