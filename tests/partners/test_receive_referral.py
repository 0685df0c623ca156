import html
from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from partners.actions import (
    NotTheirs,
    ReferralInFuture,
    ReferralStands,
    ReferralTakenBack,
    accept_referral,
    aside,
    complete,
    drop,
    move_stage,
    name_referrer,
    needed_no_more,
    pick_up,
    put_back_referral,
    put_due,
    receive_referral,
    take_back_referral,
    tell,
)
from partners.models import FollowUp, Kind, Partner, Plan, Referral, Rhythm, Stage
from partners.models.codes import ALPHABET

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

    take_back_referral(referral, by=owner)

    studio.refresh_from_db()
    assert (studio.stage, plan_of(studio)) == (Stage.GIVING_VALUE, [])
    assert Rhythm.objects.get(partner=studio).referrals == 0
    with pytest.raises(ReferralTakenBack):
        take_back_referral(referral, by=owner)


def test_it_stands_again_with_its_plan(studio, owner):
    referral = receive_referral(studio, by=owner)
    take_back_referral(referral, by=owner)

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


def text(response) -> str:
    return html.unescape(response.content.decode())


def press_undo(client, page):
    """The form beside what was said."""
    found = BeautifulSoup(page.content, "html.parser").select_one("form.undo")
    fields = {each["name"]: each["value"] for each in found.select("input[name]")}
    return client.post(found["action"], fields, follow=True)


def test_it_goes_back_to_the_stage_and_its_days(at_desk, studio):
    since = timezone.now() - timedelta(days=40)
    Partner.objects.filter(pk=studio.pk).update(stage_changed_at=since)
    page = at_desk.post(reverse("receive_referral", args=[studio.pk]), follow=True)
    studio.refresh_from_db()
    assert (studio.stage, studio.stage_changed_at > since) == (Stage.FIRST_REFERRAL, True)

    press_undo(at_desk, page)

    studio.refresh_from_db()
    assert (studio.stage, studio.stage_changed_at) == (Stage.GIVING_VALUE, since)


def test_it_stays_where_another_referral_has_brought_them(studio, owner):
    first = receive_referral(studio, by=owner)
    receive_referral(studio, by=owner)

    take_back_referral(first, by=owner)

    studio.refresh_from_db()
    assert studio.stage == Stage.FIRST_REFERRAL


# The first of two is taken back: its plan goes on for the other.


@pytest.fixture
def two(studio, owner) -> list[Referral]:
    """One of ten days ago, which began the plan, and one of today."""
    first = receive_referral(studio, by=owner, received_at=timezone.now() - timedelta(days=10))
    begun = first.received_at + timedelta(minutes=1)
    for todo in studio.follow_ups.select_related("step"):
        due_on = timezone.localdate(begun) + timedelta(days=todo.step.days)
        FollowUp.objects.filter(pk=todo.pk).update(created_at=begun, due_on=due_on)
    return [first, receive_referral(studio, by=owner)]


def steps_of(partner: Partner) -> list[tuple]:
    return list(partner.follow_ups.order_by("pk").values_list("pk", "due_on", "done_at", "taken_back_at", "once_key"))


def test_it_keeps_the_plan_while_another_stands(studio, two, owner):
    assert [days for _title, days in plan_of(studio)] == [-8, -3, 20, 50]

    take_back_referral(two[0], by=owner)

    assert [days for _title, days in plan_of(studio)] == [2, 7, 30, 60]
    assert all(two[1].code in todo.once_key for todo in studio.follow_ups.open())
    assert studio.follow_ups.count() == 4


def test_it_gives_the_plan_back_exactly(studio, two, owner):
    done, moved, *_rest = studio.follow_ups.order_by("pk")
    complete(done, by=owner, outcome="Card sent")
    put_due(moved, on=timezone.localdate() + timedelta(days=3), by=owner)
    before = steps_of(studio)

    take_back_referral(two[0], by=owner)
    assert [days for _title, days in plan_of(studio)] == [3, 30, 60]
    put_back_referral(two[0], by=owner)

    assert steps_of(studio) == before


def test_it_ends_the_plan_with_the_last_of_them(studio, two, owner):
    before = steps_of(studio)
    for referral in two:
        take_back_referral(referral, by=owner)
    studio.refresh_from_db()
    assert (plan_of(studio), studio.stage) == ([], Stage.GIVING_VALUE)

    put_back_referral(two[0], by=owner)
    assert steps_of(studio) == before
    put_back_referral(two[1], by=owner)
    assert steps_of(studio) == before


def test_it_hands_the_plan_on_and_on(studio, two, owner):
    before = steps_of(studio)
    third = receive_referral(studio, by=owner)
    take_back_referral(two[0], by=owner)
    take_back_referral(two[1], by=owner)
    assert {step.once_key.split(":")[3] for step in studio.follow_ups.open()} == {third.code}

    put_back_referral(two[1], by=owner)
    assert {step.once_key.split(":")[3] for step in studio.follow_ups.open()} == {two[1].code}
    put_back_referral(two[0], by=owner)
    assert steps_of(studio) == before


def test_it_hands_on_as_often_as_it_takes(studio, owner):
    all_of_them = [receive_referral(studio, by=owner) for _ in range(12)]

    for referral in all_of_them[:-1]:
        take_back_referral(referral, by=owner)

    assert len(plan_of(studio)) == 4


def test_it_has_one_plan_where_another_began_meanwhile(studio, owner):
    slip = take_back_referral(receive_referral(studio, by=owner), by=owner)
    receive_referral(studio, by=owner)

    put_back_referral(slip, by=owner)

    assert len(plan_of(studio)) == 4


def test_it_leaves_the_plan_when_the_second_is_taken_back(studio, two, owner):
    before = steps_of(studio)

    take_back_referral(two[1], by=owner)

    assert steps_of(studio) == before


def test_it_says_for_whom_the_plan_goes_on(at_desk, two):
    page = at_desk.post(reverse("take_back_referral", args=[two[0].pk]), follow=True)

    assert f"The plan of their first referral goes on for {two[1]}." in text(page)


# What was promised while they were courted.


@pytest.fixture
def courted(owner) -> Partner:
    """A studio with the plan for a new partner under way, one step of it done."""
    partner = Partner.objects.create(name="Cedar Yoga", kind=Kind.YOGA_STUDIO)
    move_stage(partner, to=Stage.SHOWING_UP, by=owner, let_through="A friend of a friend.")
    complete(partner.follow_ups.first(), by=owner, outcome="Lovely place")
    return partner


def courting_of(partner: Partner) -> list[FollowUp]:
    return list(partner.follow_ups.open().filter(step__plan__trigger=Plan.Trigger.NEW_PARTNER))


def test_it_puts_the_steps_of_courting_aside(courted, owner):
    steps = courting_of(courted)
    by_hand = FollowUp.objects.create(partner=courted, title="Bring the flyers", due_on=timezone.localdate())

    referral = receive_referral(courted, by=owner)

    assert (len(steps), courting_of(courted)) == (4, [])
    aside = FollowUp.objects.filter(pk__in=[step.pk for step in steps])
    assert {step.outcome for step in aside} == {f"No longer needed: they sent somebody, {referral}."}
    assert by_hand in courted.follow_ups.open()
    assert courted.follow_ups.get(done_at__isnull=False).outcome == "Lovely place"


def test_it_leaves_the_steps_where_no_richer_plan_begins(courted, owner):
    Plan.objects.filter(trigger=Plan.Trigger.FIRST_REFERRAL).update(is_on=False)

    receive_referral(courted, by=owner)

    assert len(courting_of(courted)) == 4


def test_it_says_so_and_undo_brings_them_back(at_desk, courted):
    steps = courting_of(courted)

    page = at_desk.post(reverse("receive_referral", args=[courted.pk]), follow=True)
    assert "Four open steps of courting them are put aside, no longer needed." in text(page)
    assert "No longer needed: they sent somebody" in text(at_desk.get(reverse("todo", args=[steps[0].pk])))

    page = press_undo(at_desk, page)
    assert courting_of(courted) == steps
    assert not courted.follow_ups.open().exclude(outcome="").exists()

    press_undo(at_desk, page)  # put back
    assert courting_of(courted) == []
    assert len(plan_of(courted)) == 4


def test_it_says_nothing_where_nothing_was_put_aside(at_desk, courted):
    at_desk.post(reverse("receive_referral", args=[courted.pk]))

    page = at_desk.post(reverse("receive_referral", args=[courted.pk]), follow=True)

    assert "put aside" not in text(page).split("</form>")[-1]
    assert text(page).count("put aside") == 1  # of the first, which nobody had read yet


def test_it_says_so_of_what_came_by_the_page(at_desk, courted):
    referral = receive_referral(courted, by=None, is_quarantined=True)
    assert len(courting_of(courted)) == 4

    page = at_desk.post(reverse("accept_referral", args=[referral.pk]), follow=True)

    assert "Four open steps of courting them are put aside" in text(page)


def test_it_brings_back_only_what_it_put_aside(courted, owner):
    dropped, picked_up, *_rest = courting_of(courted)
    drop(dropped, by=owner)
    referral = receive_referral(courted, by=owner)
    picked_up.refresh_from_db()
    drop(pick_up(picked_up, by=owner), by=owner)

    take_back_referral(referral, by=owner)

    assert {dropped, picked_up}.isdisjoint(courting_of(courted))
    assert len(courting_of(courted)) == 2


def test_it_brings_them_back_with_the_last_of_two(courted, owner):
    both = [receive_referral(courted, by=owner) for _ in range(2)]

    take_back_referral(both[0], by=owner)
    assert courting_of(courted) == []
    assert {step.outcome for step in aside(courted, because="No longer")} == {needed_no_more(both[1])}

    take_back_referral(both[1], by=owner)
    assert len(courting_of(courted)) == 4


def test_its_code_is_drawn_by_lot_and_says_nothing(studio, owner):
    """Two that came at one moment by one way from one partner have nothing in common but the letters that are used."""
    at = timezone.now()
    codes = {receive_referral(studio, by=owner, received_at=at).code for _ in range(20)}

    assert len(codes) == 20
    assert all(len(code) == 8 and set(code) <= set(ALPHABET) for code in codes)
    assert not set("01ILO") & set(ALPHABET)
