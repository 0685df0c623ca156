from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.actions import (
    LostReasonMissing,
    ReferralMoved,
    StepInFuture,
    StepOutOfOrder,
    move_referral,
    take_back_referral,
    unmove_referral,
)
from partners.models import Referral

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("America/Toronto")
MONDAY = datetime(2026, 11, 16, 10, tzinfo=HERE)


@pytest.fixture
def referral(physician) -> Referral:
    referral = Referral.objects.get(partner=physician)
    Referral.objects.filter(pk=referral.pk).update(received_at=timezone.now() - timedelta(days=20))
    referral.refresh_from_db()
    return referral


def test_it_dates_each_step_once(referral, owner):
    for state in Referral.REACHED:
        move_referral(referral, to=state, by=owner)
    first = referral.progress

    move_referral(referral, to="completed", by=owner)

    assert referral.progress == first
    referral.refresh_from_db()
    assert all(getattr(referral, field) for field in Referral.REACHED.values())
    assert referral.next_state is None


def test_it_undates_what_it_goes_back_over_and_undo_brings_it_again(referral, owner):
    for state in ("contacted", "scheduled", "evaluated"):
        move_referral(referral, to=state, by=owner)
    before = referral.progress

    move_referral(referral, to="contacted", by=owner)
    assert (referral.contacted_at, referral.scheduled_at, referral.evaluated_at) == (before["contacted_at"], None, None)
    assert not Referral.objects.converted().exists()

    unmove_referral(referral, progress=before, by=owner)
    referral.refresh_from_db()
    assert referral.progress == before


def test_it_knows_that_who_is_in_care_was_seen(referral, owner):
    move_referral(referral, to="in_care", by=owner)

    assert referral.evaluated_at is not None
    assert (referral.contacted_at, referral.scheduled_at) == (None, None)


def test_it_wants_to_know_why_somebody_was_lost(referral, owner):
    with pytest.raises(LostReasonMissing):
        move_referral(referral, to="lost", by=owner)

    move_referral(referral, to="lost", by=owner, lost_reason="price")
    assert (referral.state, referral.lost_reason) == ("lost", "price")
    assert referral.ended_at is not None


def test_it_finds_somebody_again_who_was_lost(referral, owner):
    move_referral(referral, to="contacted", by=owner)
    move_referral(referral, to="lost", by=owner, lost_reason="price")

    move_referral(referral, to="scheduled", by=owner)

    assert (referral.ended_at, referral.lost_reason) == (None, "")
    assert referral.contacted_at is not None


def test_it_takes_a_day_gone_by_and_no_other(referral, owner):
    day = timezone.now() - timedelta(days=5)
    move_referral(referral, to="contacted", by=owner, at=day)
    assert referral.contacted_at == day

    with pytest.raises(StepInFuture):
        move_referral(referral, to="scheduled", by=owner, at=timezone.now() + timedelta(hours=1))
    with pytest.raises(StepOutOfOrder):
        move_referral(referral, to="scheduled", by=owner, at=day - timedelta(days=1))


def test_it_lets_only_one_of_two_people_move_it(referral, owner):
    seen_by_both = Referral.objects.get(pk=referral.pk)
    move_referral(referral, to="contacted", by=owner)

    with pytest.raises(ReferralMoved):
        move_referral(seen_by_both, to="declined", by=owner)


def test_it_moves_nothing_that_was_taken_back(referral, owner):
    take_back_referral(referral, by=owner)

    with pytest.raises(ReferralMoved):
        move_referral(referral, to="contacted", by=owner)


@pytest.mark.parametrize("fields", [{"state": "lost"}, {"state": "evaluated"}, {"state": "in_care"}])
def test_it_is_held_by_the_database(referral, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(**fields)


def alert(partner, *, state: str = "received", received_at: datetime, now: datetime) -> str | None:
    seen = {"evaluated_at": received_at} if state == "evaluated" else {}
    referral = Referral.objects.create(partner=partner, state=state, received_at=received_at, **seen)
    return Referral.objects.ageing(now).filter(pk=referral.pk).values_list("alert", flat=True).first()


@pytest.mark.parametrize(
    ("received", "now", "expected"),
    [
        (MONDAY, MONDAY + timedelta(hours=24), None),
        (MONDAY, MONDAY + timedelta(hours=24, minutes=1), "not_contacted"),
        (MONDAY - timedelta(days=3), MONDAY - timedelta(days=1), None),  # Friday ten o'clock, looked at on Sunday
        (MONDAY - timedelta(days=3), MONDAY + timedelta(minutes=1), "not_contacted"),
        (MONDAY - timedelta(days=4), MONDAY - timedelta(days=2), "not_contacted"),  # Thursday, on Saturday
        (MONDAY - timedelta(days=2), MONDAY + timedelta(hours=13), None),  # Saturday, on Monday night
        (MONDAY - timedelta(days=2), MONDAY + timedelta(hours=15), "not_contacted"),  # and on Tuesday
    ],
)
def test_it_turns_red_one_business_day_after_it_came(quiet_gym, received, now, expected):
    assert alert(quiet_gym, received_at=received, now=now) == expected


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        ("contacted", 7, None),
        ("contacted", 7.01, "not_scheduled"),
        ("received", 7.01, "not_scheduled"),
        ("scheduled", 7.01, None),
        ("scheduled", 14, None),
        ("scheduled", 14.01, "no_outcome"),
        ("contacted", 14.01, "no_outcome"),
        ("evaluated", 40, None),
    ],
)
def test_it_asks_for_a_date_after_7_days_and_an_outcome_after_14(quiet_gym, state, days, expected):
    now = MONDAY + timedelta(days=1)

    assert alert(quiet_gym, state=state, received_at=now - timedelta(days=days), now=now) == expected
