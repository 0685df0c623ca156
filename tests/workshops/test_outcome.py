"""What came of a workshop: each number, the usual beside it, and what nobody wrote down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.people.models import Contact
from partners.models import Partner, Referral
from tests.workshops.conftest import make_workshop
from workshops.models import Debrief, Registration, Topic, Workshop
from workshops.outcome import comparing, report
from workshops.outcome.counting import held, outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(db) -> Contact:
    return Contact.objects.create(name="Ada Ray", email="ada@example.com")


@pytest.fixture
def hold(quiet_gym, contact):
    """Hold a workshop so many days ago; of the guests so many came, with these stars."""

    def hold(days: int, *, guests: int = 4, came: int | None = 3, stars: tuple[int, ...] = (), **fields) -> Workshop:
        starts_at = timezone.now() - timedelta(days=days)
        fields = {"host": quiet_gym, "state": "held", "capacity": 30, "seats_taken": guests, **fields}
        if came is not None:
            fields["door_closed_at"] = starts_at
        workshop = make_workshop(starts_at=starts_at, **fields)
        Registration.objects.bulk_create(
            Registration(
                workshop=workshop,
                contact=contact,
                name=f"Guest {n}",
                state="confirmed",
                checked_in_at=starts_at if n < (came or 0) else None,
                rating=stars[n] if n < len(stars) else None,
                rated_at=starts_at if n < len(stars) else None,
            )
            for n in range(guests)
        )
        return workshop

    return hold


def refer(partner: Partner, days: int, **fields) -> Referral:
    return Referral.objects.create(partner=partner, received_at=timezone.now() - timedelta(days=days), **fields)


def only(workshop: Workshop):
    return next(outcome for outcome in outcomes(held()) if outcome.pk == workshop.pk)


def test_it_counts_each_step(hold, contact, quiet_gym):
    workshop = hold(30, guests=5, came=3, stars=(5, 4))
    rows = workshop.registrations.order_by("pk")
    rows.filter(pk=rows[0].pk).update(may_call_at=timezone.now(), source="host_link")
    rows.filter(pk=rows[1].pk).update(source="walk_in")
    for name, state in (("Guest 0", "cancelled"), ("Gone", "cancelled"), ("Doubtful", "quarantined")):
        Registration.objects.create(workshop=workshop, contact=contact, name=name, state=state)
    Debrief.objects.create(workshop=workshop, evaluations=2)
    refer(quiet_gym, 10)

    outcome = only(workshop)

    assert (outcome.registered, outcome.by_host, outcome.at_door, outcome.gave_back) == (6, 1, 1, 1)
    assert (outcome.seats, outcome.came, outcome.rated, outcome.rating) == (5, 3, 2, 4.5)
    assert (outcome.to_call, outcome.evaluations, len(outcome.referrals), outcome.days_left) == (1, 2, 1, 61)


def test_it_does_not_take_unknown_for_nought(hold):
    outcome = only(hold(10, came=None))

    assert (outcome.came, outcome.evaluations, outcome.rating) == (None, None, None)
    assert "Nobody was checked in, so how many came is not known." in comparing.sentences(outcome, {})
    assert comparing.numbers_of(outcome)["rated"] is None


def test_it_counts_the_hosts_referrals_of_ninety_days(hold, quiet_gym, physician):
    workshop = hold(200)
    end = workshop.ends_at
    for at in (end - timedelta(minutes=1), end, end + timedelta(days=90, minutes=-1), end + timedelta(days=90)):
        Referral.objects.create(partner=quiet_gym, received_at=at)
    Referral.objects.create(partner=quiet_gym, received_at=end, taken_back_at=end)
    Referral.objects.create(partner=quiet_gym, received_at=end, is_quarantined=True)
    Referral.objects.create(partner=physician, received_at=end)

    outcome = only(workshop)

    assert len(outcome.referrals) == 2
    assert outcome.is_complete
    assert "2 referrals from Ironworks Gym within 90 days after." in comparing.sentences(outcome, {})


def test_it_leaves_out_what_did_not_take_place(hold):
    hold(5, state="cancelled")
    hold(5, state="draft")
    make_workshop()

    assert outcomes(held()) == []


def test_it_compares_with_the_median_of_the_last_eight(hold):
    for days, came in ((400, 30), (330, 11), (300, 11), (270, 9), (240, 11), (210, 12), (180, 11), (150, 2), (120, 20)):
        hold(days, guests=30, came=came)
    outcome, usually = comparing.beside_history(hold(20, guests=16, came=14))

    assert usually["came"] == 11
    assert "14 of 16 with a seat came, 3 more than your usual 11." in comparing.sentences(outcome, usually)
    steps = {step.key: step for step in comparing.funnel(comparing.numbers_of(outcome), usually)}
    assert (steps["came"].width, steps["came"].usual_at) == (140, 110)


@pytest.mark.parametrize(("came", "said"), [(3, "as many as usual"), (2, "1 fewer than your usual 3")])
def test_it_says_how_it_compares(hold, came, said):
    for days in (90, 60, 30):
        hold(days, came=3)

    outcome, usually = comparing.beside_history(hold(5, came=came))

    assert said in comparing.sentences(outcome, usually)[2]


def test_it_does_not_compare_with_fewer_than_three(hold):
    hold(60)
    hold(30)
    _outcome, usually = comparing.beside_history(hold(5))

    assert usually == {}
    assert comparing.compared_with(usually).startswith("With three workshops before it")


def test_it_groups_by_quarter_partner_and_topic(hold, physician):
    topic = Topic.objects.create(name="Backs at work")
    hold(200, came=4)
    hold(10, came=2, topic=topic, host=physician)
    hold(9, came=1, topic=topic, host=None)

    found = outcomes(held())

    assert [row.label for row in report.rows(found, "partner")] == ["Ironworks Gym", str(physician), "Without a host"]
    assert {row.label: row.numbers["came"] for row in report.rows(found, "topic")} == {
        "Backs at work": 3,
        "Without a topic": 4,
    }
    assert [len(row.held) for row in report.rows(found, "workshop")] == [1, 1, 1]
    assert sum(len(row.held) for row in report.rows(found, "quarter")) == 3


def test_it_counts_a_referral_after_two_workshops_once(hold, quiet_gym):
    hold(30)
    hold(20)
    refer(quiet_gym, 10)

    (row,) = report.rows(outcomes(held()), "partner")

    assert row.numbers["referrals"] == 1


def test_it_weighs_stars_by_who_gave_them(hold):
    hold(30, came=4, stars=(5, 5, 5))
    hold(20, came=4, stars=(1,))

    (row,) = report.rows(outcomes(held()), "partner")

    assert row.rating == 4
    assert row.percent == 100


def test_it_costs_four_queries_for_any_number(hold, django_assert_num_queries):
    for days in range(3, 33):
        hold(days, guests=1, came=1)

    with django_assert_num_queries(4):
        assert len(outcomes(held())) == 30
