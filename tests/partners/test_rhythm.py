"""What PostgreSQL keeps of every partner, whatever is written and however."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.models import CadencePolicy, FollowUp, Partner, Referral, Stage, Tier, Touch

pytestmark = pytest.mark.django_db
KIND = Touch.TouchKind


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def day(days: int):
    """So many days from today; a negative one has gone by."""
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def gym():
    return Partner.objects.create(name="Ironworks Gym", stage=Stage.ACTIVE, created_at=ago(200))


def rhythm(partner):
    return Partner.objects.with_rhythm().get(pk=partner.pk).rhythm


@pytest.mark.parametrize(
    ("stage", "tier", "ideal", "latest"),
    [
        (Stage.CONVERSATION, Tier.A, 14, 21),
        (Stage.ACTIVE, Tier.A, 30, 45),
        (Stage.FIRST_REFERRAL, Tier.B, 60, 75),
        (Stage.CHAMPION, Tier.C, 90, 120),
        (Stage.DORMANT, Tier.A, 180, 240),
    ],
)
def test_it_counts_from_the_last_touch_by_stage_and_tier(stage, tier, ideal, latest):
    partner = Partner.objects.create(name="Cedar Yoga", stage=stage, tier=tier)
    Touch.objects.create(partner=partner, occurred_at=ago(5))

    assert (rhythm(partner).ideal_on, rhythm(partner).latest_on) == (day(ideal - 5), day(latest - 5))


def test_it_counts_from_the_day_added_where_there_was_no_touch(gym):
    assert rhythm(gym).ideal_on == day(60 - 200)


def test_it_expects_nothing_of_who_is_only_identified():
    assert rhythm(Partner.objects.create(name="Cedar Yoga")).ideal_on is None


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.NOT_A_FIT])
def test_it_expects_nothing_of_who_rests(gym, stage):
    Partner.objects.filter(pk=gym.pk).update(stage=stage)

    assert (rhythm(gym).ideal_on, rhythm(gym).latest_on) == (None, None)


def test_it_is_not_reset_by_mail_to_many(gym):
    Touch.objects.create(partner=gym, occurred_at=ago(50))
    Touch.objects.create(partner=gym, kind=KIND.EMAIL, counts_for_cadence=False)

    assert rhythm(gym).ideal_on == day(10)
    assert rhythm(gym).last_touch.kind == KIND.EMAIL


def test_it_gives_half_credit_to_the_first_voicemail_only(gym):
    Touch.objects.create(partner=gym, occurred_at=ago(50))
    Touch.objects.create(partner=gym, kind=KIND.VOICEMAIL, occurred_at=ago(4))
    Touch.objects.create(partner=gym, kind=KIND.TEXT, outcome="no_reply", occurred_at=ago(1))

    assert (rhythm(gym).ideal_on, rhythm(gym).latest_on) == (day(30 - 4), day(38 - 4))


def test_it_follows_a_touch_to_another_partner(gym):
    other, touch = Partner.objects.create(name="Cedar Yoga"), Touch.objects.create(partner=gym)
    Touch.objects.filter(pk=touch.pk).update(partner=other)

    assert (rhythm(gym).last_touch, rhythm(other).last_touch) == (None, touch)


def test_it_knows_the_next_meeting_and_who_is_owed_thanks(gym):
    FollowUp.objects.create(partner=gym, title="Coffee", due_on=day(9), is_meeting=True)
    FollowUp.objects.create(partner=gym, title="Slides", due_on=day(2))
    Referral.objects.create(partner=gym, received_at=ago(3), thanked_at=ago(2))
    owed = Referral.objects.create(partner=gym, received_at=ago(1))

    kept = rhythm(gym)

    assert (kept.meeting_on, kept.next_step.title, kept.referrals) == (day(9), "Slides", 2)
    assert (kept.last_referral_at, kept.thanks_owed_since) == (owed.received_at, owed.received_at)


@pytest.mark.parametrize(("days", "is_quiet"), [(0, False), (-1, True)])
def test_it_is_fresh_until_the_day_of_a_booked_meeting(gym, days, is_quiet):
    FollowUp.objects.create(partner=gym, title="Coffee", due_on=day(days), is_meeting=True)

    assert Partner.objects.gone_quiet(timezone.now()).filter(pk=gym.pk).exists() is is_quiet


def test_it_follows_the_policy(gym):
    policy = CadencePolicy.load()
    policy.b_ideal = 10
    policy.save()

    assert rhythm(gym).ideal_on == day(10 - 200)


def test_it_ends_a_row_of_snoozes_with_a_personal_touch(gym):
    kept = rhythm(gym)
    kept.snoozes, kept.snoozed_until = 2, day(7)
    kept.save(update_fields=["snoozes", "snoozed_until"])
    Touch.objects.create(partner=gym, kind=KIND.EMAIL, counts_for_cadence=False)
    assert rhythm(gym).snoozes == 2

    Touch.objects.create(partner=gym)

    assert (rhythm(gym).snoozes, rhythm(gym).snoozed_until) == (0, None)
