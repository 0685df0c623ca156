import pytest

from crm.mail.models import Message
from crm.mail.render import render
from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.models import Invite, Registration, Workshop

pytestmark = pytest.mark.django_db


def test_it_tells_everybody_and_takes_it_out_of_their_calendars(workshop):
    ada, ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")

    told = actions.cancel_workshop(workshop, reason="The gym is being painted.")

    assert told == 3
    for registration in (ada, ben):
        letter = letters_to(registration)[-1]
        assert letter.calendar_method == "CANCEL"
        assert "The gym is being painted." in render(letter).text
    assert letters_to(cleo)[-1].calendar == ""
    assert set(Invite.objects.values_list("sequence", "is_cancelled")) == {(1, True)}


def test_it_keeps_who_meant_to_come(workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    actions.cancel_workshop(workshop, reason="")

    workshop.refresh_from_db()
    assert (workshop.state, workshop.seats_taken) == ("cancelled", 2)
    assert Registration.objects.confirmed().count() == 2


def test_it_cancels_once(workshop):
    fill(workshop, "Ada")
    actions.cancel_workshop(workshop, reason="")

    with pytest.raises(actions.AlreadyCancelled):
        actions.cancel_workshop(workshop, reason="")
    assert Message.objects.count() == 2


def test_it_leaves_somebody_who_had_cancelled_before_alone(workshop):
    ada, _ben = fill(workshop, "Ada", "Ben")
    actions.cancel(ada)

    assert actions.cancel_workshop(workshop, reason="") == 1
    assert len(letters_to(ada)) == 2


def test_it_refuses_to_cancel_a_seat_in_a_cancelled_workshop(workshop):
    (ada,) = fill(workshop, "Ada")
    actions.cancel_workshop(workshop, reason="")

    with pytest.raises(actions.AlreadyCancelled):
        actions.cancel(ada)
    assert Workshop.objects.get().seats_taken == 1
