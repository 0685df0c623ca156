from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from partners.actions import (
    AlreadyMoved,
    NotReadyYet,
    PauseHasNoEnd,
    ReasonMissing,
    RestReasonMissing,
    archive,
    complete,
    move_back,
    move_stage,
    restore,
)
from partners.models import NotAFit, Partner, Stage

pytestmark = pytest.mark.django_db

WHY = "They told me so at the bar."


def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def last_entry(partner: Partner) -> LogEntry:
    return LogEntry.objects.get_for_object(partner).first()


def test_it_moves_a_partner(quiet_gym, owner):
    before = quiet_gym.stage_changed_at

    move_stage(quiet_gym, to=Stage.CONVERSATION, by=owner)
    quiet_gym.refresh_from_db()

    assert quiet_gym.stage == Stage.CONVERSATION
    assert quiet_gym.stage_changed_at > before


def test_it_leaves_the_move_on_the_audit_trail(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.CONVERSATION, by=owner)

    entry = last_entry(quiet_gym)
    assert (entry.changes["stage"], entry.actor) == (["active", "conversation"], owner)


def test_it_says_what_is_missing_and_keeps_why_the_owner_passed(quiet_gym, owner):
    with pytest.raises(NotReadyYet) as refusal:
        move_stage(quiet_gym, to=Stage.CHAMPION, by=owner, let_through="  ")
    assert [ask.is_met for ask in refusal.value.unmet] == [False, False]
    assert "5 referrals: 0 so far." in str(refusal.value)

    move_stage(quiet_gym, to=Stage.CHAMPION, by=owner, let_through=WHY)
    assert last_entry(quiet_gym).changes == {"stage": ["active", "champion"], "let_through": ["", WHY]}


def test_it_keeps_no_reason_where_none_was_needed(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.CONVERSATION, by=owner, let_through=WHY)

    assert "let_through" not in last_entry(quiet_gym).changes


@pytest.mark.parametrize(
    ("because", "reason", "kept"),
    [
        ("wants_kickback", "", ("wants_kickback", "")),
        ("other", "A feud", ("other", "A feud")),
        ("", "A feud", ("other", "A feud")),
    ],
)
def test_it_takes_a_reason_of_the_list_for_who_is_not_a_fit(quiet_gym, owner, because, reason, kept):
    move_stage(quiet_gym, to=Stage.NOT_A_FIT, by=owner, because=because, reason=reason)
    quiet_gym.refresh_from_db()

    assert (quiet_gym.not_a_fit_because, quiet_gym.off_ramp_reason) == kept


@pytest.mark.parametrize("because", ["", NotAFit.OTHER, "nonsense"])
def test_it_asks_why_a_partner_is_not_a_fit(quiet_gym, owner, because):
    with pytest.raises(ReasonMissing):
        move_stage(quiet_gym, to=Stage.NOT_A_FIT, by=owner, reason=" ", because=because)


def test_it_asks_why_a_partner_sleeps(quiet_gym, owner):
    with pytest.raises(RestReasonMissing):
        move_stage(quiet_gym, to=Stage.DORMANT, by=owner, reason=" ")


@pytest.mark.parametrize("days", [None, -1, 0])
def test_it_asks_until_when_a_partner_is_paused(quiet_gym, owner, days):
    until = None if days is None else timezone.localdate() + timedelta(days=days)

    with pytest.raises(PauseHasNoEnd):
        move_stage(quiet_gym, to=Stage.PAUSED, by=owner, paused_until=until)


def test_it_keeps_why_a_partner_rests(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.PAUSED, by=owner, reason="Rebuilding", paused_until=tomorrow())
    quiet_gym.refresh_from_db()

    assert (quiet_gym.off_ramp_reason, quiet_gym.paused_until) == ("Rebuilding", tomorrow())


def test_it_refuses_a_move_from_a_stage_that_is_no_more(quiet_gym, owner):
    move_stage(Partner.objects.get(pk=quiet_gym.pk), to=Stage.CONVERSATION, by=owner)

    with pytest.raises(AlreadyMoved):
        move_stage(quiet_gym, to=Stage.DORMANT, by=owner, reason="Asleep")


def test_it_notes_why_a_partner_rests_longer_and_keeps_since_when(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.DORMANT, by=owner, reason="Rebuilding")
    since = quiet_gym.stage_changed_at

    move_stage(quiet_gym, to=Stage.DORMANT, by=owner, reason="Still rebuilding")
    quiet_gym.refresh_from_db()

    assert last_entry(quiet_gym).changes == {"off_ramp_reason": ["Rebuilding", "Still rebuilding"]}
    assert quiet_gym.stage_changed_at == since


def test_it_moves_back_as_if_nothing_had_been(quiet_gym, owner):
    since = quiet_gym.stage_changed_at
    move_stage(quiet_gym, to=Stage.DORMANT, by=owner, reason="Asleep")

    move_back(quiet_gym, to=Stage.ACTIVE, since=since, by=owner)
    quiet_gym.refresh_from_db()

    assert (quiet_gym.stage, quiet_gym.stage_changed_at, quiet_gym.off_ramp_reason) == ("active", since, "")


def test_it_begins_the_plan_when_courting_begins(owner):
    gym = Partner.objects.create(name="Cedar Barbell")

    move_stage(gym, to=Stage.SHOWING_UP, by=owner)

    promised = gym.follow_ups.open()
    assert promised.count() >= 3
    assert promised.first().due_on > timezone.localdate()


def test_it_begins_no_plan_for_somebody_who_is_courted_already(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.GIVING_VALUE, by=owner)

    assert not quiet_gym.follow_ups.exists()


def test_it_takes_the_plan_back_with_the_move_but_not_what_was_done(owner):
    gym = Partner.objects.create(name="Cedar Barbell")
    since = gym.stage_changed_at
    move_stage(gym, to=Stage.SHOWING_UP, by=owner)
    complete(gym.follow_ups.open().first(), by=owner)

    move_back(gym, to=Stage.IDENTIFIED, since=since, by=owner)

    assert not gym.follow_ups.open().exists()
    assert gym.follow_ups.filter(done_at__isnull=False, taken_back_at=None).count() == 1


def test_it_puts_a_partner_away_and_back(quiet_gym, owner):
    assert archive(quiet_gym, by=owner)
    assert not archive(quiet_gym, by=owner)
    assert quiet_gym not in Partner.objects.current()

    assert restore(quiet_gym, by=owner)
    assert quiet_gym in Partner.objects.current()
    assert quiet_gym.touches.count() == 1
