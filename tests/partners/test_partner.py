from datetime import timedelta

import pytest
from django.utils import timezone

from partners.actions import follow_up, log_touch, take_back
from partners.models import Kind, Partner, Stage, Touch

pytestmark = pytest.mark.django_db


def quiet() -> list[Partner]:
    return list(Partner.objects.current().gone_quiet(timezone.now()))


def ago(days: int):
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize(
    ("stage", "days", "is_quiet"),
    [
        (Stage.IDENTIFIED, 22, True),
        (Stage.SHOWING_UP, 20, False),
        (Stage.CONVERSATION, 22, True),
        (Stage.FIRST_REFERRAL, 75, False),
        (Stage.CHAMPION, 76, True),
        (Stage.PAUSED, 400, False),
        (Stage.DORMANT, 240, False),
        (Stage.DORMANT, 241, True),
        (Stage.NOT_A_FIT, 400, False),
    ],
)
def test_it_goes_quiet_by_its_stage(stage, days, is_quiet):
    partner = Partner.objects.create(name="Cedar Yoga", stage=stage, created_at=ago(500))
    Touch.objects.create(partner=partner, occurred_at=ago(days))

    assert (partner in quiet()) is is_quiet


def test_it_counts_from_the_day_it_was_added_where_nobody_has_touched_it():
    Partner.objects.create(name="New", stage=Stage.CONVERSATION, created_at=ago(20))
    old = Partner.objects.create(name="Old", stage=Stage.CONVERSATION, created_at=ago(22))

    assert quiet() == [old]


def test_it_owes_no_rhythm_to_somebody_merely_identified():
    Partner.objects.create(name="Someday", stage=Stage.IDENTIFIED, created_at=ago(400))

    assert quiet() == []


def test_it_is_fresh_while_something_is_promised(quiet_gym, owner):
    follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate(), by=owner)

    assert quiet() == []


def test_it_stays_quiet_when_the_promise_was_broken(quiet_gym, owner):
    follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate() - timedelta(days=1), by=owner)

    assert quiet() == [quiet_gym]


def test_it_is_quiet_again_once_the_touch_is_taken_back(quiet_gym, owner):
    touch = log_touch(quiet_gym, kind=Touch.TouchKind.CALL, by=owner)
    assert quiet() == []

    take_back(touch, by=owner)

    assert quiet() == [quiet_gym]


def test_it_knows_its_last_touch(quiet_gym, owner):
    log_touch(quiet_gym, kind=Touch.TouchKind.CALL, summary="Asked about the clinic", by=owner)
    take_back(log_touch(quiet_gym, kind=Touch.TouchKind.TEXT, summary="Slip", by=owner), by=owner)

    last = Partner.objects.with_rhythm().get(pk=quiet_gym.pk).rhythm.last_touch

    assert (last.kind, last.summary, last.by) == ("call", "Asked about the clinic", owner)


def test_it_knows_its_next_step(quiet_gym, owner):
    today = timezone.localdate()
    follow_up(partner=quiet_gym, title="Later", due_on=today + timedelta(days=9), by=owner)
    follow_up(partner=quiet_gym, title="Sooner", due_on=today + timedelta(days=2), by=owner)

    rhythm = Partner.objects.with_rhythm().get(pk=quiet_gym.pk).rhythm

    assert (rhythm.next_step.title, rhythm.next_step_on) == ("Sooner", today + timedelta(days=2))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("iron", "Ironworks Gym"),
        ("irnworks", "Ironworks Gym"),
        ("gym iron", "Ironworks Gym"),
        ("Okaffor Famly", "Okafor Family Medicine"),
        ("cafe mouv", "Café Mouvement"),
        ("mouvment", "Café Mouvement"),
        ("st jerome", "Clinique Saint-Jérôme"),
        ("obriens", "O’Brien’s Running Club"),
        ("gatineau", "Café Mouvement"),
    ],
)
def test_it_is_found_by_half_a_name_or_a_misspelt_one(physician, quiet_gym, typed, found):
    Partner.objects.create(name="Café Mouvement", city="Gatineau", kind=Kind.OTHER)
    Partner.objects.create(name="Clinique Saint-Jérôme")
    Partner.objects.create(name="O’Brien’s Running Club")

    assert Partner.objects.matching(typed).first().name == found


def test_it_is_not_found_by_something_else(physician, quiet_gym):
    assert not Partner.objects.matching("xqzt").exists()
    assert not Partner.objects.matching("  ").exists()


def test_it_finds_with_three_queries_whatever_the_size(quiet_gym, django_assert_num_queries):
    list(Partner.objects.matching("iron"))  # from now on the names are known

    with django_assert_num_queries(3):
        list(Partner.objects.matching("iron"))
