import pytest
from django.db import DatabaseError, transaction

from crm.people.actions import consenting, imply_consent, may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose

pytestmark = pytest.mark.django_db


def test_it_asks_for_a_yes_before_anybody_is_written_to():
    contact = Contact.objects.create(name="Bo", email="bo@example.com")

    assert not may_write(contact, purpose=Purpose.PARTNER)

    record_consent(contact, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")
    assert may_write(contact, purpose=Purpose.PARTNER)
    assert not may_write(contact, purpose=Purpose.NEWS)


def test_it_follows_the_latest_word(unsubscribed):
    assert not may_write(unsubscribed, purpose=Purpose.PARTNER)
    assert not consenting(Contact.objects.all(), purpose=Purpose.PARTNER).exists()


def test_it_never_lets_an_implied_consent_clear_an_opt_out(unsubscribed):
    assert not imply_consent(unsubscribed, purpose=Purpose.PARTNER, source="import")
    assert not may_write(unsubscribed, purpose=Purpose.PARTNER)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_it_refuses_to_rewrite_the_ledger(unsubscribed, change):
    events = ConsentEvent.objects.filter(contact=unsubscribed)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        events.update(state="granted") if change == "update" else events.delete()
    assert events.count() == 2
