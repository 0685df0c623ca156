"""Check-in: taps by their own time, walk-ins, seats that are added, and the end of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm.mail.models import Message
from crm.people.models import Contact
from partners.models import Touch
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def tonight(practice, quiet_gym):
    """Three seats, and it begins in an hour; Ada and Ben have one each."""
    return make_workshop(host=quiet_gym, capacity=3, starts_at=timezone.now() + timedelta(hours=1))


@pytest.fixture
def guests(tonight):
    return fill(tonight, "Ada Adler", "Ben Brook")


def minutes(count: int):
    """So long before now."""
    return timezone.now() - timedelta(minutes=count)


def seats(workshop: Workshop) -> tuple[int, int]:
    workshop.refresh_from_db()
    return workshop.seats_taken, workshop.capacity


# A tap


def test_it_checks_in_once_however_often_it_is_said(tonight, guests, owner):
    at = minutes(5)
    for _again in range(3):
        actions.check_in(guests[0], by=owner, at=at)
    actions.check_in(guests[0], by=owner, at=minutes(1))

    ada = tonight.registrations.came().get()
    assert (ada.pk, ada.checked_in_at, ada.tapped_at > at) == (guests[0].pk, at, True)


def test_it_takes_a_slip_back(tonight, guests, owner):
    actions.check_in(guests[0], by=owner, at=minutes(5))
    actions.undo_check_in(guests[0], at=minutes(4))

    assert not tonight.registrations.came().exists()
    assert seats(tonight) == (2, 3)


@pytest.mark.parametrize(("undone", "came"), [(3, False), (7, True)])
def test_it_lets_the_later_tap_win_whenever_it_arrives(tonight, guests, owner, undone, came):
    actions.undo_check_in(guests[0], at=minutes(undone))
    actions.check_in(guests[0], by=owner, at=minutes(5))

    assert tonight.registrations.came().exists() == came


def test_it_lets_no_clock_that_is_ahead_win(tonight, guests, owner):
    actions.check_in(guests[0], by=owner, at=timezone.now() + timedelta(days=1))
    actions.undo_check_in(guests[0])

    assert not tonight.registrations.came().exists()


def test_it_lets_somebody_go_who_was_ticked_by_a_slip(tonight, guests, owner):
    actions.check_in(guests[0], by=owner)

    assert actions.cancel(guests[0]).checked_in_at is None


def test_it_leaves_somebody_who_cancelled_after_the_tap(tonight, guests, owner):
    at = minutes(5)
    actions.cancel(guests[0])

    assert actions.check_in(guests[0], by=owner, at=at).is_cancelled
    assert seats(tonight) == (1, 3)


def test_it_seats_somebody_who_cancelled_and_came_all_the_same(tonight, guests, owner):
    actions.cancel(guests[0])
    written = len(letters_to(guests[0]))

    came = actions.check_in(guests[0], by=owner)
    again = actions.check_in(guests[0], by=owner)

    assert came == again != guests[0]
    assert (came.name, came.source, came.invite.is_cancelled) == ("Ada Adler", "walk_in", False)
    assert seats(tonight) == (2, 3)
    assert len(letters_to(guests[0])) == written
    assert letters_to(came) == []

    actions.undo_check_in(guests[0])
    assert seats(tonight) == (1, 3)
    at = minutes(5)
    assert actions.check_in(guests[0], by=owner, at=at).is_cancelled


def test_it_gives_who_waits_a_free_seat_with_the_tap(tonight, guests, owner):
    fill(tonight, "Cleo")
    (dora,) = fill(tonight, "Dora")
    assert dora.state == "waiting"

    with pytest.raises(actions.NoFreeSeat, match="All 3 seats are taken"):
        actions.check_in(dora, by=owner)
    came = actions.check_in(dora, by=owner, add_seat=True)

    assert (came.state, seats(tonight)) == ("confirmed", (4, 4))


# Who waits


def test_it_gives_who_waits_a_seat_and_writes_to_them(tonight, guests, owner):
    cleo, dora = fill(tonight, "Cleo", "Dora")
    actions.cancel(cleo)

    seated = actions.seat_at_door(dora, by=owner)

    assert (seated.state, seated.checked_in_at) == ("confirmed", None)
    assert actions.seat_at_door(dora, by=owner) == seated
    assert seats(tonight) == (3, 3)
    assert [letter.dedupe_key.rpartition(":")[2] for letter in letters_to(dora)] == ["waiting", "promoted"]


def test_it_adds_a_seat_when_asked_alone(tonight, guests, owner):
    _cleo, dora = fill(tonight, "Cleo", "Dora")
    with pytest.raises(actions.NoFreeSeat):
        actions.seat_at_door(dora, by=owner)

    actions.seat_at_door(dora, by=owner, add_seat=True)
    actions.seat_at_door(dora, by=owner, add_seat=True)

    assert seats(tonight) == (4, 4)


# Walk-ins


def test_it_puts_in_somebody_without_an_address(tonight, guests, owner):
    put_in = [actions.walk_in(tonight, name=" Cleo ", key="k1", by=owner) for _twice in range(2)]

    assert put_in[0] == put_in[1]
    cleo = tonight.registrations.get(source="walk_in")
    assert (cleo.name, cleo.email, cleo.state, bool(cleo.checked_in_at)) == ("Cleo", "", "confirmed", True)
    assert (cleo.contact.name, cleo.contact.email) == ("Cleo", "")
    assert letters_to(cleo) == []
    assert seats(tonight) == (3, 3)


def test_it_tells_two_of_one_name_apart(tonight, owner):
    actions.walk_in(tonight, name="Cleo", key="k1", by=owner)
    actions.walk_in(tonight, name="Cleo", key="k2", by=owner)

    assert seats(tonight) == (2, 3)


def test_it_knows_somebody_by_their_address(tonight, guests, owner):
    came = actions.walk_in(tonight, name="A. Adler", email="ADA.adler@example.com", by=owner)
    new = actions.walk_in(tonight, name="Cleo", email="Cleo@example.com", by=owner)

    assert (came, bool(came.checked_in_at)) == (guests[0], True)
    assert new.contact == Contact.objects.get(email="cleo@example.com")
    assert seats(tonight) == (3, 3)


def test_it_exceeds_the_seats_only_by_adding_one(tonight, guests, owner):
    fill(tonight, "Cleo")
    people = Contact.objects.count()

    with pytest.raises(actions.NoFreeSeat):
        actions.walk_in(tonight, name="Dora", key="k", by=owner)
    assert (Contact.objects.count(), seats(tonight)) == (people, (3, 3))

    actions.walk_in(tonight, name="Dora", key="k", by=owner, add_seat=True)
    actions.walk_in(tonight, name="Dora", key="k", by=owner, add_seat=True)
    assert seats(tonight) == (4, 4)


def test_it_takes_a_walk_in_off_the_list_again(tonight, guests, owner):
    cleo = actions.walk_in(tonight, name="Cleo", email="cleo@example.com", key="k", by=owner)
    letters = Message.objects.count()

    actions.undo_check_in(cleo)

    cleo.refresh_from_db()
    assert (cleo.is_cancelled, cleo.checked_in_at, seats(tonight)) == (True, None, (2, 3))
    assert Message.objects.count() == letters
    assert actions.walk_in(tonight, name="Cleo", email="cleo@example.com", key="k", by=owner) == cleo
    assert seats(tonight) == (2, 3)


def test_it_tells_a_walk_in_without_an_address_nothing(tonight, owner):
    actions.walk_in(tonight, name="Cleo", by=owner)

    assert actions.cancel_workshop(tonight, reason="Flood.") == 1
    assert not Message.objects.exists()


# When


def test_it_opens_half_a_day_before(practice, owner):
    tomorrow = make_workshop(starts_at=timezone.now() + timedelta(hours=13))
    (ada,) = fill(tomorrow, "Ada")

    with pytest.raises(actions.DoorNotOpen):
        actions.check_in(ada, by=owner)
    with pytest.raises(actions.DoorNotOpen):
        actions.walk_in(tomorrow, name="Ben", by=owner)


def test_it_checks_nobody_in_to_what_was_called_off(tonight, guests, owner):
    actions.cancel_workshop(tonight, reason="Flood.")

    with pytest.raises(actions.WorkshopNotOpen, match="cancelled"):
        actions.check_in(guests[0], by=owner)


def test_it_takes_the_list_from_paper_after_the_day(tonight, guests, owner, time_machine_at):
    time_machine_at(tonight.ends_at + timedelta(days=1))
    actions.close_past()

    actions.check_in(guests[0], by=owner)
    actions.walk_in(tonight, name="Cleo", by=owner)

    assert tonight.registrations.came().count() == 2


# The end


@pytest.fixture
def held(tonight, guests, owner, time_machine_at):
    """Ada came."""
    time_machine_at(tonight.starts_at + timedelta(minutes=30))
    actions.check_in(guests[0], by=owner, at=tonight.starts_at)
    return tonight


def test_it_closes_once_and_notes_who_stayed_away(held, guests, owner, time_machine_at):
    closed = actions.close_door(held, by=owner)

    assert closed.door_closed_at == timezone.now()
    assert list(Registration.objects.stayed_away()) == [guests[1]]
    with pytest.raises(actions.DoorClosed):
        actions.close_door(held, by=owner)
    time_machine_at(timezone.now() + timedelta(minutes=1))
    with pytest.raises(actions.DoorClosed):
        actions.check_in(guests[1], by=owner)


def test_it_counts_as_being_in_touch_with_the_host_once(held, guests, owner, quiet_gym):
    actions.close_door(held, by=owner)
    actions.reopen_door(held, by=owner)
    assert not quiet_gym.touches.standing().filter(kind="workshop").exists()
    actions.close_door(held, by=owner)

    touch = quiet_gym.touches.filter(kind="workshop").get()
    assert (touch.summary, touch.by) == ("Workshop held: Knees that last. 1 came, 1 did not.", owner)
    assert (touch.occurred_at, touch.source, touch.taken_back_at) == (held.starts_at, "system", None)


def test_it_counts_a_tap_from_before_the_end_that_arrives_after_it(held, guests, owner, quiet_gym, time_machine_at):
    at = timezone.now()
    time_machine_at(at + timedelta(minutes=5))
    actions.close_door(held, by=owner)

    actions.check_in(guests[1], by=owner, at=at)

    assert not Registration.objects.stayed_away().exists()
    assert quiet_gym.touches.get(kind="workshop").summary == "Workshop held: Knees that last. 2 came, 0 did not."


def test_it_leaves_the_words_that_somebody_gave_the_touch(held, guests, owner, quiet_gym, time_machine_at):
    actions.close_door(held, by=owner)
    Touch.objects.filter(kind="workshop").update(summary="A lovely evening.")

    actions.check_in(guests[1], by=owner, at=held.starts_at + timedelta(minutes=1))

    assert quiet_gym.touches.get(kind="workshop").summary == "A lovely evening."


def test_it_ends_only_after_it_has_begun(tonight, owner):
    with pytest.raises(actions.NotBegun):
        actions.close_door(tonight, by=owner)
    with pytest.raises(actions.DoorOpen):
        actions.reopen_door(tonight, by=owner)


def test_it_ends_by_itself_three_hours_after(held, time_machine_at):
    time_machine_at(held.ends_at + timedelta(hours=2, minutes=59))
    assert actions.close_doors() == 0

    time_machine_at(held.ends_at + timedelta(hours=3))
    actions.close_past()
    assert actions.close_doors() == 1
    assert actions.close_doors() == 0

    held.refresh_from_db()
    assert (held.state, held.door_closed_at) == (Workshop.State.HELD, timezone.now())


def test_it_stays_open_by_itself_where_nobody_was_checked_in(tonight, guests, time_machine_at):
    time_machine_at(tonight.ends_at + timedelta(days=1))

    assert actions.close_doors() == 0


def test_it_leaves_three_hours_after_it_was_opened_again(held, owner, time_machine_at):
    actions.close_door(held, by=owner)
    time_machine_at(held.ends_at + timedelta(days=1))
    actions.reopen_door(held, by=owner)
    assert actions.close_doors() == 0

    time_machine_at(held.ends_at + timedelta(days=1, hours=3))
    assert actions.close_doors() == 1


@pytest.mark.django_db(transaction=True)
def test_it_agrees_when_two_phones_tap_at_once(tonight, guests, owner):
    def tap(number: int) -> None:
        try:
            actions.check_in(guests[number % 2], by=owner)
            actions.walk_in(tonight, name="Cleo", key="one", by=owner)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as phones:
        list(phones.map(tap, range(12)))

    assert (tonight.registrations.came().count(), seats(tonight)) == (3, (3, 3))
