"""Looking back: it closes with the next date or a reason, and its to do is done with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import FollowUp, Plan
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.actions.debriefing import to_do_of
from workshops.actions.preparing import steps_of
from workshops.debriefs import waiting_for_debrief
from workshops.models import Debrief, Registration, Workshop
from workshops.outcome.counting import outcome_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(workshop, owner) -> Workshop:
    """Held eight days ago, with its plan on the way."""
    fill(workshop, "Ada", "Ben", "Cleo")
    actions.prepare(workshop, by=owner)
    start = timezone.now() - timedelta(days=8)
    Workshop.objects.filter(pk=workshop.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=1), state="held", door_closed_at=start
    )
    Registration.objects.filter(name="Ada").update(checked_in_at=start, rating=5, rated_at=start)
    workshop.refresh_from_db()
    return workshop


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def address(held) -> str:
    return reverse("workshops:debrief", args=[held.pk])


def plan_another(held: Workshop) -> Workshop:
    return make_workshop(host=held.host, starts_at=timezone.now() + timedelta(days=80), state="draft")


# Figures


def test_it_counts_who_came_and_how_they_liked_it(held):
    figures = outcome_of(held)

    assert (figures.registered, figures.seats, figures.came, figures.waited) == (3, 2, 1, 1)
    assert (figures.rated, figures.rating, figures.percent) == (1, 5, 50)


def test_it_knows_nothing_of_who_came_when_the_door_was_never_used(held):
    Registration.objects.update(checked_in_at=None)
    Workshop.objects.update(door_closed_at=None)

    assert (outcome_of(held).came, outcome_of(held).percent) == (None, None)


# Closing


def test_it_closes_with_the_next_date(held, owner):
    following = plan_another(held)
    debrief = actions.note_debrief(held, host_satisfaction=4, by=owner)
    debrief = actions.close_debrief(debrief, no_next_reason="ignored", by=owner)

    assert (debrief.next_workshop, debrief.no_next_reason) == (following, "")
    assert debrief.closed_at


def test_it_closes_with_a_reason(held, owner):
    debrief = actions.close_debrief(actions.note_debrief(held, by=owner), no_next_reason=" They move. ", by=owner)

    assert debrief.no_next_reason == "They move."


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_does_not_close_without_either(held, owner, reason):
    noted = actions.note_debrief(held, learned="Shorter.", by=owner)
    with pytest.raises(actions.NothingNext):
        actions.close_debrief(noted, no_next_reason=reason, by=owner)

    noted.refresh_from_db()
    assert (noted.closed_at, noted.learned) == (None, "Shorter.")


def test_a_cancelled_date_is_no_next_date(held, owner):
    following = plan_another(held)
    Workshop.objects.filter(pk=following.pk).update(state="cancelled")

    with pytest.raises(actions.NothingNext):
        actions.close_debrief(actions.note_debrief(held, by=owner), by=owner)


def test_closing_does_its_to_do_and_undoing_opens_it(held, owner):
    todo = to_do_of(held)
    assert todo.step.days == 7
    debrief = actions.close_debrief(actions.note_debrief(held, by=owner), no_next_reason="They move.", by=owner)
    todo.refresh_from_db()
    assert todo.done_at
    assert steps_of(held).open().count() == 8

    debrief = actions.reopen_debrief(debrief, by=owner)
    todo.refresh_from_db()
    assert (todo.done_at, debrief.closed_at, debrief.no_next_reason) == (None, None, "")


def test_it_closes_once(held, owner):
    debrief = actions.close_debrief(actions.note_debrief(held, by=owner), no_next_reason="They move.", by=owner)

    with pytest.raises(actions.AlreadyLookedBack):
        actions.close_debrief(debrief, no_next_reason="Again.", by=owner)
    with pytest.raises(actions.AlreadyLookedBack):
        actions.note_debrief(held, learned="Too late.", by=owner)


def test_it_closes_without_a_plan(held, owner):
    FollowUp.objects.all().delete()

    assert actions.close_debrief(actions.note_debrief(held, by=owner), no_next_reason="They move.", by=owner).closed_at


@pytest.mark.parametrize("state", ["draft", "open", "cancelled"])
def test_it_looks_back_on_nothing_that_was_not_held(workshop, owner, state):
    Workshop.objects.filter(pk=workshop.pk).update(state=state)

    with pytest.raises(actions.NotHeldYet):
        actions.note_debrief(workshop, by=owner)
    assert not Debrief.objects.exists()


def test_the_next_date_stays_as_long_as_a_debrief_counts_on_it(office, held, owner):
    following = plan_another(held)
    debrief = actions.close_debrief(actions.note_debrief(held, by=owner), by=owner)
    response = office.post(reverse("workshops:delete", args=[following.pk]), follow=True)
    assert "Open that again first" in response.text
    with pytest.raises(actions.IsNextDate):
        actions.take_back_draft(following, by=owner)

    actions.reopen_debrief(debrief, by=owner)
    actions.take_back_draft(following, by=owner)
    assert not Workshop.objects.filter(pk=following.pk).exists()


# The page


def test_the_page_keeps_what_was_typed_when_neither_is_there(office, address):
    response = office.post(address, {"learned": "Start with the exercise.", "host_satisfaction": "4", "then": "close"})

    assert response.status_code == 422
    assert "Plan the next date with them, or write down why there is none." in response.text
    assert "Start with the exercise." in response.text
    assert 'value="4" checked' in response.text


@pytest.mark.parametrize(
    "typed", [{"host_satisfaction": "6"}, {"evaluations": "-1"}, {"evaluations": "many"}, {"evaluations": "99999"}]
)
def test_the_page_refuses_what_is_no_answer(office, address, typed):
    assert office.post(address, {**typed, "learned": "Kept.", "then": "note"}).status_code == 422
    assert not Debrief.objects.exists()


def test_the_page_saves_for_later_and_shows_it_again(office, address):
    office.post(address, {"evaluations": "0", "learned": "Less talk.", "then": "note"})

    assert Debrief.objects.get().evaluations == 0
    assert "Less talk." in office.get(address).text


def test_the_page_notes_and_goes_to_the_dates(office, address, held):
    response = office.post(address, {"learned": "Less talk.", "then": "propose"}, follow=True)

    assert response.redirect_chain[-1][0] == f"{reverse('workshops:propose', args=[held.host_id])}?back=debrief"
    assert Debrief.objects.get().learned == "Less talk."
    best = response.context["proposal"].suits[0].starts_at.isoformat()
    back = office.post(response.redirect_chain[-1][0], {"starts_at": best, "back": "debrief"})
    assert back.url == address


def test_the_page_closes_and_undoes(office, address, held):
    plan_another(held)
    response = office.post(address, {"host_satisfaction": "5", "then": "close"}, follow=True)
    assert "Looked back on, and its to do is done." in response.text
    assert "How happy the host was: 5 of 5." in response.text
    assert "Open it again" in office.get(address).text

    office.post(reverse("workshops:reopen_debrief", args=[held.pk]))
    assert Debrief.objects.get().closed_at is None


def test_the_page_waits_until_it_is_over(office, workshop):
    html = office.get(reverse("workshops:debrief", args=[workshop.pk])).text

    assert "It has not been held yet." in html
    assert "<form" not in html.partition("<main")[2].partition('class="sheet')[2]


def test_a_viewer_reads_and_writes_nothing(client, viewer, address):
    client.force_login(viewer)

    assert client.get(address).status_code == 200
    assert "Done, close it" not in client.get(address).text
    client.post(address, {"learned": "No.", "then": "note"})
    assert not Debrief.objects.exists()


def test_it_needs_a_login(client, address, held):
    assert client.get(address).status_code == 302
    assert client.post(reverse("workshops:reopen_debrief", args=[held.pk])).status_code == 302


# On Today


def test_today_asks_where_no_to_do_does(office, held):
    today = reverse("wagtailadmin_home")
    assert "Look back on a workshop" not in office.get(today).text  # its to do says so

    FollowUp.objects.update(done_at=timezone.now())
    assert "Look back on a workshop" in office.get(today).text


def test_today_asks_for_a_week_old_one_until_it_is_closed_or_forgotten(held, owner, time_machine_at):
    Plan.objects.all().delete()
    FollowUp.objects.all().delete()
    now = timezone.now()

    assert list(waiting_for_debrief(now)) == [held]
    assert not waiting_for_debrief(now - timedelta(days=2))
    assert not waiting_for_debrief(now + timedelta(days=90))
    actions.close_debrief(actions.note_debrief(held, by=owner), no_next_reason="They move.", by=owner)
    assert not waiting_for_debrief(now)
