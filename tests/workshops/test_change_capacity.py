from datetime import timedelta

import pytest

from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def test_it_promotes_the_difference(workshop):
    *_seated, cleo, dora, emil = fill(workshop, "Ada", "Ben", "Cleo", "Dora", "Emil")

    promoted = actions.change_capacity(workshop, capacity=4)

    assert promoted == [cleo, dora]
    assert Workshop.objects.get().seats_taken == 4
    assert emil.position == 1
    assert letters_to(cleo)[-1].calendar_method == "REQUEST"


def test_it_refuses_fewer_seats_than_are_taken_and_says_how_many(workshop):
    fill(workshop, "Ada", "Ben")

    with pytest.raises(actions.TooFewSeats, match="2 people hold a seat"):
        actions.change_capacity(workshop, capacity=1)
    assert Workshop.objects.get().capacity == 2


def test_it_refuses_a_workshop_without_seats(workshop):
    with pytest.raises(actions.TooFewSeats):
        actions.change_capacity(workshop, capacity=0)


def test_it_promotes_nobody_when_nothing_changes(workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    assert actions.change_capacity(workshop, capacity=2) == []


def test_it_refuses_when_the_workshop_is_over(workshop, time_machine_at):
    time_machine_at(workshop.ends_at + timedelta(minutes=1))

    with pytest.raises(actions.WorkshopOver):
        actions.change_capacity(workshop, capacity=9)
