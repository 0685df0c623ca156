"""Editing a contact: what was changed is saved and nothing else, and whoever comes second is told."""

import html

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from crm.people.models import Contact

pytestmark = pytest.mark.django_db

NEW = {"name": "Ada Park", "email": "ada@harbour.example", "phone": "", "time_zone": ""}


@pytest.fixture
def ada() -> Contact:
    return Contact.objects.create(name="Ada Park", email="ada@harbour.example", phone="613 555 0101")


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def opened(office, contact: Contact) -> dict:
    """What the page sends back when nothing is changed on it."""
    form = office.get(reverse("contacts:edit", args=[contact.pk])).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def save(office, contact: Contact, fields: dict):
    return office.post(reverse("contacts:edit", args=[contact.pk]), fields)


def test_it_adds_a_contact(office):
    assert save_new(office, NEW).status_code == 302
    assert Contact.objects.get().email == "ada@harbour.example"


def save_new(office, fields: dict):
    return office.post(reverse("contacts:add"), fields)


def test_it_saves_what_was_changed(office, ada, owner):
    assert save(office, ada, {**opened(office, ada), "phone": "613 555 0199"}).status_code == 302

    ada.refresh_from_db()
    assert (ada.name, ada.phone) == ("Ada Park", "613 555 0199")
    entry = LogEntry.objects.get_for_object(ada).first()
    assert (set(entry.changes), entry.actor) == ({"phone"}, owner)


def test_it_writes_no_old_value_over_a_newer_one(office, ada):
    form = opened(office, ada)
    Contact.objects.filter(pk=ada.pk).update(email="park@harbour.example")

    save(office, ada, {**form, "name": "Dr. Ada Park"})

    ada.refresh_from_db()
    assert (ada.name, ada.email) == ("Dr. Ada Park", "park@harbour.example")


def test_it_minds_no_address_that_nobody_typed(office, ada):
    """The old address went to somebody else since; this form still holds it, and it isn't what is being saved."""
    form = opened(office, ada)
    Contact.objects.filter(pk=ada.pk).update(email="park@harbour.example")
    Contact.objects.create(name="Reception", email="ada@harbour.example")

    assert save(office, ada, {**form, "phone": ""}).status_code == 302


def test_it_shows_both_where_two_changed_the_same(office, ada):
    form = opened(office, ada)
    Contact.objects.filter(pk=ada.pk).update(phone="613 555 0102")

    typed = {**form, "phone": "613 555 0199", "name": "Dr. Ada Park"}
    page = save(office, ada, typed)
    words = html.unescape(page.content.decode())
    assert "Somebody else changed this to “613 555 0102” while you were here." in words
    assert 'value="613 555 0199"' in words
    ada.refresh_from_db()
    assert (ada.name, ada.phone) == ("Ada Park", "613 555 0102")

    save(office, ada, {**typed, "seen": page.context["form"]["seen"].value()})
    ada.refresh_from_db()
    assert (ada.name, ada.phone) == ("Dr. Ada Park", "613 555 0199")


def test_it_brings_back_what_was_seen(office, ada):
    assert 'name="seen"' in office.get(reverse("contacts:edit", args=[ada.pk])).content.decode()
