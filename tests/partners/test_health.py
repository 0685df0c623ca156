"""3.13: five parts of 30, 25, 15, 15 and 15, re-weighted to those that apply, and one line that says what to do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from partners import health, ledger
from partners.actions import archive, follow_up, log_touch, move_stage
from partners.health import Part
from partners.lately import Came, Did, Gathering, Lately
from partners.ledger import Label, Ledger
from partners.models import Partner, Referral, Rhythm, Stage, Touch

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TODAY = date(2026, 11, 18)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "points"), [(0, 30), (30, 30), (31, 30), (45, 22), (60, 15), (75, 8), (89, 0), (90, 0), (400, 0)]
)
def test_it_gives_30_until_the_ideal_day_and_nothing_at_twice_the_latest(days, points):
    since = TODAY - timedelta(days=days)
    rhythm = Rhythm(
        counted_at=ago(days), ideal_on=since + timedelta(days=30), latest_on=since + timedelta(days=45), referrals=0
    )

    assert health.recency(rhythm, since=since, today=TODAY).points == points


def test_it_counts_a_booked_meeting_as_fresh():
    since = TODAY - timedelta(days=80)
    rhythm = Rhythm(counted_at=ago(80), ideal_on=since, latest_on=since, meeting_on=TODAY)

    assert health.recency(rhythm, since=since, today=TODAY).points == 30


def test_it_expects_nothing_of_who_rests():
    assert health.recency(Rhythm(), since=TODAY, today=TODAY).points is None


@pytest.mark.parametrize(
    ("last", "before", "points"), [(0, 0, 0), (0, 3, 0), (1, 4, 6), (1, 2, 12), (2, 2, 25), (3, 2, 25), (1, 0, 25)]
)
def test_it_compares_90_days_with_the_90_before(last, before, points):
    assert health.trend_points(last, before) == points


@pytest.mark.parametrize(("ever", "is_shown"), [(2, False), (3, True)])
def test_it_hides_the_trend_until_three_referrals(ever, is_shown):
    came = [Came(n, "X", ago(days), ago(days)) for n, days in enumerate([89, 91, 179, 181])]

    part = health.trend(Lately(NOW, referrals=came), ever=ever)

    assert (part.points is not None) is is_shown
    if is_shown:
        assert (part.points, part.words) == (12, "1 in the last 90 days, 2 in the 90 before.")


@pytest.mark.parametrize(
    ("hours", "points"),
    [([], None), ([48], 15), ([49], 0), ([1, 47], 15), ([1, 72], 8), ([1, 1, 72], 10), ([None], 0)],
)
def test_it_weighs_thanks_within_48_hours(hours, points):
    came = [
        Came(n, "X", ago(10), None if late is None else ago(10) + timedelta(hours=late)) for n, late in enumerate(hours)
    ]

    assert health.thanks(Lately(NOW, referrals=came)).points == points


def test_it_waits_for_thanks_that_are_still_in_time():
    assert health.thanks(Lately(NOW, referrals=[Came(1, "X", ago(1))])).points is None


@pytest.mark.parametrize(
    ("label", "points"), [(Label.BALANCED, 15), (Label.YOU_CARRY, 8), (Label.YOU_OWE, 0), ("", None)]
)
def test_it_weighs_the_band_of_give_and_take(label, points):
    assert health.reciprocity(Ledger(1, 1, label)).points == points


@pytest.mark.parametrize(
    ("day", "points"),
    [(date(2026, 10, 1), 15), (date(2026, 12, 31), 15), (date(2026, 9, 30), 0), (date(2027, 1, 1), 0)],
)
def test_it_looks_for_a_workshop_this_quarter(day, points):
    at = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    year = Lately(NOW, gatherings=[Gathering(1, "Knees", at)])

    assert health.workshop(year, is_sending=True).points == points


def test_it_counts_a_workshop_that_was_only_noted():
    year = Lately(NOW, touches=[Did(Touch.TouchKind.WORKSHOP, ago(20))])

    assert health.workshop(year, is_sending=True).points == 15
    assert health.workshop(year, is_sending=False).points is None


@pytest.mark.parametrize(
    ("points", "score"),
    [
        ((30, 25, 15, 15, 15), 100),
        ((15, 25, 15, 15, 0), 70),
        ((30, None, None, None, None), 100),
        ((15, None, None, 15, None), 67),
        ((0, None, 15, 15, 0), 40),
        ((None, None, None, None, None), None),
    ],
)
def test_it_weighs_only_the_parts_that_apply(points, score):
    parts = [Part("", each, of, "") for each, of in zip(points, (30, 25, 15, 15, 15), strict=True)]

    assert health.score(parts) == score


def test_it_judges_a_partner_from_what_is_on_record(physician):
    found = health.of(physician)

    assert [part.points for part in found.parts] == [30, None, None, 0, 0]
    assert found.score == 50
    assert found.band == "fair"


def test_it_needs_one_query_beside_the_rhythm(physician, django_assert_num_queries):
    partner = Partner.objects.with_rhythm().get(pk=physician.pk)
    with django_assert_num_queries(1):
        health.of(partner)


def do_this(partner: Partner) -> str:
    return health.of(Partner.objects.with_rhythm().get(pk=partner.pk)).do_this.sentence


def test_it_asks_what_a_to_do_asks(quiet_gym, owner):
    follow_up(partner=quiet_gym, title="Do our notes arrive in time?", due_on=timezone.localdate(), by=owner)

    assert do_this(quiet_gym) == "Do our notes arrive in time? Due today."


def test_it_says_one_thing_at_a_time_in_a_fixed_order(quiet_gym, owner):
    """Each is done in turn, and what comes next shows."""
    referral = Referral.objects.create(partner=quiet_gym, received_at=timezone.now() - timedelta(days=3))
    todo = follow_up(
        partner=quiet_gym, title="Send the guide.", due_on=timezone.localdate() - timedelta(days=2), by=owner
    )
    assert do_this(quiet_gym) == f"Thank them for {referral}: they have waited for 3 days."

    Referral.objects.update(thanked_at=timezone.now())
    assert do_this(quiet_gym) == "Send the guide: 2 days late."

    todo.done_at = timezone.now()
    todo.save()
    assert do_this(quiet_gym) == "Nobody has been in touch for 100 days. Call, or drop in."

    log_touch(quiet_gym, kind="call", by=owner)
    assert do_this(quiet_gym) == "Nothing is promised. Say what comes next."

    due_on = timezone.localdate() + timedelta(days=9)
    follow_up(partner=quiet_gym, title="Lunch", due_on=due_on, by=owner)
    assert do_this(quiet_gym) == "You owe them: 0 given, 5 received. Give something back."

    log_touch(quiet_gym, kind="workshop", by=owner, occurred_at=timezone.now() - timedelta(days=190))
    assert do_this(quiet_gym) == "No workshop with them this quarter or next. Propose two dates."

    Referral.objects.update(taken_back_at=timezone.now())
    log_touch(quiet_gym, kind="workshop", by=owner)
    assert do_this(quiet_gym) == "You carry it. Rather than ask harder, move them to tier C."

    Partner.objects.update(tier="c")
    assert do_this(quiet_gym).startswith("All is well. Next: Lunch, ")


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        (None, "Judge how well they fit before you court them."),
        (10, "Keep them for later: 50 of 100, and courting begins at 60."),
        (12, "They fit, with 60 of 100. Go there and show up."),
    ],
)
def test_it_judges_the_fit_before_it_begins(points, sentence):
    parts = ("fit_audience", "fit_cash", "fit_benefit", "fit_distance", "fit_warmth")
    partner = Partner.objects.create(name="New", kind="gym", **dict.fromkeys(parts, points))

    assert do_this(partner) == sentence


def test_it_asks_to_give_while_courting(owner):
    partner = Partner.objects.create(name="New", kind="gym", stage=Stage.CONVERSATION)
    log_touch(partner, kind="visit", by=owner, next_step="Call", due_on=timezone.localdate() + timedelta(days=3))

    assert do_this(partner) == "Give them something useful before you ask for anything."


def test_it_lets_rest_who_rests(quiet_gym, owner):
    today = timezone.localdate()
    move_stage(quiet_gym, to=Stage.PAUSED, by=owner, paused_until=today + timedelta(days=30))
    assert do_this(quiet_gym).startswith("Paused until")

    Partner.objects.update(paused_until=today)
    assert "Take them up again, or let them go." in do_this(quiet_gym)

    move_stage(quiet_gym, to=Stage.NOT_A_FIT, by=owner, reason="Tied")
    assert do_this(quiet_gym) == "Marked as not a fit. There is nothing to do."

    archive(quiet_gym, by=owner)
    assert do_this(quiet_gym) == "Archived. There is nothing to do."


def test_it_says_the_band_in_the_ledger_too(physician):
    assert ledger.of(physician).label == Label.YOU_OWE
