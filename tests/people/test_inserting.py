"""Rows that go over as one document are the rows that bulk_create writes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, IntegrityError
from django.utils import timezone

from crm.mail.models import Content, Message
from crm.people.inserting import insert_all
from crm.people.models import Contact
from tests.workshops.conftest import make_workshop
from workshops.models import Invite, Registration

pytestmark = pytest.mark.django_db

ODD = 'Zoë "O\'Hara" \\ {a,b} %s — \u202e\n\t<i>'


def contacts() -> list[Contact]:
    return [Contact(name=ODD, email=f"{n}@example.com", phone="", created_at=timezone.now()) for n in range(3)]


def messages() -> list[Message]:
    content = Content.objects.create(subject="Hello", text="Hello")
    contact = Contact.objects.create(name="Ada", email="ada@example.com")
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
    row = type(row).objects.get(pk=row.pk)
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


@pytest.mark.parametrize("made", [contacts, messages, registrations, history])
def test_it_writes_what_bulk_create_writes(practice, made):
    ours = made()
    before = [vars(row).copy() for row in ours]
    insert_all(ours)
    written = [told(row) for row in ours]
    assert [row._state.adding for row in ours] == [False] * 3
    type(ours[0]).objects.all().delete()

    theirs = [
        type(row)(**{k: v for k, v in was.items() if not k.startswith("_")})
        for row, was in zip(ours, before, strict=True)
    ]
    type(ours[0]).objects.bulk_create(theirs)

    assert [told(row) for row in theirs] == written


def test_it_gives_keys_in_their_order(practice):
    rows = registrations()
    insert_all(rows)

    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    assert [Registration.objects.get(pk=row.pk).email for row in rows] == [row.email for row in rows]


def test_it_adds_nothing_where_there_is_a_conflict():
    Contact.objects.create(name="Ada", email="1@example.com")
    insert_all(contacts(), ignore_conflicts=True)

    assert Contact.objects.count() == 3
    assert Contact.objects.get(email="1@example.com").name == "Ada"


def test_it_needs_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_all([])


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
