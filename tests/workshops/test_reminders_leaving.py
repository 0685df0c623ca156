"""Reminders that a worker has in hand when the workshop turns out otherwise: none begins to leave about an old hour."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from crm.mail import transports
from crm.mail.actions import drain
from crm.mail.claiming import claim
from crm.mail.models import Batch, Message
from crm.mail.sending import Drain
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 18, 22, tzinfo=UTC)
LATER = {"starts_at": START + timedelta(days=1), "ends_at": START + timedelta(days=1, hours=1)}
State = Message.State

TURNS = {
    "moved": (lambda workshop: actions.move(workshop, **LATER), "The workshop was moved."),
    "cancelled": (lambda workshop: actions.cancel_workshop(workshop, reason="Flood."), "The workshop was cancelled."),
}


@pytest.fixture
def workshop(practice, sendgrid, time_machine_at):
    """Four people, whose confirmations have left, an hour before the beginning."""
    time_machine_at(START - timedelta(days=20))
    workshop = make_workshop(starts_at=START, capacity=4)
    fill(workshop, "Ada", "Bo", "Cy", "Dee")
    drain()
    sendgrid.accepted.clear()
    time_machine_at(START - timedelta(hours=1))
    assert actions.remind() == 4
    return workshop


def worker(practice) -> tuple[Drain, list]:
    """One that has taken the reminders in hand, and not begun to post any."""
    (way,) = transports.ways()
    claimed = claim(way, practice=practice, most=20)
    return Drain(way, practice=practice, until=time.monotonic() + 60), claimed.parcels


def reminders() -> dict[str, tuple[str, str]]:
    found = Message.objects.filter(dedupe_key__contains=":reminder:").order_by("to_email")
    return {message.to_name: (message.state, message.reason) for message in found}


@pytest.mark.parametrize("turn", TURNS)
def test_it_calls_back_what_a_worker_has_in_hand(workshop, practice, turn):
    happens, because = TURNS[turn]
    drainer, parcels = worker(practice)
    assert len(parcels) == 4

    happens(workshop)

    assert set(reminders().values()) == {(State.SKIPPED, because)}
    assert [drainer.begin(parcel) for parcel in parcels] == [None] * 4
    assert set(
        Batch.objects.filter(pk__in=[parcel.batch.pk for parcel in parcels]).values_list("outcome", flat=True)
    ) == {Batch.Outcome.RELEASED}


def test_it_lets_go_what_has_begun_to_leave_and_calls_back_the_rest(workshop, practice, sendgrid):
    drainer, parcels = worker(practice)
    first = drainer.begin(parcels[0])
    gone = parcels[0].messages[0].to_name

    actions.move(workshop, **LATER)

    states = {name: state for name, (state, _reason) in reminders().items()}
    assert states.pop(gone) == State.CLAIMED
    assert set(states.values()) == {State.SKIPPED}
    assert first is not None and [drainer.begin(parcel) for parcel in parcels[1:]] == [None] * 3


def test_it_calls_back_the_one_reminder_of_who_gives_the_seat_back(workshop, practice, sendgrid):
    drainer, parcels = worker(practice)

    actions.cancel(Registration.objects.get(name="Bo"))

    assert {name for name, (state, _reason) in reminders().items() if state == State.SKIPPED} == {"Bo"}
    assert sum(drainer.begin(parcel) is not None for parcel in parcels) == 3


def test_it_says_the_new_hour_in_all_that_leaves_after_a_move(workshop, practice, sendgrid):
    worker(practice)
    actions.move(workshop, **LATER)
    workshop.refresh_from_db()

    drain()

    assert len(sendgrid.accepted) == 4
    for mail in sendgrid.accepted:
        assert mail["subject"].startswith("Changed") or workshop.day in mail["content"][0]["value"]
        assert mail["content"][2]["type"] == "text/calendar; method=REQUEST"


def test_it_says_the_new_place_in_what_a_worker_had_in_hand(workshop, practice, sendgrid):
    drainer, parcels = worker(practice)

    actions.move(workshop, place="Town hall, 1 Market Square")

    assert {state for state, _reason in reminders().values()} == {State.QUEUED}
    assert [drainer.begin(parcel) for parcel in parcels] == [None] * 4
    drain()
    told = [mail for mail in sendgrid.accepted if mail["subject"].startswith("Soon")]
    assert len(told) == 4
    for mail in told:
        assert "Town hall, 1 Market Square" in mail["content"][0]["value"]
        assert "Ironworks Gym" not in mail["content"][0]["value"]


def test_it_changes_no_word_of_what_has_begun_to_leave(workshop, practice, sendgrid):
    drainer, parcels = worker(practice)
    assert drainer.begin(parcels[0])
    gone = parcels[0].messages[0]

    actions.move(workshop, place="Town hall, 1 Market Square")

    states = {name: state for name, (state, _reason) in reminders().items()}
    assert states.pop(gone.to_name) == State.CLAIMED
    assert set(states.values()) == {State.QUEUED}
    assert Message.objects.get(pk=gone.pk).content_id == gone.content_id


def test_it_lets_sendgrid_track_nobody_in_a_reminder(workshop, sendgrid):
    drain()

    assert len(sendgrid.accepted) == 4
    for mail in sendgrid.accepted:
        assert {name: told["enable"] for name, told in mail["tracking_settings"].items()} == {
            "click_tracking": False,
            "open_tracking": False,
            "subscription_tracking": False,
        }
