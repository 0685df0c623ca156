"""Give before you ask, with its numbers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners import guard
from partners.actions import AskedTooEarly, log_touch
from partners.models import CadencePolicy, Kind, Partner, Referral, SentReferral, Touch

pytestmark = pytest.mark.django_db
KIND = Touch.TouchKind


def ago(days: int):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def gym(owner):
    return Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM)


@pytest.fixture
def doctor():
    return Partner.objects.create(name="Okafor Family Medicine", kind=Kind.DPC_PHYSICIAN)


def give(partner, *days: int) -> None:
    """A visit, an article and a question for advice, the first so many days ago."""
    for kind in (KIND.VISIT, KIND.CONTENT, KIND.ADVICE_ASKED):
        Touch.objects.create(partner=partner, kind=kind, occurred_at=ago(days[0]))


def test_it_says_all_that_is_missing_at_the_start(gym):
    missing = guard.lacking(gym)

    assert (missing.gives, missing.shows, missing.days, missing.advice) == (2, 1, 21, 1)
    assert missing.sentence == (
        "Too early to ask. Still missing: two more gives, one of them by showing up, a question for their advice, "
        "21 days."
    )


def test_it_refuses_an_ask_on_day_20_and_lets_it_pass_on_day_21(gym, owner):
    give(gym, 20)
    with pytest.raises(AskedTooEarly, match=r"Still missing: one day\. Write down why now"):
        log_touch(gym, kind=KIND.CALL, by=owner, is_ask=True)
    assert not gym.touches.filter(is_ask=True).exists()

    gym.touches.update(occurred_at=ago(21))

    assert log_touch(gym, kind=KIND.CALL, by=owner, is_ask=True).is_ask


def test_it_says_one_more_give_and_six_days(gym):
    Touch.objects.create(partner=gym, kind=KIND.VISIT, occurred_at=ago(15))
    Touch.objects.create(partner=gym, kind=KIND.ADVICE_ASKED, occurred_at=ago(10))

    assert guard.lacking(gym).sentence == "Too early to ask. Still missing: one more give, six days."


def test_it_wants_to_see_us_there_however_much_was_given(gym):
    give(gym, 30)
    gym.touches.filter(kind=KIND.VISIT).update(kind=KIND.FREE_SCREEN)

    assert guard.lacking(gym).parts == ["one visit, class or purchase"]


@pytest.mark.parametrize("kind", Touch.SHOWING_UP)
def test_it_counts_showing_up_as_a_give(gym, kind):
    give(gym, 30)
    gym.touches.filter(kind=KIND.CONTENT).update(kind=kind)

    assert not guard.lacking(gym)


def test_it_counts_no_call_and_nothing_taken_back(gym):
    give(gym, 30)
    Touch.objects.create(partner=gym, kind=KIND.CALL, occurred_at=ago(20))
    gym.touches.filter(kind=KIND.CONTENT).update(taken_back_at=timezone.now())

    assert guard.lacking(gym).gives == 1


def test_it_counts_whom_we_sent_them(gym):
    give(gym, 30)
    gym.touches.filter(kind=KIND.CONTENT).delete()
    SentReferral.objects.create(partner=gym, sent_at=ago(3))

    assert not guard.lacking(gym)


@pytest.mark.parametrize("kind", [Kind.DPC_PHYSICIAN, Kind.FUNCTIONAL_MEDICINE])
def test_it_asks_one_give_and_14_days_with_physicians(doctor, kind):
    doctor.kind = kind
    Touch.objects.create(partner=doctor, kind=KIND.CONTENT, occurred_at=ago(13))
    assert guard.lacking(doctor).parts == ["one day"]

    doctor.touches.update(occurred_at=ago(14))

    assert not guard.lacking(doctor)


@pytest.mark.parametrize("kind", [Kind.YOGA_STUDIO, Kind.RUNNING_CLUB, Kind.OTHER])
def test_it_treats_every_other_kind_as_fitness(kind):
    assert guard.lacking(Partner.objects.create(name="Cedar", kind=kind)).days == 21


def test_it_follows_the_policy(gym):
    give(gym, 12)
    policy = CadencePolicy.load()
    policy.days_before_ask = 12
    policy.save()

    assert not guard.lacking(gym)


def test_it_keeps_the_reason_of_who_asks_all_the_same(gym, owner):
    touch = log_touch(gym, kind=KIND.CALL, by=owner, is_ask=True, ask_reason=" They offered. ")

    touch.refresh_from_db()
    assert (touch.is_ask, touch.ask_reason, touch.by) == (True, "They offered.", owner)


def test_it_keeps_no_reason_where_none_was_needed(gym, owner):
    give(gym, 30)

    assert log_touch(gym, kind=KIND.CALL, by=owner, is_ask=True, ask_reason="They offered.").ask_reason == ""
    assert log_touch(gym, kind=KIND.CALL, by=owner, ask_reason="They offered.").ask_reason == ""


def test_it_looks_at_the_day_of_the_ask_and_not_at_today(gym, owner):
    give(gym, 30)

    with pytest.raises(AskedTooEarly):
        log_touch(gym, kind=KIND.CALL, by=owner, is_ask=True, occurred_at=ago(15))


def test_it_does_not_ask_for_more_once_they_sent_us_somebody(gym):
    Referral.objects.create(partner=gym)

    assert not guard.lacking(gym)


def asks_and_gives(partner, *, asks: int, gives: int) -> None:
    Referral.objects.create(partner=partner)
    for _ in range(asks):
        Touch.objects.create(partner=partner, kind=KIND.CALL, is_ask=True, occurred_at=ago(100))
    for _ in range(gives):
        Touch.objects.create(partner=partner, kind=KIND.CALL, is_give=True, occurred_at=ago(100))


def test_it_is_content_with_two_gives_for_an_ask(gym):
    asks_and_gives(gym, asks=2, gives=4)

    assert not guard.balance(gym)


def test_it_says_when_more_was_asked_than_given(gym):
    asks_and_gives(gym, asks=2, gives=3)

    assert guard.balance(gym).sentence == (
        "You have asked more than you gave: two asks and three gives in 180 days. Even it out with one more give."
    )


def test_it_forgets_what_is_older_than_180_days(gym):
    asks_and_gives(gym, asks=1, gives=0)
    gym.touches.update(occurred_at=ago(181))

    assert not guard.balance(gym)


def test_it_weighs_nothing_before_the_first_referral(gym):
    Touch.objects.create(partner=gym, is_ask=True, ask_reason="They offered.", kind=KIND.CALL)

    assert not guard.balance(gym)
