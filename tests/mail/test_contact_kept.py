"""A message's contact exists, and stays: held by PostgreSQL, once a statement."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import ProtectedError

from crm.mail.models import Content, Message, MessageClass
from crm.people.models import Contact

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = 987_654_321


def _message(contact_id: int | None, key: str = "k") -> Message:
    content = Content.objects.create(subject="Hello", text="Hello.")
    return Message(
        dedupe_key=key, message_class=MessageClass.SYSTEM, content=content, to_email="a@b.ca", contact_id=contact_id
    )


@pytest.fixture
def ada() -> Contact:
    return Contact.objects.create(name="Ada", email="ada@example.com")


def test_it_refuses_a_message_to_an_unknown_contact(ada):
    with pytest.raises(IntegrityError):
        Message.objects.bulk_create([_message(ada.pk, "known"), _message(NOBODY, "unknown")])

    assert not Message.objects.exists()


def test_it_takes_a_message_to_an_address_without_a_contact():
    _message(None).save()

    assert Message.objects.get().contact is None


def test_it_refuses_to_give_a_message_to_an_unknown_contact(ada):
    _message(ada.pk).save()

    with pytest.raises(IntegrityError):
        Message.objects.update(contact=NOBODY)

    assert Message.objects.get().contact == ada


def test_it_keeps_a_contact_who_was_written_to(ada):
    _message(ada.pk).save()

    with pytest.raises(ProtectedError):
        ada.delete()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_contact")

    assert Contact.objects.get() == ada


def test_it_lets_a_contact_go_who_was_not(ada):
    _message(None).save()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_contact")

    assert not Contact.objects.exists()


def test_it_refuses_a_message_to_a_contact_who_is_just_going(ada):
    with ThreadPoolExecutor(1) as pool, psycopg.connect(**_parameters()) as other:
        other.execute("DELETE FROM people_contact")
        written = pool.submit(_in_thread, _message(ada.pk).save)
        _wait_until_waiting(other)
        other.commit()

    with pytest.raises(IntegrityError):
        written.result()
    assert not Message.objects.exists()


def test_it_keeps_a_contact_who_is_just_being_written_to(ada):
    with ThreadPoolExecutor(1) as pool, psycopg.connect(**_parameters()) as other, transaction.atomic():
        _message(ada.pk).save()
        gone = pool.submit(_in_thread, Contact.objects.filter(pk=ada.pk)._raw_delete, "default")
        _wait_until_waiting(other)

    with pytest.raises(IntegrityError):
        gone.result()
    assert Message.objects.get().contact == ada


def _in_thread(act, *arguments):
    try:
        return act(*arguments)
    finally:
        connections.close_all()


def _wait_until_waiting(other: psycopg.Connection) -> None:
    deadline = time.monotonic() + 60
    while not other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'").fetchone()[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _parameters() -> dict[str, str]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port") if known.get(name)}
