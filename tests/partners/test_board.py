"""The board and the saved views: the same partners as the list, in columns and behind tabs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners import board, saved_views
from partners.actions import archive, follow_up
from partners.models import Activity, Kind, Partner, Referral, Stage, Touch

pytestmark = pytest.mark.django_db

INDEX = reverse("partners:index")


def text(response) -> str:
    return response.content.decode()


def ago(days: int):
    return timezone.now() - timedelta(days=days)


def columns(client, **query) -> dict[str, board.Column]:
    found = client.get(INDEX, {"layout": "board", **query}).context["columns"]
    return {column.key: column for column in found}


def card_of(partner: Partner) -> board.Card:
    return board.cards([partner.pk], now=timezone.now())[0]


def test_it_has_a_column_for_each_stage_and_one_for_all_that_rest(at_desk, quiet_gym):
    for stage in (Stage.PAUSED, Stage.DORMANT, Stage.NOT_A_FIT):
        Partner.objects.create(name=f"A {stage}", stage=stage)

    counts = {key: column.count for key, column in columns(at_desk).items()}
    assert counts == {**dict.fromkeys(counts, 0), "active": 1, "resting": 3}
    assert len(counts) == 8


@pytest.mark.parametrize("query", [{"kind": "gym"}, {"q": "irnworks"}, {"view": "quiet"}])
def test_it_filters_as_the_list_does(at_desk, physician, quiet_gym, query):
    shown = [card.name for column in columns(at_desk, **query).values() for card in column.cards]

    assert shown == [each.name for each in at_desk.get(INDEX, {"layout": "list", **query}).context["object_list"]]
    assert shown == ["Ironworks Gym"]


def test_it_says_who_it_is_when_we_met_and_what_is_next(quiet_gym, owner):
    follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate() + timedelta(days=1), by=owner)
    Touch.objects.create(partner=quiet_gym, kind="call", by=owner, occurred_at=ago(2))
    Partner.objects.update(stage_changed_at=ago(12))

    card = card_of(quiet_gym)
    assert (card.about, card.activity) == ("Gym · tier B", "Activity: lead")
    assert card.last_touch == "Call 2 days ago, owner@example.com"
    assert (card.next_step, "tomorrow" in card.due, card.since) == ("Call Sam", True, "12 days here")


@pytest.mark.parametrize(
    ("stage", "days", "is_stuck"),
    [
        (Stage.IDENTIFIED, 31, True),
        (Stage.SHOWING_UP, 29, False),
        (Stage.CONVERSATION, 22, True),
        (Stage.CONVERSATION, 20, False),
        (Stage.GIVING_VALUE, 31, True),
        (Stage.ACTIVE, 400, False),
        (Stage.DORMANT, 400, False),
    ],
)
def test_it_warns_of_who_is_stuck(stage, days, is_stuck):
    partner = Partner.objects.create(name="Cedar", stage=stage, stage_changed_at=ago(days), created_at=ago(1))

    assert (card_of(partner).warning == f"Stuck for {days} days") is is_stuck


@pytest.mark.parametrize("is_meeting", [True, False])
def test_it_takes_a_promise_ahead_for_fresh(owner, is_meeting):
    partner = Partner.objects.create(name="Cedar", stage=Stage.CONVERSATION, stage_changed_at=ago(60))
    assert card_of(partner).warning

    todo = follow_up(partner=partner, title="Meet", due_on=timezone.localdate(), by=owner, is_meeting=is_meeting)
    assert card_of(partner).warning == ""
    type(todo).objects.filter(pk=todo.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    assert card_of(partner).warning == "Stuck for 60 days"


def test_it_measures_who_sends_by_the_cadence(quiet_gym):
    assert card_of(quiet_gym).warning == "Gone quiet for 25 days"


def test_it_says_when_a_pause_is_over():
    partner = Partner.objects.create(name="Cedar", stage=Stage.PAUSED, paused_until=timezone.localdate())

    assert card_of(partner).warning == "The pause is over"


def test_it_shows_the_first_of_many_and_leads_to_the_rest(at_desk):
    Partner.objects.bulk_create(Partner(name=f"Gym {n:03}", kind=Kind.GYM) for n in range(board.MOST + 12))
    stuck = Partner.objects.create(name="Zzz", stage_changed_at=ago(50))

    page = at_desk.get(INDEX, {"layout": "board", "q": "", "kind": ["gym", "other"]})
    column = page.context["columns"][0]
    assert (len(column.cards), column.count, column.more) == (board.MOST, board.MOST + 13, 13)
    assert column.cards[0].key == stuck.pk
    assert "and 13 more" in text(page)
    assert "kind=gym&amp;kind=other&amp;stage=identified&amp;layout=list" in text(page)


def test_it_remembers_the_layout(at_desk, quiet_gym):
    at_desk.get(INDEX, {"layout": "board"})
    assert at_desk.get(INDEX).context["layout"] == "board"
    assert at_desk.get(reverse("partners:index_results")).context["layout"] == "board"

    at_desk.get(INDEX, {"layout": "list"})
    assert at_desk.get(INDEX, {"layout": "nonsense"}).context["layout"] == "list"


@pytest.mark.parametrize("query", ["layout=board", "layout=list", "layout=list&view=quiet", "layout=board&view=court"])
def test_it_costs_the_same_for_3_and_300(at_desk, owner, django_assert_max_num_queries, query):
    counts = []
    for size in (3, 300):
        made = Partner.objects.bulk_create(Partner(name=f"Gym {n}", stage=Stage.values[n % 10]) for n in range(size))
        Touch.objects.bulk_create(Touch(partner=partner, by=owner, occurred_at=ago(200)) for partner in made)
        at_desk.get(f"{INDEX}?{query}")
        with django_assert_max_num_queries(20) as asked:
            at_desk.get(f"{INDEX}?{query}")
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.fixture
def book(owner, physician, quiet_gym):
    """One partner in every saved view, and some in none."""
    late = Partner.objects.create(name="Late", stage=Stage.CONVERSATION)
    follow_up(partner=late, title="Call", due_on=timezone.localdate() - timedelta(days=1), by=owner)
    parts = {"fit_audience": 30, "fit_cash": 20, "fit_benefit": 5, "fit_distance": 5, "fit_warmth": 0}
    Partner.objects.create(name="Fair", **parts)
    Partner.objects.create(name="Best", **{**parts, "fit_warmth": 15})
    Partner.objects.create(name="Later", **{**parts, "fit_distance": 4})
    archive(Partner.objects.create(name="Gone", **parts), by=owner)


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("overdue", ["Late"]),
        ("no_next_step", ["Best", "Fair", "Ironworks Gym", "Later", "Okafor Family Medicine"]),
        ("thanks", ["Okafor Family Medicine"]),
        ("quiet", ["Ironworks Gym"]),
        ("court", ["Best", "Fair"]),
    ],
)
def test_it_keeps_views_that_hold_what_their_tab_counts(at_desk, book, view, names):
    response = at_desk.get(INDEX, {"view": view})

    assert [partner.name for partner in response.context["object_list"]] == names
    counts = {tab.key: tab.count for tab in saved_views.tabs(timezone.now())}
    assert counts[view] == len(names)
    assert counts[""] == 6


def test_it_says_it_is_good_news_where_nobody_is_late(at_desk, quiet_gym):
    assert "that is good news" in text(at_desk.get(INDEX, {"view": "overdue"}))


@pytest.mark.parametrize(
    ("stage", "referrals", "activity"),
    [
        (Stage.CONVERSATION, [], Activity.LEAD),
        (Stage.ACTIVE, [89], Activity.ACTIVE),
        (Stage.DORMANT, [10], Activity.ACTIVE),
        (Stage.CHAMPION, [91, 300], Activity.INACTIVE),
        (Stage.NOT_A_FIT, [91], Activity.INACTIVE),
        (Stage.PAUSED, [], Activity.NOT_ENGAGED),
    ],
)
def test_it_works_out_the_activity_from_referrals_alone(at_desk, stage, referrals, activity):
    partner = Partner.objects.create(name="Cedar", stage=stage)
    for days in referrals:
        Referral.objects.create(partner=partner, received_at=ago(days))

    assert partner.activity == activity
    assert [row.activity for row in at_desk.get(INDEX, {"activity": activity.value}).context["object_list"]] == [
        activity
    ]
    others = [other.value for other in Activity if other != activity]
    assert not at_desk.get(INDEX, {"activity": others}).context["object_list"]
