"""What each stage asks for, with its numbers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.gates import asks_by_stage, asks_of, asks_of_many
from partners.models import CadencePolicy, Kind, Partner, Referral, Stage, Touch

pytestmark = pytest.mark.django_db

KINDS = Touch.TouchKind


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def partner(stage=Stage.IDENTIFIED, kind=Kind.GYM, **fields) -> Partner:
    return Partner.objects.create(name="Cedar Barbell", kind=kind, stage=stage, **fields)


def lacks(who: Partner, stage: Stage) -> list[str]:
    return [ask.text for ask in asks_of(who, stage) if not ask.is_met]


@pytest.mark.parametrize(
    ("visits", "is_ready"),
    [
        ([], False),
        ([("visit", 20), ("class", 1)], False),
        ([("visit", 13), ("class", 6), ("purchase", 0)], False),
        ([("visit", 14), ("class", 6), ("purchase", 0)], True),
        ([("visit", 30), ("call", 6), ("call", 0)], False),
    ],
)
def test_it_asks_for_three_visits_over_14_days_before_you_talk(visits, is_ready):
    gym = partner(Stage.SHOWING_UP)
    for kind, days in visits:
        Touch.objects.create(partner=gym, kind=kind, occurred_at=ago(days))

    assert (lacks(gym, Stage.CONVERSATION) == []) is is_ready


def test_it_reads_the_numbers_from_the_policy():
    CadencePolicy.objects.update(visits_to_talk=1, days_to_talk=0)
    gym = partner(Stage.SHOWING_UP)
    Touch.objects.create(partner=gym, kind=KINDS.VISIT)

    assert lacks(gym, Stage.CONVERSATION) == []


def test_it_leaves_out_touches_that_were_taken_back():
    gym = partner(Stage.SHOWING_UP)
    for days in (20, 10, 0):
        Touch.objects.create(partner=gym, kind=KINDS.VISIT, occurred_at=ago(days), taken_back_at=timezone.now())

    assert len(lacks(gym, Stage.CONVERSATION)) == 2


@pytest.mark.parametrize("kind", [Kind.DPC_PHYSICIAN, Kind.FUNCTIONAL_MEDICINE])
def test_it_asks_a_giving_before_you_talk_to_a_physician(kind):
    practice = partner(Stage.SHOWING_UP, kind=kind)
    for days in (20, 10, 0):
        Touch.objects.create(partner=practice, kind=KINDS.VISIT, occurred_at=ago(days))
    assert lacks(practice, Stage.CONVERSATION)

    Touch.objects.create(partner=practice, kind=KINDS.INTRO)
    assert lacks(practice, Stage.CONVERSATION) == []


def test_it_asks_for_advice_before_giving_value():
    gym = partner(Stage.CONVERSATION)
    assert lacks(gym, Stage.GIVING_VALUE)

    Touch.objects.create(partner=gym, kind=KINDS.ADVICE_ASKED)
    assert lacks(gym, Stage.GIVING_VALUE) == []


@pytest.mark.parametrize(
    ("received", "first", "active", "champion"),
    [
        ([], False, False, False),
        ([91], True, False, False),
        ([89], True, True, False),
        ([400, 300], True, True, False),
        ([400, 300, 200, 100], True, True, False),
        ([400, 300, 200, 100, 50], True, True, True),
    ],
)
def test_it_counts_referrals(received, first, active, champion):
    gym = partner(Stage.GIVING_VALUE)
    Touch.objects.create(partner=gym, kind=KINDS.WORKSHOP)
    for days in received:
        Referral.objects.create(partner=gym, received_at=ago(days))

    asked = asks_by_stage(gym)
    ready = [all(ask.is_met for ask in asked[stage]) for stage in (Stage.FIRST_REFERRAL, Stage.ACTIVE, Stage.CHAMPION)]
    assert ready == [first, active, champion]


def test_it_asks_a_champion_for_a_workshop():
    gym = partner(Stage.ACTIVE)
    for days in range(5):
        Referral.objects.create(partner=gym, received_at=ago(days))

    assert lacks(gym, Stage.CHAMPION) == ["You held a workshop with them."]


@pytest.mark.parametrize(("parts", "is_ready"), [((30, 20, 10, 0, 0), True), ((30, 20, 9, 0, 0), False)])
def test_it_asks_for_a_fit_of_60_before_courting(parts, is_ready):
    names = ("fit_audience", "fit_cash", "fit_benefit", "fit_distance", "fit_warmth")
    gym = partner(**dict(zip(names, parts, strict=True)))

    assert (lacks(gym, Stage.SHOWING_UP) == []) is is_ready


def test_it_says_so_where_nobody_has_judged_the_fit():
    asked = asks_of(partner(), Stage.SHOWING_UP)

    assert any("not judged yet" in ask.text and ask.is_met for ask in asked)


def test_it_warns_of_courting_more_than_ten_at_once():
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", stage=Stage.CONVERSATION) for n in range(9))
    tenth = partner()
    assert lacks(tenth, Stage.SHOWING_UP) == []

    Partner.objects.create(name="Gym 10", stage=Stage.GIVING_VALUE)
    assert lacks(tenth, Stage.SHOWING_UP) == ["At most 10 courted at once: 10 now."]


def test_it_fills_the_book_one_by_one_when_many_are_moved():
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", stage=Stage.CONVERSATION) for n in range(8))
    three = [partner() for _ in range(3)]

    asked = asks_of_many(three, Stage.SHOWING_UP)

    assert [all(ask.is_met for ask in asked[gym.pk]) for gym in three] == [True, True, False]


@pytest.mark.parametrize("stage", [Stage.IDENTIFIED, Stage.SHOWING_UP, Stage.PAUSED, Stage.DORMANT, Stage.NOT_A_FIT])
def test_it_asks_nothing_on_the_way_back_and_to_a_rest(stage):
    assert asks_of(partner(Stage.ACTIVE), stage) == []


def test_it_asks_the_same_queries_for_many(django_assert_num_queries):
    gyms = [partner(Stage.SHOWING_UP) for _ in range(30)]

    for some in (gyms[:3], gyms):
        with django_assert_num_queries(4):
            asks_of_many(some, Stage.CONVERSATION)
