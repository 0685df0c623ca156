"""3.5: points given and received in 365 days, the label they earn, and never a word of money."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners import ledger
from partners.actions import log_touch, send_referral, take_back
from partners.ledger import Label
from partners.models import Gift, Partner, Referral, Touch
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def gym() -> Partner:
    return Partner.objects.create(name="Cedar Gym", kind="gym", stage="active")


def touch(gym: Partner, kind: str, days: int = 1, **fields) -> Touch:
    return Touch.objects.create(partner=gym, kind=kind, occurred_at=timezone.now() - timedelta(days=days), **fields)


@pytest.mark.parametrize(
    ("given", "received", "days", "label"),
    [
        (0, 0, 400, ""),
        (0, 1, 10, Label.YOU_OWE),
        (66, 100, 10, Label.YOU_OWE),
        (67, 100, 10, Label.BALANCED),
        (5, 5, 400, Label.BALANCED),
        (10, 5, 400, Label.BALANCED),
        (11, 5, 400, Label.YOU_CARRY),
        (11, 5, 180, Label.YOU_CARRY),
        (11, 5, 179, Label.BALANCED),
        (4, 0, 179, Label.BALANCED),
        (4, 0, 180, Label.YOU_CARRY),
    ],
)
def test_it_labels_by_the_ratio_and_the_days(given, received, days, label):
    assert ledger.label(given, received, days) == label


@pytest.mark.parametrize(
    ("kind", "fields", "points"),
    [
        ("workshop", {}, (4, 0)),
        ("intro", {}, (3, 0)),
        ("content", {}, (1, 0)),
        ("free_screen", {}, (1, 0)),
        ("purchase", {}, (1, 0)),
        ("class", {}, (1, 0)),
        ("call", {"is_give": True}, (1, 0)),
        ("call", {}, (0, 0)),
        ("visit", {}, (0, 0)),
        ("thanks", {}, (0, 0)),
        ("workshop", {"direction": "in"}, (0, 4)),
        ("intro", {"direction": "in", "is_give": True}, (0, 3)),
        ("content", {"direction": "in", "is_give": True}, (0, 1)),
        ("free_screen", {"direction": "in", "is_give": True}, (1, 0)),
        ("advice_asked", {}, (0, 1)),
    ],
)
def test_it_counts_a_touch(gym, kind, fields, points):
    touch(gym, kind, **fields)

    found = ledger.of(gym)
    assert (found.given, found.received) == points


def test_it_counts_five_for_a_referral_either_way(gym, owner):
    Referral.objects.create(partner=gym)
    send_referral(gym, by=owner)

    assert (ledger.of(gym).given, ledger.of(gym).received) == (5, 5)


def test_it_counts_a_workshop_noted_twice_once_and_their_room(gym):
    start = timezone.now() - timedelta(days=5)
    Workshop.objects.create(
        title="Knees", slug="k", host=gym, place="Gym", starts_at=start, ends_at=start + timedelta(hours=1),
        state=Workshop.State.HELD,
    )  # fmt: skip
    Touch.objects.create(partner=gym, kind="workshop", occurred_at=start)

    assert (ledger.of(gym).given, ledger.of(gym).received) == (4, 1)


def test_it_forgets_after_a_year_and_what_was_taken_back(gym, owner):
    touch(gym, "intro", days=366)
    touch(gym, "intro", days=364)
    take_back(log_touch(gym, kind="intro", by=owner), by=owner)
    Referral.objects.create(partner=gym, received_at=timezone.now() - timedelta(days=366))

    assert (ledger.of(gym).given, ledger.of(gym).received) == (3, 0)


def test_it_knows_nothing_of_money_and_gifts(gym, owner):
    Gift.objects.create(partner=gym, recipient="partner", what="Flowers", purpose="Opening", value_cents=4_000)
    touch(gym, "purchase", cost_cents=90_000)

    assert ledger.of(gym).given == 1


def test_it_suggests_to_lower_the_tier_rather_than_to_ask_harder(gym):
    touch(gym, "workshop", days=200)

    found = ledger.of(gym)
    assert found.label == Label.YOU_CARRY
    assert "Do not ask harder: move them a tier down" in found.sentence


def test_it_draws_both_sides_by_the_longer_one(gym):
    touch(gym, "workshop")
    touch(gym, "advice_asked")

    assert [(bar.who, bar.points, bar.width) for bar in ledger.of(gym).bars] == [
        ("You gave", 4, 200),
        ("They gave", 1, 50),
    ]


def test_it_takes_one_query(gym, django_assert_num_queries):
    with django_assert_num_queries(1):
        ledger.of(gym)
