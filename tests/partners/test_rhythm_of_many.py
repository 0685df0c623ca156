"""One statement that changes many partners keeps each one's rhythm, and no other's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.models import Partner, Rhythm, Stage, Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Partner]:
    """Three active gyms, met today and snoozed once."""
    gyms = [Partner.objects.create(name=f"Gym {number}", stage=Stage.ACTIVE) for number in range(3)]
    for gym in gyms:
        Touch.objects.create(partner=gym, occurred_at=timezone.now())
    Rhythm.objects.update(snoozes=1)
    return gyms


def days() -> list[int | None]:
    """How far away each one's ideal day is."""
    ideal = Rhythm.objects.order_by("partner").values_list("ideal_on", flat=True)
    return [day and (day - timezone.localdate()).days for day in ideal]


def test_it_keeps_them_all_in_one_statement(three):
    Partner.objects.exclude(pk=three[2].pk).update(tier="a")
    assert days() == [30, 30, 60]

    Partner.objects.filter(pk=three[0].pk).update(stage="paused", paused_until=timezone.localdate() + timedelta(5))
    assert days() == [None, 30, 60]


def test_it_takes_a_tier_for_a_decision_and_the_attic_for_none(three):
    Partner.objects.filter(pk=three[0].pk).update(tier="a")
    Partner.objects.filter(pk=three[1].pk).update(archived_at=timezone.now())

    assert list(Rhythm.objects.order_by("partner").values_list("snoozes", flat=True)) == [0, 1, 1]


def test_it_leaves_alone_what_changes_nothing_that_counts(three):
    Partner.objects.update(city="Ottawa", tier="b")

    assert days() == [60, 60, 60]
    assert set(Rhythm.objects.values_list("snoozes", flat=True)) == {1}
