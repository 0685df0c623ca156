"""A partner snoozed: twice in a row at most, then somebody decides."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from partners import cadence
from partners.actions import (
    AlreadySnoozed,
    SnoozedTooFar,
    SnoozedToThePast,
    SnoozedTwice,
    log_touch,
    move_stage,
    set_tier,
)
from partners.models import Partner, Rhythm, Stage, Tier

pytestmark = pytest.mark.django_db


def day(days: int):
    return timezone.localdate() + timedelta(days=days)


def fresh(partner) -> Partner:
    return Partner.objects.select_related("rhythm").get(pk=partner.pk)


def test_it_lets_a_quiet_partner_rest(quiet_gym, owner):
    assert cadence.band(fresh(quiet_gym)) == "quiet"

    cadence.snooze(fresh(quiet_gym), until=day(3), by=owner)

    assert cadence.band(fresh(quiet_gym)) == "fresh"
    assert not Partner.objects.gone_quiet(timezone.now()).filter(pk=quiet_gym.pk).exists()
    assert cadence.band(fresh(quiet_gym), today=day(4)) == "quiet"


def test_it_writes_down_who_snoozed(quiet_gym, owner):
    cadence.snooze(fresh(quiet_gym), until=day(3), by=owner)

    entry = LogEntry.objects.get_for_object(quiet_gym).first()
    assert (entry.actor, entry.changes) == (owner, {"snoozed_until": ["None", str(day(3))]})


def test_it_refuses_the_third_in_a_row(quiet_gym, owner):
    for days in (1, 7):
        cadence.snooze(fresh(quiet_gym), until=day(days), by=owner)

    with pytest.raises(SnoozedTwice, match="Decide now"):
        cadence.snooze(fresh(quiet_gym), until=day(8), by=owner)
    assert fresh(quiet_gym).rhythm.snoozed_until == day(7)


@pytest.mark.parametrize("decide", ["touch", "tier", "pause"])
def test_it_begins_anew_after_a_decision(quiet_gym, owner, decide):
    for days in (1, 7):
        cadence.snooze(fresh(quiet_gym), until=day(days), by=owner)
    if decide == "touch":
        log_touch(quiet_gym, kind="call", by=owner)
    elif decide == "tier":
        set_tier(quiet_gym, to=Tier.C, by=owner)
    else:
        move_stage(quiet_gym, to=Stage.PAUSED, by=owner, paused_until=day(30))

    assert cadence.snooze(fresh(quiet_gym), until=day(7), by=owner).snoozes == 1


@pytest.mark.parametrize(
    ("days", "refusal"), [(0, SnoozedToThePast), (-1, SnoozedToThePast), (91, SnoozedTooFar), (3000, SnoozedTooFar)]
)
def test_it_refuses_days_gone_by_and_too_far(quiet_gym, owner, days, refusal):
    with pytest.raises(refusal):
        cadence.snooze(fresh(quiet_gym), until=day(days), by=owner)


def test_it_counts_one_snooze_when_two_people_snooze_at_once(quiet_gym, owner, assistant):
    mine, theirs = fresh(quiet_gym), fresh(quiet_gym)
    cadence.snooze(mine, until=day(1), by=owner)

    with pytest.raises(AlreadySnoozed):
        cadence.snooze(theirs, until=day(7), by=assistant)
    kept = Rhythm.objects.get(pk=quiet_gym.pk)
    assert (kept.snoozes, kept.snoozed_until) == (1, day(1))


def test_it_undoes_a_snooze(quiet_gym, owner):
    cadence.snooze(fresh(quiet_gym), until=day(1), by=owner)
    cadence.snooze(fresh(quiet_gym), until=day(7), by=owner)

    cadence.unsnooze(fresh(quiet_gym), back_to=day(1), by=owner)

    kept = Rhythm.objects.get(pk=quiet_gym.pk)
    assert (kept.snoozes, kept.snoozed_until) == (1, day(1))


def test_it_undoes_nothing_twice(quiet_gym, owner):
    with pytest.raises(AlreadySnoozed):
        cadence.unsnooze(fresh(quiet_gym), back_to=None, by=owner)


def tap(client, name, partner, **fields):
    return client.post(reverse(name, args=[partner.pk]), fields, follow=True)


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("days", [1, 3, 7])
def test_it_snoozes_by_a_tap(at_desk, quiet_gym, days):
    response = tap(at_desk, "snooze_partner", quiet_gym, days=days)

    assert "Ironworks Gym rests until" in text(response)
    assert "Undo" in text(response)
    assert fresh(quiet_gym).rhythm.snoozed_until == day(days)


def test_it_snoozes_to_a_date(at_desk, quiet_gym):
    tap(at_desk, "snooze_partner", quiet_gym, days="", until=day(20).isoformat())

    assert fresh(quiet_gym).rhythm.snoozed_until == day(20)


def test_it_takes_a_tap_back(at_desk, quiet_gym):
    tap(at_desk, "snooze_partner", quiet_gym, days=7)
    tap(at_desk, "unsnooze_partner", quiet_gym, back_to="")

    assert fresh(quiet_gym).rhythm.snoozed_until is None


def test_it_says_when_the_page_was_out_of_date(at_desk, quiet_gym, assistant):
    cadence.snooze(fresh(quiet_gym), until=day(3), by=assistant)

    response = tap(at_desk, "snooze_partner", quiet_gym, days=7, seen="")

    assert "in the meantime" in text(response)
    assert fresh(quiet_gym).rhythm.snoozed_until == day(3)


def test_it_asks_for_a_decision_on_the_page(at_desk, quiet_gym, owner):
    for days in (1, 7):
        cadence.snooze(fresh(quiet_gym), until=day(days), by=owner)

    page = text(at_desk.get(quiet_gym.get_absolute_url()))

    assert "Snoozed twice. Decide now." in page
    assert "Touch now" in page
    assert "Pause until" in page
    assert f'value="{day(30).isoformat()}"' in page
    assert reverse("snooze_partner", args=[quiet_gym.pk]) not in page


def test_it_changes_the_tier_by_a_tap_and_back(at_desk, quiet_gym, owner):
    response = tap(at_desk, "set_tier", quiet_gym, to="c")
    assert "Ironworks Gym is in tier C now." in text(response)
    rhythm = fresh(quiet_gym).rhythm
    assert rhythm.ideal_on == timezone.localdate(rhythm.counted_at) + timedelta(days=90)

    tap(at_desk, "set_tier", quiet_gym, to="b")

    assert fresh(quiet_gym).tier == Tier.B
    entry = LogEntry.objects.get_for_object(quiet_gym).first()
    assert (entry.actor, entry.changes) == (owner, {"tier": ["c", "b"]})


def test_it_knows_three_tiers(at_desk, quiet_gym):
    assert "Choose tier A, B or C." in text(tap(at_desk, "set_tier", quiet_gym, to="z"))


@pytest.mark.parametrize("name", ["snooze_partner", "unsnooze_partner", "set_tier"])
def test_it_needs_a_login_permission_and_a_post(client, viewer, owner, quiet_gym, name):
    address = reverse(name, args=[quiet_gym.pk])
    assert client.post(address).status_code == 302
    client.force_login(viewer)
    assert client.post(address, {"days": "7", "to": "c"}).status_code == 302
    kept = fresh(quiet_gym)
    assert (kept.rhythm.snoozed_until, kept.tier) == (None, Tier.B)
    client.force_login(owner)

    assert client.get(address).status_code == 405
