"""Where partners stand in their rhythm, and whether one person can keep the book up."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Audience, Broadcast
from crm.mail.actions import drain
from crm.mail.models import Message
from partners import cadence
from partners.models import CadencePolicy, FollowUp, Kind, Partner, Referral, Stage, Tier, Touch
from tests.campaigns.conftest import write_letter

pytestmark = pytest.mark.django_db


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def day(days: int):
    return timezone.localdate() + timedelta(days=days)


def with_rhythm(partner) -> Partner:
    return Partner.objects.with_rhythm().get(pk=partner.pk)


def touched(days: int, **fields) -> Partner:
    partner = Partner.objects.create(**{"name": "Cedar Yoga", "stage": Stage.ACTIVE, "tier": Tier.A, **fields})
    Touch.objects.create(partner=partner, occurred_at=ago(days))
    return partner


@pytest.mark.parametrize(("days", "band"), [(0, "fresh"), (30, "fresh"), (31, "due"), (45, "due"), (46, "quiet")])
def test_it_turns_yellow_after_the_ideal_day_and_red_after_the_latest(days, band):
    assert cadence.band(with_rhythm(touched(days))) == band


@pytest.mark.parametrize(
    "fields", [{"stage": Stage.PAUSED}, {"stage": Stage.NOT_A_FIT}, {"archived_at": timezone.now()}]
)
def test_it_expects_nothing_of_who_rests(fields):
    assert cadence.band(with_rhythm(touched(90, **fields))) == ""


def test_it_counts_a_booked_meeting_as_fresh_until_its_day():
    partner = touched(90)
    FollowUp.objects.create(partner=partner, title="Coffee", due_on=day(5), is_meeting=True)
    partner = with_rhythm(partner)

    assert cadence.band(partner) == "fresh"
    assert cadence.band(partner, today=day(5)) == "fresh"
    assert cadence.band(partner, today=day(6)) == "quiet"


def test_it_says_of_everybody_what_the_lists_say(db):
    for days in (3, 31, 46):
        touched(days, name=f"{days} days")
    bands = {partner: cadence.band(partner) for partner in Partner.objects.with_rhythm()}

    quiet, due = Partner.objects.gone_quiet(timezone.now()), Partner.objects.due_for_touch(timezone.now())
    assert {partner for partner, band in bands.items() if band == "quiet"} == set(quiet)
    assert {partner for partner, band in bands.items() if band in ("due", "quiet")} == set(due)


def test_it_is_not_reset_by_a_broadcast(practice, physician, owner):
    Touch.objects.create(partner=physician, occurred_at=ago(80), kind="visit")
    before = with_rhythm(physician).rhythm
    audience = Audience.objects.create(name="Physicians", kinds=[Kind.DPC_PHYSICIAN], stages=[Stage.ACTIVE])
    Broadcast.objects.create(letter=write_letter(), audience=audience, state="scheduled", send_at=ago(0))

    assert launch_due() == 1
    drain()

    assert Message.objects.filter(contact__roles__partner=physician, state="handed_over").exists()
    after = with_rhythm(physician).rhythm
    assert (after.ideal_on, after.latest_on, after.counted_at) == (before.ideal_on, before.latest_on, before.counted_at)
    assert cadence.band(with_rhythm(physician)) == "quiet"


def fill(count: int, **fields) -> None:
    partners = Partner.objects.bulk_create(Partner(name=f"Partner {n}", **fields) for n in range(count))
    Touch.objects.bulk_create(Touch(partner=partner) for partner in partners)


def test_it_adds_up_the_touches_of_a_week():
    fill(2, stage=Stage.CONVERSATION)  # 14 days
    fill(3, stage=Stage.ACTIVE, tier=Tier.A)  # 30
    fill(4, stage=Stage.CHAMPION, tier=Tier.B)  # 60
    fill(5, stage=Stage.FIRST_REFERRAL, tier=Tier.C)  # 90
    fill(6, stage=Stage.DORMANT)  # 180
    fill(7, stage=Stage.PAUSED)

    load = cadence.load()

    assert load.expected_a_week == pytest.approx(7 * (2 / 14 + 3 / 30 + 4 / 60 + 5 / 90 + 6 / 180))
    assert (load.courting, load.in_book, load.capacity) == (2, 14, 8)
    assert (load.most_courting, load.most_in_book, load.is_over, load.sentences) == (10, 50, False, [])


def test_it_says_when_the_week_is_too_full():
    fill(10, stage=Stage.CONVERSATION)
    fill(14, stage=Stage.ACTIVE, tier=Tier.A)

    assert cadence.load().sentences == [
        "Your book asks for 8.3 touches a week, and you can keep up 8. Move a partner a tier down."
    ]


def test_it_says_when_too_many_are_courted():
    fill(11, stage=Stage.SHOWING_UP)

    assert cadence.load().sentences == ["You are courting 11 at once, and 10 is the most. Pause a few of them."]


def test_it_says_when_the_book_is_too_full():
    fill(51, stage=Stage.ACTIVE, tier=Tier.C)

    assert cadence.load().sentences == [
        "There are 51 partners in the book, and 50 is the most one person can know well. Let some go dormant."
    ]


def test_it_costs_one_query_and_one_for_the_limits(django_assert_num_queries):
    fill(5, stage=Stage.ACTIVE)
    CadencePolicy.load()

    with django_assert_num_queries(2):
        cadence.load()


def test_it_eases_who_sends_least_for_the_most_that_was_given():
    carried = touched(3, name="Carried", tier=Tier.B)
    Touch.objects.create(partner=carried, kind="content")
    fair = touched(3, name="Fair")
    Referral.objects.create(partner=fair)
    touched(3, name="Already seldom", tier=Tier.C)
    touched(3, name="Courted", stage=Stage.CONVERSATION)

    assert [(partner.name, partner.given_lately, partner.sent_lately) for partner in cadence.to_ease()] == [
        ("Carried", 2, 0),
        ("Fair", 1, 1),
    ]


def test_it_shows_the_load_and_whom_to_ease(at_desk):
    fill(9, stage=Stage.CONVERSATION)
    fill(20, stage=Stage.ACTIVE, tier=Tier.A)

    page = at_desk.get(reverse("keeping_up")).content.decode()

    assert "Your book asks for 9.2 touches a week" in page
    assert "See these less often" in page
    assert page.count("Move to B") == 5


def test_it_praises_a_book_that_is_not_too_full(at_desk, quiet_gym):
    assert "one person can keep this up" in at_desk.get(reverse("keeping_up")).content.decode()


def test_it_is_for_who_may_see_partners(client, viewer):
    address = reverse("keeping_up")
    assert client.get(address).status_code == 302
    client.force_login(viewer)

    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405


def test_it_draws_the_line_from_the_last_touch():
    rhythm = with_rhythm(touched(15)).rhythm

    line = cadence.picture(rhythm, today=day(0))

    # 30 and 45 days of 57, and today is the 15th.
    assert (line.ideal, line.latest, line.today) == (157, 236, 78)
    assert cadence.picture(rhythm, today=day(300)).today == 300


def test_it_draws_nothing_where_nothing_is_expected():
    assert cadence.picture(with_rhythm(Partner.objects.create(name="New")).rhythm, today=day(0)) is None


def test_it_tells_the_partner_page_where_they_stand(at_desk, quiet_gym):
    page = at_desk.get(quiet_gym.get_absolute_url()).content.decode()

    assert "gone quiet" in page
    assert "Ideally by" in page
    assert "3 months ago" in page
    assert 'name="days" value="7"' in page


def test_it_warns_on_the_page_of_more_asks_than_gives(at_desk, physician):
    Touch.objects.create(partner=physician, kind="call", is_ask=True)

    page = at_desk.get(physician.get_absolute_url()).content.decode()

    assert "You have asked more than you gave: one ask and no gives in 180 days." in page


def test_it_offers_the_limits_to_the_owner(at_desk):
    address = reverse("wagtailsettings:edit", args=["partners", "cadencepolicy", 1])

    assert "touches a week" in at_desk.get(address).content.decode().lower()
