"""What to say: the words that came with Rapport, the one for a partner, edits that last, and what came of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact
from partners import scripts
from partners.actions import NoStarter, log_touch, restore_words, rewrite, switch, take_back
from partners.identity import seen_in
from partners.models import LADDER, Group, Kind, Partner, Role, Script, Stage, Touch

pytestmark = pytest.mark.django_db

OUTCOME = Touch.Outcome


def of(group: str, stage: str) -> Script:
    return Script.objects.get(group=group, stage=stage)


def words(**more) -> dict[str, str]:
    return {
        "opener": "Hi [name].", "first_question": "How are you?", "second_question": "",
        "give_idea": "A guide", "not_yet": "Prices", **more,
    }  # fmt: skip


def test_it_comes_with_three_groups_at_seven_stages():
    assert set(Script.objects.values_list("group", "stage")) == {
        (group, stage.value) for group in ("fitness", "dpc", "functional") for stage in LADDER
    }
    assert Script.objects.filter(is_ours=True, is_on=True).count() == 21


@pytest.mark.parametrize(
    ("place", "said"), scripts.starters().items(), ids=lambda value: "-".join(value) if isinstance(value, tuple) else ""
)
def test_its_words_are_short_whole_and_about_no_patient(place, said):
    text = " ".join(said.values())

    assert set(said) == set(scripts.WORDS)
    assert all(said.values())
    assert len(said["opener"].split()) <= 45
    assert said["not_yet"].startswith("Do not ")
    assert said["first_question"].endswith("?")
    assert scripts.unknown_places(text) == []
    assert not re.search(r"\b(patients?|diagnos\w+|referr\w+)\b", text, re.IGNORECASE)
    assert seen_in(text) == []


def test_an_update_touches_only_words_nobody_edited():
    edited, stale = of("dpc", "active"), of("fitness", "active")
    rewrite(edited, words=words(opener="Mine."), by=None)
    Script.objects.filter(pk=stale.pk).update(opener="What an older version shipped.")
    of("functional", "active").delete()

    scripts.ensure_starters()
    scripts.ensure_starters()

    assert of("dpc", "active").opener == "Mine."
    assert scripts.is_as_shipped(of("fitness", "active"))
    assert scripts.is_as_shipped(of("functional", "active"))
    assert Script.objects.count() == 21


@pytest.mark.parametrize(
    ("kind", "stage", "group", "at"),
    [
        (Kind.GYM, Stage.IDENTIFIED, "fitness", "identified"),
        (Kind.RUNNING_CLUB, Stage.CHAMPION, "fitness", "champion"),
        (Kind.DPC_PHYSICIAN, Stage.CONVERSATION, "dpc", "conversation"),
        (Kind.FUNCTIONAL_MEDICINE, Stage.GIVING_VALUE, "functional", "giving_value"),
        (Kind.OTHER, Stage.SHOWING_UP, "fitness", "showing_up"),
        (Kind.GYM, Stage.DORMANT, "fitness", "showing_up"),
    ],
)
def test_it_fits_the_kind_and_stage(kind, stage, group, at):
    partner = Partner(kind=kind, stage=stage)

    assert scripts.for_partner(partner) == of(group, at)


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.NOT_A_FIT])
def test_it_has_nothing_to_say_to_who_rests_or_is_turned_away(stage):
    assert scripts.for_partner(Partner(kind=Kind.GYM, stage=stage)) is None


def test_the_owners_own_comes_first_and_one_switched_off_never():
    partner = Partner(kind=Kind.GYM, stage=Stage.ACTIVE)
    mine = Script.objects.create(group="fitness", stage="active", **words())
    assert scripts.for_partner(partner) == mine

    switch(mine, is_on=False, by=None)
    assert scripts.for_partner(partner) == of_ours("fitness", "active")
    switch(of_ours("fitness", "active"), is_on=False, by=None)
    assert scripts.for_partner(partner) is None


def of_ours(group: str, stage: str) -> Script:
    return Script.objects.get(group=group, stage=stage, is_ours=True)


def test_general_words_stand_in():
    general = Script.objects.create(group=Group.OTHER, stage="active", **words())

    assert scripts.for_partner(Partner(kind=Kind.OTHER, stage=Stage.ACTIVE)) == general
    Script.objects.filter(group="dpc", stage="active").update(is_on=False)
    assert scripts.for_partner(Partner(kind=Kind.DPC_PHYSICIAN, stage=Stage.ACTIVE)) == general


def test_it_fills_places_for_the_partner_only(practice, quiet_gym):
    Role.objects.create(partner=quiet_gym, contact=Contact.objects.create(name="Maya Lindqvist"), is_primary=True)
    script = Script(**words(opener="Hi [name] of [Partner], I am with [practice]. [patient]"))

    assert scripts.spoken(script, quiet_gym).opener == "Hi Maya of Ironworks Gym, I am with Harbour Physio. [patient]"


@pytest.mark.parametrize(
    ("name", "called"), [("Maya Lindqvist", "Maya"), ("Dr. Ada Okafor", "Dr. Okafor"), ("Dr.", "Dr."), ("", "there")]
)
def test_it_says_a_name_as_one_does(name, called):
    assert scripts.call_name(name) == called


def test_it_opens_well_where_nobody_is_known(quiet_gym):
    assert scripts.spoken(Script(**words(opener="[name], thank you.")), quiet_gym).opener == "Hi there, thank you."
    assert scripts.spoken(Script(**words()), quiet_gym).opener == "Hi there."


def test_it_is_used_and_says_what_came_of_it(quiet_gym, owner):
    script = of("fitness", "active")
    assert scripts.use_of(script).sentence == "Not used yet."

    for outcome in [OUTCOME.WARM, OUTCOME.WARM, OUTCOME.NO_REPLY, OUTCOME.YES]:
        touch = log_touch(quiet_gym, kind="visit", by=owner, script=script, outcome=outcome)
    assert scripts.use_of(script).sentence == "Used four times, too few to say."
    assert scripts.use_of(script).percent is None

    take_back(touch, by=owner)
    log_touch(quiet_gym, kind="visit", by=owner, script=script)
    use = scripts.use_of(script)
    assert use.sentence == "Used four times. How it went is noted for three, too few to say."
    assert use.outcomes == [("No answer", 1), ("Polite", 0), ("Warm", 2), ("They said yes", 0)]


@pytest.mark.parametrize(("times", "says"), [(9, None), (10, 70)])
def test_it_gives_a_rate_from_ten_on(quiet_gym, owner, times, says):
    script = of("fitness", "active")
    at = timezone.now() - timedelta(hours=1)
    outcomes = [OUTCOME.NO_REPLY] * 3 + [OUTCOME.POLITE] * (times - 3)
    Touch.objects.bulk_create(
        Touch(partner=quiet_gym, script=script, outcome=outcome, occurred_at=at) for outcome in outcomes
    )

    assert scripts.use_of(script).percent == says
    if says:
        assert scripts.use_of(script).sentence == "Used 10 times. 7 of 10 answered, 70 percent."


def test_the_card_leads_to_the_log_with_the_script_in_place(at_desk, owner, quiet_gym):
    request = RequestFactory().get("/")
    request.user = owner
    context = {**scripts.for_page(quiet_gym, owner), "partner": quiet_gym}
    script = context["script"]

    assert "I used it" not in render_to_string("partners/page/_script.html", context)  # without the right to log
    page = at_desk.get(f"{reverse('quick_log')}?partner={quiet_gym.pk}&script={script.pk}").content.decode()
    assert f'name="script" value="{script.pk}" checked' in page

    at_desk.post(
        reverse("quick_log"), {"partner": quiet_gym.pk, "kind": "visit", "script": script.pk, "outcome": "warm"}
    )
    touch = quiet_gym.touches.first()
    assert (touch.script, touch.outcome) == (script, "warm")


def test_the_grid_has_every_script_and_its_use(at_desk, quiet_gym, owner):
    script = of("fitness", "active")
    log_touch(quiet_gym, kind="visit", by=owner, script=script)

    page = at_desk.get(reverse("scripts:index"))

    assert [group.value for group in page.context["groups"]] == ["fitness", "dpc", "functional"]
    assert len(page.context["rows"]) == 7
    assert page.content.decode().count("script-cell") == 21
    assert "used once" in page.content.decode()


def test_the_grid_offers_what_is_missing_and_a_column_for_others(at_desk):
    of("dpc", "active").delete()
    Script.objects.create(group="other", stage="active", **words())

    page = at_desk.get(reverse("scripts:index")).content.decode()

    assert "?group=dpc&amp;stage=active" in page
    assert "Other" in page


def test_an_edit_makes_it_the_owners(at_desk):
    script = of("fitness", "active")

    at_desk.post(reverse("scripts:edit", args=[script.pk]), words())

    script.refresh_from_db()
    assert (script.opener, script.is_ours, script.group, script.stage) == ("Hi [name].", False, "fitness", "active")


def test_an_edit_without_a_change_leaves_it_ours(at_desk):
    script = of("fitness", "active")

    at_desk.post(reverse("scripts:edit", args=[script.pk]), {name: getattr(script, name) for name in scripts.WORDS})

    script.refresh_from_db()
    assert script.is_ours


def test_a_place_that_nothing_fills_is_refused(at_desk):
    script = of("fitness", "active")

    page = at_desk.post(reverse("scripts:edit", args=[script.pk]), words(opener="How is [patient]?")).content.decode()

    assert "Nothing fills [patient]." in page
    assert "How is [patient]?" in page


def test_a_new_one_is_the_owners(at_desk):
    at_desk.post(reverse("scripts:add"), {**words(), "group": "other", "stage": "active"})

    assert Script.objects.get(group="other").is_ours is False


def test_our_words_come_back_and_so_do_yours(at_desk):
    script = of("fitness", "active")
    rewrite(script, words=words(opener="Mine."), by=None)

    page = at_desk.post(reverse("restore_script", args=[script.pk]), follow=True).content.decode()
    script.refresh_from_db()
    assert scripts.is_as_shipped(script)
    assert script.is_ours
    assert reverse("rewrite_script", args=[script.pk]) in page

    at_desk.post(reverse("rewrite_script", args=[script.pk]), words(opener="Mine."))
    script.refresh_from_db()
    assert (script.opener, script.is_ours) == ("Mine.", False)


@pytest.mark.parametrize("wrong", [{}, {"opener": ""}, {"not_yet": "x" * 301}])
def test_no_broken_words_are_put_back(at_desk, wrong):
    script = of("fitness", "active")

    at_desk.post(reverse("rewrite_script", args=[script.pk]), {**words(), **wrong} if wrong else {})

    assert scripts.is_as_shipped(of("fitness", "active"))


def test_nothing_is_restored_where_nothing_was_shipped():
    with pytest.raises(NoStarter):
        restore_words(Script.objects.create(group="other", stage="active", **words()), by=None)


def test_it_is_switched_off_and_on(at_desk):
    script = of("fitness", "active")

    for on, is_on in (("0", False), ("0", False), ("1", True)):
        at_desk.post(reverse("switch_script", args=[script.pk]), {"on": on})
        script.refresh_from_db()
        assert script.is_on is is_on


def test_its_page_says_what_came_of_it(at_desk, quiet_gym, owner):
    script = of("fitness", "active")
    log_touch(quiet_gym, kind="visit", by=owner, script=script, outcome="warm")

    page = at_desk.get(script.get_absolute_url()).content.decode()

    assert "Used once, too few to say." in page
    assert "Ironworks Gym" in page


@pytest.mark.parametrize("name", ["switch_script", "restore_script", "rewrite_script"])
def test_its_buttons_are_guarded(client, at_desk, viewer, name):
    address = reverse(name, args=[of("fitness", "active").pk])

    assert at_desk.get(address).status_code == 405
    client.force_login(viewer)
    assert client.post(address, {"on": "0"}).status_code == 302
    assert of("fitness", "active").is_on


@pytest.mark.parametrize("name", ["scripts:index", "scripts:add"])
def test_it_needs_a_login(client, name):
    assert client.get(reverse(name)).status_code == 302


def test_a_viewer_reads_and_writes_nothing(client, viewer):
    client.force_login(viewer)
    script = of("fitness", "active")

    assert client.get(reverse("scripts:index")).status_code == 200
    assert client.get(script.get_absolute_url()).status_code == 200
    assert client.get(reverse("scripts:edit", args=[script.pk])).status_code == 302
