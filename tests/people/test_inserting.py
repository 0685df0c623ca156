"""Rows that go over as one document are the rows that bulk_create writes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, IntegrityError
from django.utils import timezone

from crm.mail.models import Content, Message
from crm.people.inserting import Bundle, insert_all, insert_missing
from crm.people.models import Contact
from tests.workshops.conftest import make_workshop
from workshops.models import Invite, Registration

pytestmark = pytest.mark.django_db

ODD = 'Zoë "O\'Hara" \\ {a,b} %s — \u202e\n\t<i>'


def contacts() -> list[Contact]:
    return [Contact(name=ODD, email=f"{n}@example.com", phone="", created_at=timezone.now()) for n in range(3)]


def messages() -> list[Message]:
    content = Content.objects.create(subject="Hello", text="Hello")
    contact, _made = Contact.objects.get_or_create(email="ada@example.com", defaults={"name": "Ada"})
    said = {
        "to_email": "ada@example.com",
        "not_before": timezone.now(),
        "expires_at": timezone.now() + timedelta(days=1),
    }
    return [
        Message(
            contact=contact if n else None,
            content=content,
            message_class="transactional",
            dedupe_key=f"{n}",
            values={"name": ODD, "n": [1, None, {"a": True}]} if n else {},
            letterhead=None if n else {"from": ODD},
            calendar=ODD,
            calendar_method="REQUEST",
            **said,
        )
        for n in range(3)
    ]


def registrations() -> list[Registration]:
    workshop = make_workshop(capacity=5)
    contact = Contact.objects.create(name="Ada", email="ada@example.com")
    return [
        Registration(
            workshop=workshop,
            contact=contact,
            name=ODD,
            email=f"{n}@example.com",
            created_at=timezone.now(),
            state=Registration.State.CANCELLED,
            cancelled_at=timezone.now() if n else None,
        )
        for n in range(3)
    ]


def history() -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(Contact)
    return [
        LogEntry(
            content_type=kind, object_pk="1", object_id=1, object_repr=ODD, action=0, changes={"name": ["None", ODD]}
        )
        for _ in range(3)
    ]


def told(row) -> dict:
    return values_of(type(row).objects.get(pk=row.pk))


def values_of(row) -> dict:
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


def as_bulk_create_writes(rows: list) -> list[dict]:
    theirs = [type(row)(**{k: v for k, v in vars(row).items() if not k.startswith("_")}) for row in rows]
    type(rows[0]).objects.bulk_create(theirs)
    written = [told(row) for row in theirs]
    type(rows[0]).objects.all().delete()
    return written


@pytest.mark.parametrize("made", [contacts, registrations, history])
def test_it_writes_what_bulk_create_writes(practice, made):
    ours = made()
    expected = as_bulk_create_writes(ours)
    insert_all(ours)

    assert [told(row) for row in ours] == expected
    assert [row._state.adding for row in ours] == [False] * 3


def test_a_bundle_writes_what_bulk_create_writes(practice, django_assert_num_queries):
    letters, lines = messages(), history()
    expected = [as_bulk_create_writes(letters), as_bulk_create_writes(lines)]
    bundle = Bundle()
    bundle.add_all(letters, ignore_conflicts=True)
    bundle.add_all(lines)
    with django_assert_num_queries(1):
        bundle.write()
        bundle.write()

    assert [told(row) for row in letters] == expected[0]
    assert [told(row) for row in lines] == expected[1]
    assert not any(row._state.adding for row in (*letters, *lines))


def test_a_bundle_fills_in_what_is_left_out():
    bundle = Bundle()
    bundle.add(Contact, [{"email": "1@example.com", "created_at": timezone.now()}])
    bundle.add(Contact, [{"email": "2@example.com", "created_at": timezone.now(), "name": ODD}])
    bundle.write()

    assert list(Contact.objects.order_by("email").values_list("name", "phone")) == [("", ""), (ODD, "")]


def test_it_gives_keys_in_their_order(practice):
    rows = registrations()
    insert_all(rows)

    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    assert [Registration.objects.get(pk=row.pk).email for row in rows] == [row.email for row in rows]


def test_it_adds_what_is_missing_and_returns_that_alone():
    Contact.objects.create(name="Ada", email="1@example.com")
    now = timezone.now()
    rows = [{"email": f"{n}@example.com", "name": ODD, "created_at": now} for n in range(3)]
    made = insert_missing(Contact, rows)

    assert sorted(contact.email for contact in made) == ["0@example.com", "2@example.com"]
    assert [told(contact) for contact in made] == [values_of(contact) for contact in made]
    assert not any(contact._state.adding for contact in made)
    assert Contact.objects.count() == 3
    assert Contact.objects.get(email="1@example.com").name == "Ada"


def test_a_bundle_passes_over_a_reason_that_is_there(practice):
    first, again = messages(), messages()
    for letters in (first, again):
        bundle = Bundle()
        bundle.add_all(letters, ignore_conflicts=True)
        bundle.write()

    assert set(Message.objects.values_list("pk", flat=True)) == {letter.pk for letter in first}


def test_it_needs_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_all([])
        insert_missing(Contact, [])
        bundle = Bundle()
        bundle.add_all([])
        bundle.add(Contact, [])
        bundle.write()


def test_it_refuses_what_the_table_refuses(practice):
    registration = registrations()[0]
    registration.name = "Ben\0"
    with pytest.raises(DataError):
        insert_all([registration])


def test_it_keeps_what_constraints_forbid_out(practice):
    registration = registrations()[0]
    registration.save()
    with pytest.raises(IntegrityError):
        insert_all([Invite(registration=registration, organizer="a@example.com") for _ in range(2)])
