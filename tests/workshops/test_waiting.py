"""Who moves up from the waiting list, by how much time is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.models import Invite, Registration

pytestmark = pytest.mark.django_db

State = Registration.State


def hours_before(workshop, hours, minutes=0):
    return workshop.starts_at - timedelta(hours=hours, minutes=minutes)


def states(*people):
    for person in people:
        person.refresh_from_db()
    return [person.state for person in people]


@pytest.fixture
def line(workshop, time_machine_at):
    """Ada and Ben have the two seats; Cleo, Dora and Eve wait, in this order."""
    time_machine_at(hours_before(workshop, 24 * 7))
    return fill(workshop, "Ada", "Ben", "Cleo", "Dora", "Eve")


def test_it_gives_the_seat_at_once_more_than_a_day_before(workshop, line, time_machine_at):
    ada, _ben, cleo, dora, _eve = line
    time_machine_at(hours_before(workshop, 24, 1))

    actions.cancel(ada)

    assert states(cleo, dora) == ["confirmed", "waiting"]
    letter = letters_to(cleo)[-1]
    assert letter.calendar_method == "REQUEST"
    assert letter.values["cancel_url"].endswith(f"/r/{cleo.token}/cancel/")


@pytest.mark.parametrize(
    ("hours", "minutes", "kept_hours"), [(24, 0, 4), (6, 0, 4), (5, 0, 3), (4, 1, 2 + 1 / 60)], ids=str
)
def test_it_offers_the_seat_on_the_last_day(workshop, line, time_machine_at, hours, minutes, kept_hours):
    ada, _ben, cleo, dora, _eve = line
    now = hours_before(workshop, hours, minutes)
    time_machine_at(now)

    actions.cancel(ada)

    assert states(cleo, dora) == ["offered", "waiting"]
    assert cleo.offered_until == now + timedelta(hours=kept_hours)
    letter = letters_to(cleo)[-1]
    assert letter.calendar == ""
    assert letter.values["claim_url"].endswith(f"/r/{cleo.token}/claim/")
    assert not Invite.objects.filter(registration=cleo).exists()
    workshop.refresh_from_db()
    assert workshop.seats_taken == 2


@pytest.fixture
def line_today(practice):
    """The same for a workshop that begins in three hours by the database's clock too, which watches over the seats."""
    workshop = make_workshop(starts_at=timezone.now() + timedelta(hours=3))
    return workshop, fill(workshop, "Ada", "Ben", "Cleo", "Dora")


def test_it_gives_nobody_a_seat_in_the_last_four_hours(line_today):
    _workshop, (ada, _ben, cleo, _dora) = line_today

    actions.cancel(ada)

    assert states(cleo) == ["waiting"]
    assert len(letters_to(cleo)) == 1


def test_it_offers_the_seat_to_the_next_when_the_time_is_over(workshop, line, time_machine_at):
    ada, _ben, cleo, dora, _eve = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    time_machine_at(hours_before(workshop, 16))

    assert actions.lapse_offers() == 1
    assert actions.lapse_offers() == 0

    assert states(cleo, dora) == ["waiting", "offered"]
    assert [letter.content.subject.partition(":")[0] for letter in letters_to(cleo)][-1] == (
        "The seat goes to the next person"
    )


def test_it_keeps_an_offer_until_its_time_is_over(workshop, line, time_machine_at):
    ada, _ben, cleo, _dora, _eve = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    time_machine_at(hours_before(workshop, 16, 1))

    assert actions.lapse_offers() == 0
    assert states(cleo) == ["offered"]


def test_it_makes_one_offer_each(workshop, line, time_machine_at):
    ada, *_others = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    for hours in (16, 12, 8):
        time_machine_at(hours_before(workshop, hours))
        assert actions.lapse_offers() == 1

    _ada, _ben, cleo, dora, eve = line
    assert states(cleo, dora, eve) == ["waiting"] * 3
    workshop.refresh_from_db()
    assert workshop.seats_taken == 1


def test_it_puts_who_let_an_offer_go_behind_the_others(workshop, line, time_machine_at):
    ada, _ben, cleo, dora, eve = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    time_machine_at(hours_before(workshop, 16))
    actions.lapse_offers()
    cleo.refresh_from_db()

    assert list(workshop.registrations.waiting()) == [eve, cleo]
    assert states(dora) == ["offered"]


def test_it_gives_the_seat_to_who_claims_it(workshop, line, time_machine_at):
    ada, _ben, cleo, _dora, _eve = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)

    actions.claim(cleo)
    actions.claim(cleo)

    assert states(cleo) == ["confirmed"]
    assert cleo.offered_until is None
    (letter,) = [letter for letter in letters_to(cleo) if letter.calendar]
    assert letter.content.subject.startswith("The seat is yours")
    assert letter.calendar_method == "REQUEST"
    assert len(letters_to(cleo)) == 3
    workshop.refresh_from_db()
    assert workshop.seats_taken == 2


def test_it_gives_the_next_one_the_seat_that_is_claimed_too_late(workshop, line, time_machine_at):
    ada, _ben, cleo, dora, _eve = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    time_machine_at(hours_before(workshop, 15))

    with pytest.raises(actions.OfferLapsed):
        actions.claim(cleo)

    assert states(cleo, dora) == ["waiting", "offered"]


def test_it_gives_a_seat_that_nobody_else_wants_to_who_is_late(workshop, time_machine_at):
    time_machine_at(hours_before(workshop, 24 * 7))
    ada, _ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    time_machine_at(hours_before(workshop, 15))
    actions.lapse_offers()

    actions.claim(cleo)

    assert states(cleo) == ["confirmed"]


def test_it_refuses_a_seat_that_was_not_offered(workshop, line):
    cleo = line[2]

    with pytest.raises(actions.NotOffered):
        actions.claim(cleo)


def test_it_frees_an_offered_seat_when_they_say_no(workshop, line, time_machine_at):
    ada, _ben, cleo, dora, _eve = line
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)

    actions.cancel(cleo)

    assert states(cleo, dora) == ["cancelled", "offered"]
    assert letters_to(cleo)[-1].calendar == ""


def test_it_lets_nobody_new_overtake_those_who_wait(line_today):
    workshop, (ada, *_others) = line_today
    actions.cancel(ada)

    (fay,) = fill(workshop, "Fay")

    assert states(fay) == ["waiting"]
    assert fay.position == 3


def test_it_gives_a_free_seat_to_somebody_new_when_all_others_let_it_go(workshop, time_machine_at):
    time_machine_at(hours_before(workshop, 24 * 7))
    ada, *_others = fill(workshop, "Ada", "Ben", "Cleo")
    time_machine_at(hours_before(workshop, 20))
    actions.cancel(ada)
    time_machine_at(hours_before(workshop, 15))
    actions.lapse_offers()

    (fay,) = fill(workshop, "Fay")

    assert states(fay) == ["confirmed"]


def test_it_gives_a_seat_on_the_owners_word(line_today, owner):
    _workshop, (ada, _ben, cleo, dora) = line_today
    actions.cancel(ada)

    actions.give_seat(dora, by=owner)
    actions.give_seat(dora, by=owner)

    assert states(dora) == ["confirmed"]
    assert letters_to(dora)[-1].calendar_method == "REQUEST"
    with pytest.raises(actions.NoFreeSeat):
        actions.give_seat(cleo, by=owner)


def test_it_moves_people_up_when_the_workshop_is_moved_to_a_later_day(line_today):
    workshop, (ada, _ben, cleo, dora) = line_today
    actions.cancel(ada)

    later = timedelta(days=7)
    actions.move(workshop, starts_at=workshop.starts_at + later, ends_at=workshop.ends_at + later)

    assert states(cleo, dora) == ["confirmed", "waiting"]


def test_it_shortens_an_offer_when_the_workshop_is_moved_to_an_earlier_hour(workshop, line, time_machine_at):
    ada, _ben, cleo, _dora, _eve = line
    time_machine_at(hours_before(workshop, 6))
    actions.cancel(ada)

    actions.move(workshop, starts_at=workshop.starts_at - timedelta(hours=1))

    cleo.refresh_from_db()
    workshop.refresh_from_db()
    assert cleo.offered_until == workshop.starts_at - timedelta(hours=2)


def test_it_keeps_seats_for_the_host(db, practice):
    workshop = make_workshop(capacity=3, host_seats=2)

    ada, ben = fill(workshop, "Ada", "Ben")
    cleo, dora = (
        actions.register(workshop, name=name, email=f"{name}@example.com", is_hosts=True) for name in ("Cleo", "Dora")
    )

    assert states(ada, ben, cleo, dora) == ["confirmed", "waiting", "confirmed", "confirmed"]


def test_it_promotes_only_the_hosts_people_to_a_seat_kept_for_them(db, practice):
    workshop = make_workshop(capacity=2, host_seats=1)
    _ada, ben = fill(workshop, "Ada", "Ben")
    cleo, dora = (
        actions.register(workshop, name=name, email=f"{name}@example.com", is_hosts=True) for name in ("Cleo", "Dora")
    )

    actions.cancel(cleo)

    assert states(ben, dora) == ["waiting", "confirmed"]


def test_it_promotes_when_fewer_seats_are_kept_for_the_host(db, practice):
    workshop = make_workshop(capacity=2, host_seats=1)
    _ada, ben = fill(workshop, "Ada", "Ben")

    assert actions.change_capacity(workshop, host_seats=0) == [ben]
    assert states(ben) == ["confirmed"]


def test_it_refuses_to_keep_more_seats_than_there_are(db, practice):
    workshop = make_workshop(capacity=2)

    with pytest.raises(actions.TooFewSeats, match="3 seats are kept for the host, and there would be only 2"):
        actions.change_capacity(workshop, host_seats=3)


def test_it_keeps_whom_it_doubts_out_until_somebody_looked(workshop, owner):
    eve = actions.register(workshop, name="Eve", email="eve@example.com", doubt="Two web addresses.")
    again = actions.register(workshop, name="Eve", email="eve@example.com", doubt="Two web addresses.")

    assert again == eve
    assert states(eve) == ["quarantined"]
    assert letters_to(eve) == []
    assert eve.contact.archived_at is not None

    actions.release(eve, by=owner)

    eve.refresh_from_db()
    assert states(eve) == ["confirmed"]
    assert eve.contact.archived_at is None
    assert len(letters_to(eve)) == 1
    with pytest.raises(actions.NotInDoubt):
        actions.release(eve, by=owner)


def test_it_puts_whom_it_lets_in_at_the_end_of_the_line(workshop, owner, time_machine_at):
    time_machine_at(hours_before(workshop, 100))
    eve = actions.register(workshop, name="Eve", email="eve@example.com", doubt="Two web addresses.")
    time_machine_at(hours_before(workshop, 99))
    fill(workshop, "Ada", "Ben", "Cleo")
    time_machine_at(hours_before(workshop, 98))

    released = actions.release(eve, by=owner)

    assert released.state == State.WAITING
    assert released.position == 2


def test_it_keeps_the_later_registration_of_whom_it_lets_in(workshop, owner):
    eve = actions.register(workshop, name="Eve", email="eve@example.com", doubt="Two web addresses.")
    (seated,) = fill(workshop, "Eve")

    assert actions.release(eve, by=owner) == seated
    assert states(eve) == ["cancelled"]
