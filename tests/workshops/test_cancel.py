from datetime import timedelta

import pytest

from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.models import Invite, Workshop

pytestmark = pytest.mark.django_db


def test_it_cancels_the_invite_with_the_same_uid_and_a_higher_sequence(workshop):
    (ada,) = fill(workshop, "Ada")
    uid = ada.invite.uid

    actions.cancel(ada)

    invite = Invite.objects.get(registration=ada)
    assert (invite.uid, invite.sequence, invite.is_cancelled) == (uid, 1, True)
    letter = letters_to(ada)[-1]
    assert letter.calendar_method == "CANCEL"
    assert f"UID:{uid}" in letter.calendar
    assert "STATUS:CANCELLED" in letter.calendar
    assert "SEQUENCE:1" in letter.calendar


def test_it_gives_the_seat_to_whoever_waited_longest(workshop):
    ada, _ben, cleo, dora = fill(workshop, "Ada", "Ben", "Cleo", "Dora")

    actions.cancel(ada)

    cleo.refresh_from_db()
    dora.refresh_from_db()
    workshop.refresh_from_db()
    assert (cleo.state, dora.state, dora.position) == ("confirmed", "waiting", 1)
    assert workshop.seats_taken == 2
    letter = letters_to(cleo)[-1]
    assert (letter.calendar_method, letter.content.subject) == (
        "REQUEST",
        f"A seat is yours: {workshop.title}, {workshop.day}",
    )
    assert cleo.invite.sequence == 0


def test_it_takes_somebody_off_the_waiting_list_without_a_calendar(workshop):
    *_seated, cleo, dora = fill(workshop, "Ada", "Ben", "Cleo", "Dora")

    actions.cancel(cleo)

    workshop.refresh_from_db()
    assert workshop.seats_taken == 2
    assert dora.position == 1
    letter = letters_to(cleo)[-1]
    assert letter.calendar == ""
    assert letter.content.subject.startswith("You left the waiting list")


def test_it_cancels_once(workshop):
    (ada,) = fill(workshop, "Ada")
    actions.cancel(ada)

    with pytest.raises(actions.AlreadyCancelled):
        actions.cancel(ada)
    workshop.refresh_from_db()
    assert workshop.seats_taken == 0
    assert len(letters_to(ada)) == 2


def test_it_refuses_once_the_workshop_has_begun(workshop, time_machine_at):
    (ada,) = fill(workshop, "Ada")
    time_machine_at(workshop.starts_at + timedelta(minutes=1))

    with pytest.raises(actions.WorkshopOver):
        actions.cancel(ada)


def test_it_leaves_a_history_of_who_left(workshop):
    (ada,) = fill(workshop, "Ada")

    actions.cancel(ada)

    ada.refresh_from_db()
    assert ada.cancelled_at is not None
    assert Workshop.objects.get().registrations.count() == 1
