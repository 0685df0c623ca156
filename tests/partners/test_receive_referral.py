from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from partners.actions import (
    NotTheirs,
    ReferralInFuture,
    ReferralStands,
    ReferralTakenBack,
    accept_referral,
    name_referrer,
    put_back_referral,
    receive_referral,
    take_back_referral,
    tell,
)
from partners.models import FollowUp, Kind, Partner, Referral, Rhythm, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db) -> Partner:
    """A yoga studio that has been given something, and has never sent anybody."""
    return Partner.objects.create(name="Still Water Yoga", kind=Kind.YOGA_STUDIO, stage=Stage.GIVING_VALUE)


def plan_of(partner: Partner) -> list[tuple[str, int]]:
    today = timezone.localdate()
    return [(todo.title, (todo.due_on - today).days) for todo in partner.follow_ups.open().exclude(step=None)]


def test_it_names_no_patient(studio, owner):
    referral = receive_referral(studio, by=owner)

    assert (referral.partner, referral.by, referral.state) == (studio, owner, "received")
    assert len(referral.code) == 8
    assert Rhythm.objects.get(partner=studio).thanks_owed_since == referral.received_at


def test_it_takes_a_form_sent_twice_once(studio, owner):
    once = uuid4()

    first = receive_referral(studio, by=owner, once=once)

    assert receive_referral(studio, by=owner, once=once) == first
    assert Referral.objects.get() == first


def test_it_refuses_what_has_not_come_in(studio, owner):
    with pytest.raises(ReferralInFuture):
        receive_referral(studio, by=owner, received_at=timezone.now() + timedelta(hours=1))


def test_it_begins_the_richer_plan_with_the_first_referral_only(studio, owner):
    receive_referral(studio, by=owner)
    steps = plan_of(studio)
    assert [days for _title, days in steps] == [2, 7, 30, 60]

    receive_referral(studio, by=owner)
    assert plan_of(studio) == steps


@pytest.mark.parametrize("stage", [Stage.IDENTIFIED, Stage.SHOWING_UP, Stage.CONVERSATION, Stage.GIVING_VALUE])
def test_it_moves_on_who_had_never_sent_anybody(studio, owner, stage):
    Partner.objects.filter(pk=studio.pk).update(stage=stage)

    receive_referral(studio, by=owner)

    studio.refresh_from_db()
    assert studio.stage == Stage.FIRST_REFERRAL


@pytest.mark.parametrize("stage", [Stage.ACTIVE, Stage.CHAMPION, Stage.PAUSED, Stage.DORMANT, Stage.NOT_A_FIT])
def test_it_leaves_every_other_stage_to_the_owner(studio, owner, stage):
    Partner.objects.filter(pk=studio.pk).update(stage=stage, off_ramp_reason="They told us so.")

    receive_referral(studio, by=owner)

    studio.refresh_from_db()
    assert studio.stage == stage


def test_it_asks_what_to_do_about_who_was_turned_away(studio, owner):
    Partner.objects.filter(pk=studio.pk).update(stage=Stage.NOT_A_FIT, off_ramp_reason="Wants a share")

    receive_referral(studio, by=owner)

    decision = FollowUp.objects.open().get(partner=studio, step=None)
    assert decision.title == "Decide about Still Water Yoga: marked as not a fit, and sent somebody."
    assert decision.due_on == timezone.localdate()


def test_it_counts_no_more_once_taken_back(studio, owner):
    referral = receive_referral(studio, by=owner)

    take_back_referral(referral, by=owner, stage=Stage.GIVING_VALUE)

    studio.refresh_from_db()
    assert (studio.stage, plan_of(studio)) == (Stage.GIVING_VALUE, [])
    assert Rhythm.objects.get(partner=studio).referrals == 0
    with pytest.raises(ReferralTakenBack):
        take_back_referral(referral, by=owner)


def test_it_stands_again_with_its_plan(studio, owner):
    referral = receive_referral(studio, by=owner)
    take_back_referral(referral, by=owner, stage=Stage.GIVING_VALUE)

    put_back_referral(referral, by=owner)

    studio.refresh_from_db()
    assert (studio.stage, len(plan_of(studio))) == (Stage.FIRST_REFERRAL, 4)
    with pytest.raises(ReferralStands):
        put_back_referral(referral, by=owner)


def test_it_counts_nothing_of_what_looks_wrong_until_it_is_accepted(studio, owner):
    referral = receive_referral(studio, by=None, is_quarantined=True)
    studio.refresh_from_db()
    assert (studio.stage, plan_of(studio)) == (Stage.GIVING_VALUE, [])
    assert not Referral.objects.awaiting_thanks().exists()

    accept_referral(referral, by=owner)

    studio.refresh_from_db()
    assert (studio.stage, len(plan_of(studio))) == (Stage.FIRST_REFERRAL, 4)
    assert Referral.objects.awaiting_thanks().get() == referral


def test_it_says_who_of_their_people_sent_them(physician, quiet_gym, owner):
    ada = physician.roles.get().contact
    ours, theirs = receive_referral(physician, by=owner, sender="Ada"), receive_referral(quiet_gym, by=owner)

    name_referrer(ours, contact=ada, by=owner)

    ours.refresh_from_db()
    assert (ours.referred_by, ours.sender) == (ada, "")
    with pytest.raises(NotTheirs):
        name_referrer(theirs, contact=ada, by=owner)


def test_it_is_callable_as_agreed(physician, owner):
    referral = receive_referral(physician, by=owner, channel="phone", service_line="evaluation")

    tell(referral, word="thanks_only", by=owner)

    assert (referral.channel, referral.service_line, referral.told) == ("phone", "evaluation", "thanks_only")
