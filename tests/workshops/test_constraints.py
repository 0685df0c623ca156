"""What the database itself refuses, whoever writes to it."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from tests.workshops.conftest import fill
from workshops.models import Invite, Registration, Workshop

pytestmark = pytest.mark.django_db


def check_now() -> None:
    """What is checked at commit is checked here, within the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_it_refuses_more_seats_taken_than_there_are(workshop):
    with pytest.raises(IntegrityError, match="workshop_never_oversold"), transaction.atomic():
        Workshop.objects.update(seats_taken=F("capacity") + 1)


def test_it_refuses_a_counter_that_is_not_the_number_of_seats(workshop):
    fill(workshop, "Ada")

    with (
        pytest.raises(IntegrityError, match="counts 2 seats taken, 0 by the host, but has 1 and 0"),
        transaction.atomic(),
    ):
        Workshop.objects.update(seats_taken=2)
        check_now()


def test_it_refuses_a_confirmed_row_slipped_in(workshop):
    (ada,) = fill(workshop, "Ada")

    with (
        pytest.raises(IntegrityError, match="counts 1 seats taken, 0 by the host, but has 2 and 0"),
        transaction.atomic(),
    ):
        Registration.objects.create(
            workshop=workshop, contact=ada.contact, name="Eve", email="eve@example.com", state="confirmed"
        )
        check_now()


def test_it_refuses_a_free_seat_beside_a_waiting_person(workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    with pytest.raises(IntegrityError, match="has a free seat and 1 waiting"), transaction.atomic():
        Workshop.objects.update(capacity=3)
        check_now()


def test_it_refuses_the_same_address_twice_whatever_its_case(workshop):
    (ada,) = fill(workshop, "Ada")

    with pytest.raises(IntegrityError, match="registration_one_seat_each"), transaction.atomic():
        Registration.objects.create(
            workshop=workshop, contact=ada.contact, name="Ada", email="ADA@example.com", state="waiting"
        )


@pytest.mark.parametrize("change", [{"sequence": 0}, {"uid": "00000000-0000-4000-8000-000000000000"}])
def test_it_keeps_uid_and_sequence_of_an_invite(workshop, change):
    fill(workshop, "Ada")
    Invite.objects.update(sequence=3)

    with pytest.raises(DatabaseError, match="invite"), transaction.atomic():
        Invite.objects.update(**change)


def test_it_never_revives_a_cancelled_invite(workshop):
    fill(workshop, "Ada")
    Invite.objects.update(sequence=1, is_cancelled=True)

    with pytest.raises(DatabaseError, match="stays cancelled"), transaction.atomic():
        Invite.objects.update(sequence=2, is_cancelled=False)
