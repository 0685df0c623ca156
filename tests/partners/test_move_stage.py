import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from partners.actions import AlreadyMoved, ReasonMissing, archive, move_stage, restore
from partners.models import Partner, Stage

pytestmark = pytest.mark.django_db


def test_it_moves_a_partner(quiet_gym, owner):
    before = quiet_gym.stage_changed_at

    move_stage(quiet_gym, to=Stage.CHAMPION, by=owner)
    quiet_gym.refresh_from_db()

    assert quiet_gym.stage == Stage.CHAMPION
    assert quiet_gym.stage_changed_at > before


def test_it_leaves_the_move_on_the_audit_trail(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.CHAMPION, by=owner)

    entry = LogEntry.objects.get_for_object(quiet_gym).filter(changes__has_key="stage").first()
    assert (entry.changes["stage"], entry.actor) == (["active", "champion"], owner)


def test_it_asks_why_a_partner_is_not_a_fit(quiet_gym, owner):
    with pytest.raises(ReasonMissing):
        move_stage(quiet_gym, to=Stage.NOT_A_FIT, by=owner, reason=" ")


def test_it_keeps_why_a_partner_rests(quiet_gym, owner):
    until = timezone.localdate()
    move_stage(quiet_gym, to=Stage.PAUSED, by=owner, reason="Rebuilding", paused_until=until)
    quiet_gym.refresh_from_db()

    assert (quiet_gym.off_ramp_reason, quiet_gym.paused_until) == ("Rebuilding", until)


def test_it_refuses_a_move_from_a_stage_that_is_no_more(quiet_gym, owner):
    move_stage(Partner.objects.get(pk=quiet_gym.pk), to=Stage.CHAMPION, by=owner)

    with pytest.raises(AlreadyMoved):
        move_stage(quiet_gym, to=Stage.DORMANT, by=owner)


def test_it_puts_a_partner_away_and_back(quiet_gym, owner):
    assert archive(quiet_gym, by=owner)
    assert not archive(quiet_gym, by=owner)
    assert quiet_gym not in Partner.objects.current()

    assert restore(quiet_gym, by=owner)
    assert quiet_gym in Partner.objects.current()
    assert quiet_gym.touches.count() == 1


def test_it_notes_why_a_partner_rests_longer_and_keeps_since_when(quiet_gym, owner):
    move_stage(quiet_gym, to=Stage.PAUSED, by=owner, reason="Rebuilding")
    since = quiet_gym.stage_changed_at

    move_stage(quiet_gym, to=Stage.PAUSED, by=owner, reason="Still rebuilding")
    quiet_gym.refresh_from_db()

    entry = LogEntry.objects.get_for_object(quiet_gym).first()
    assert entry.changes == {"off_ramp_reason": ["Rebuilding", "Still rebuilding"]}
    assert quiet_gym.stage_changed_at == since
