"""A workshop with each partner every quarter, and no more of them than one person can do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from partners.models import Partner, Stage
from tests.workshops.conftest import make_workshop
from workshops import results
from workshops.models import Workshop
from workshops.proposing import propose

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 2, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_november(time_machine_at):
    time_machine_at(NOVEMBER)


def named() -> list[str]:
    return [name for name, _url, _words in results.missing(5)[0]]


@pytest.mark.parametrize(
    ("starts_on", "is_missing"),
    [
        (date(2026, 9, 30), True),  # the quarter before
        (date(2026, 10, 1), False),  # this one, though it is over
        (date(2027, 3, 31), False),  # the last day of the next
        (date(2027, 4, 1), True),
    ],
)
def test_it_misses_a_workshop_this_quarter_or_next(practice, quiet_gym, starts_on, is_missing):
    make_workshop(host=quiet_gym, starts_at=datetime(starts_on.year, starts_on.month, starts_on.day, 18, tzinfo=UTC))

    assert named() == (["Ironworks Gym"] if is_missing else [])


def test_it_misses_one_that_was_called_off(practice, quiet_gym):
    make_workshop(host=quiet_gym, starts_at=NOVEMBER + timedelta(days=20), state=Workshop.State.CANCELLED)

    assert named() == ["Ironworks Gym"]


@pytest.mark.parametrize("stage", Stage)
def test_it_misses_none_before_a_partner_is_active(practice, stage):
    Partner.objects.create(name="Cedar Yoga", stage=stage)

    assert named() == (["Cedar Yoga"] if stage in (Stage.ACTIVE, Stage.CHAMPION) else [])


@pytest.mark.parametrize(("planned", "is_said"), [(5, False), (6, True)])
def test_it_says_when_six_are_planned_in_the_quarter(practice, quiet_gym, physician, planned, is_said):
    make_workshop(host=quiet_gym, starts_at=datetime(2026, 10, 12, 22, tzinfo=UTC), state=Workshop.State.HELD)
    for n in range(planned):
        make_workshop(host=physician, starts_at=datetime(2027, 2, 2, 18, tzinfo=UTC) + timedelta(days=8 * n))
    make_workshop(host=physician, starts_at=datetime(2027, 2, 20, 18, tzinfo=UTC), state=Workshop.State.CANCELLED)

    cautions = propose(quiet_gym).suits[0].cautions

    assert ("You have six that quarter already, the most for one person alone." in cautions) is is_said
