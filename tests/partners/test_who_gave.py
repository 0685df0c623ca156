"""What came to us is their give, in every place where gives are counted; going there is ours alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners import cadence, doing, guard, lately, ledger
from partners.actions import log_touch
from partners.gates import facts_of
from partners.models import Kind, Partner, Referral, Touch
from partners.models.touch import gave, showed_up
from partners.results import counting
from partners.results.spans import week_of
from tests.partners.test_quick_log import post

pytestmark = pytest.mark.django_db
KIND = Touch.TouchKind
IN, OUT = "in", "out"
CASES = [
    # kind, direction, ticked as a give: is it our give, did we show up?
    (KIND.INTRO, OUT, False, True, False),
    (KIND.INTRO, IN, False, False, False),
    (KIND.INTRO, IN, True, False, False),
    (KIND.CONTENT, OUT, False, True, False),
    (KIND.CONTENT, IN, True, False, False),
    (KIND.WORKSHOP, OUT, False, True, False),
    (KIND.WORKSHOP, IN, False, False, False),
    (KIND.FREE_SCREEN, IN, False, True, False),
    (KIND.CALL, IN, True, True, False),
    (KIND.CALL, IN, False, False, False),
    (KIND.VISIT, OUT, False, False, True),
    (KIND.VISIT, IN, False, False, False),
    (KIND.CLASS, IN, False, False, False),
    (KIND.PURCHASE, IN, False, False, False),
    (KIND.VISIT, IN, True, True, False),
]


@pytest.fixture
def gym():
    """It has sent somebody, so gives and asks are weighed."""
    partner = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage="active")
    Referral.objects.create(partner=partner)
    return partner


@pytest.mark.parametrize(("kind", "direction", "is_ticked", "is_give", "is_shown"), CASES)
def test_it_counts_the_same_everywhere(gym, kind, direction, is_ticked, is_give, is_shown):
    touch = Touch.objects.create(partner=gym, kind=kind, direction=direction, is_give=is_ticked)

    year, now = lately.of(gym), timezone.now()
    counted = {
        "row": touch.gave,
        "set": Touch.objects.filter(gave()).exists(),
        "gates": facts_of([gym])[gym.pk].gives == 1,
        "results": counting.gives(now - timedelta(days=1), now + timedelta(days=1)).exists(),
        "week": counting.tallies([week_of(timezone.localdate())])[0].gives == 1,
    }
    assert counted == dict.fromkeys(counted, is_give)
    shown = (Touch.objects.filter(showed_up()).exists(), facts_of([gym])[gym.pk].visits == 1)
    assert shown == (is_shown, is_shown)
    # The guard takes showing up for a give, and so does whatever follows it.
    assert doing.asked_more(year).gives == (is_give or is_shown)
    assert cadence.to_ease().get().given_lately == (is_give or is_shown)
    assert bool(ledger.of(gym).given) == (is_give or (kind in (KIND.CLASS, KIND.PURCHASE) and is_shown))


@pytest.mark.parametrize(("kind", "direction", "is_ticked", "is_give", "is_shown"), CASES)
def test_it_guards_an_ask_by_it(kind, direction, is_ticked, is_give, is_shown):
    yoga = Partner.objects.create(name="Still Water", kind=Kind.YOGA_STUDIO)
    Touch.objects.create(partner=yoga, kind=kind, direction=direction, is_give=is_ticked)

    missing = guard.lacking(yoga)

    assert (missing.gives, missing.shows) == (1 if is_give or is_shown else 2, 0 if is_shown else 1)


def test_it_weighs_asks_by_it(gym, owner):
    Touch.objects.create(partner=gym, kind=KIND.CALL, is_ask=True)
    for direction in (IN, IN, OUT):
        log_touch(gym, kind=KIND.INTRO, direction=direction, by=owner)

    balance = guard.balance(gym)

    assert (balance.gives, balance.asks, balance.missing) == (1, 1, 1)


def test_it_opens_no_conversation_with_a_physician_by_what_came_from_them():
    practice = Partner.objects.create(name="Okafor", kind=Kind.DPC_PHYSICIAN)
    Touch.objects.create(partner=practice, kind=KIND.CONTENT, direction=IN)

    assert guard.lacking(practice).gives == 1
    assert facts_of([practice])[practice.pk].gives == 0


@pytest.mark.parametrize("is_ticked", [True, False])
def test_it_is_kept_as_no_give_of_ours(gym, owner, is_ticked):
    theirs = log_touch(gym, kind=KIND.INTRO, direction=IN, is_give=is_ticked, by=owner)

    assert not theirs.is_give
    assert theirs.tags == ["they came to us"]


def test_it_is_no_give_any_more_once_it_is_mended(at_desk, gym, owner):
    touch = log_touch(gym, kind=KIND.INTRO, by=owner)
    at = f"{timezone.localtime(touch.occurred_at):%Y-%m-%d %H:%M}"

    at_desk.post(
        reverse("touches:edit", args=[touch.pk]),
        {"kind": "intro", "direction": "in", "is_give": "on", "occurred_at": at, "counts_for_cadence": "on"},
    )

    touch.refresh_from_db()
    assert (touch.direction, touch.is_give) == ("in", False)


def test_it_is_listed_by_who_gave(at_desk, gym):
    theirs = Touch.objects.create(partner=gym, kind=KIND.INTRO, direction=IN, is_give=True, summary="From them")
    Touch.objects.create(partner=gym, kind=KIND.INTRO, summary="From us")

    address = reverse("touches:index")
    gives, others = (at_desk.get(f"{address}?is_give={answer}").content.decode() for answer in ("true", "false"))
    assert ("From us" in gives, "From them" in gives) == (True, False)
    assert ("From us" in others, "From them" in others) == (False, True)
    line = at_desk.get(f"{gym.get_absolute_url()}?what=gives").content.decode()
    assert "From us" in line
    assert theirs.summary not in line


@pytest.mark.parametrize("fields", [{"kind": "intro"}, {"kind": "intro", "they_came": "on", "is_give": "on"}])
def test_it_logs_a_form_sent_twice_once_whoever_gave(at_desk, gym, fields):
    once = "0d6f9a56-5a52-4c7e-9a3e-6f3f6f0f8a11"

    for _ in range(2):
        post(at_desk, partner=gym.pk, once=once, **fields)

    assert gym.touches.count() == 1
