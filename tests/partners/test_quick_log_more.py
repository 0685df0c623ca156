"""The quick log beyond four taps: who was there, how it went, and an ask that comes too early."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact
from partners.models import Kind, Partner, Role, Script, Touch
from tests.partners.test_quick_log import URL, post, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def gym():
    return Partner.objects.create(name="Cedar Barbell", kind=Kind.GYM)


@pytest.fixture
def people(gym):
    contacts = [Contact.objects.create(name=name) for name in ("Dana Kim", "Lee Fox")]
    for contact in contacts:
        Role.objects.create(partner=gym, contact=contact)
    return contacts


def test_it_keeps_everything_that_was_said(at_desk, gym, people):
    post(
        at_desk, partner=gym.pk, kind="meeting", contacts=[contact.pk for contact in people], outcome="warm",
        they_came="on", learned="Mornings are full", minutes="45", money="12.50", is_for_many="on",
    )  # fmt: skip

    touch = gym.touches.get()
    assert set(touch.contacts.all()) == set(people)
    assert (touch.outcome, touch.direction, touch.learned) == ("warm", "in", "Mornings are full")
    assert (touch.minutes, touch.cost_cents, touch.counts_for_cadence) == (45, 1250, False)


def test_it_refuses_somebody_of_another_partner_and_keeps_what_was_typed(at_desk, quiet_gym, people):
    response = post(at_desk, partner=quiet_gym.pk, contacts=[people[0].pk], summary="Coffee")

    assert response.status_code == 422
    assert "Dana Kim: not somebody at Ironworks Gym. Take the tick off." in text(response)
    assert "Coffee" in text(response)


def test_it_refuses_somebody_at_a_partner_that_is_new(at_desk, people):
    assert "not somebody at a new partner" in text(
        post(at_desk, partner="new", name="Cedar Yoga", contacts=[people[0].pk])
    )
    assert not Partner.objects.filter(name="Cedar Yoga").exists()


def test_it_explains_an_ask_that_is_too_early_and_loses_nothing(at_desk, gym, people):
    response = post(
        at_desk, partner=gym.pk, kind="call", is_ask="on", summary="Would they host a clinic?", contacts=[people[1].pk]
    )

    assert response.status_code == 422
    assert "Still missing: two more gives, one of them by showing up, a question for their advice, 21 days." in text(
        response
    )
    assert 'name="ask_reason"' in text(response)
    assert "Would they host a clinic?" in text(response)
    assert f'value="{people[1].pk}" checked' in text(response)
    assert not gym.touches.exists()


def test_it_keeps_why_it_was_asked_all_the_same(at_desk, gym, owner):
    post(at_desk, partner=gym.pk, kind="call", is_ask="on", ask_reason="They offered the room themselves.")

    touch = gym.touches.get()
    assert (touch.is_ask, touch.ask_reason, touch.by) == (True, "They offered the room themselves.", owner)
    assert "They offered the room themselves." in text(at_desk.get(gym.get_absolute_url()))


def test_it_adds_nobody_who_is_asked_at_the_first_touch(at_desk):
    response = post(at_desk, partner="new", name="Cedar Yoga", partner_kind="yoga_studio", is_ask="on")

    assert "Too early to ask." in text(response)
    assert not Partner.objects.exists()


def test_it_tells_who_is_there_and_whether_to_ask(at_desk, gym, people):
    shown = text(at_desk.get(reverse("quick_log_about", args=[gym.pk])))

    assert "Dana Kim" in shown
    assert "Too early to ask." in shown
    assert 'name="ask_reason"' in shown


def test_it_says_that_enough_was_given(at_desk, gym):
    for kind in ("visit", "content", "advice_asked"):
        Touch.objects.create(partner=gym, kind=kind, occurred_at=timezone.now() - timedelta(days=30))

    assert "You have given enough to ask." in text(at_desk.get(reverse("quick_log_about", args=[gym.pk])))


def test_it_knows_nobody_of_a_partner_that_is_new(at_desk):
    assert "Is it early to ask?" in text(at_desk.get(reverse("quick_log_about", args=[0])))


def test_it_needs_a_login_and_permission_to_tell(client, viewer, gym):
    address = reverse("quick_log_about", args=[gym.pk])
    assert client.get(address).status_code == 302
    client.force_login(viewer)

    assert client.get(address).status_code == 302
    assert client.post(address).status_code in (302, 405)


def test_it_logs_a_booked_meeting(at_desk, gym):
    post(at_desk, partner=gym.pk, next_step="Coffee with the head coach", due="14", is_meeting="on")

    gym.rhythm.refresh_from_db()
    assert gym.rhythm.meeting_on == timezone.localdate() + timedelta(days=14)


def test_it_asks_when_the_meeting_is(at_desk, gym):
    response = post(at_desk, partner=gym.pk, next_step="Coffee", is_meeting="on")

    assert response.status_code == 422
    assert "Say on which day the meeting is." in text(response)


def test_it_takes_no_money_with_a_thank_you(at_desk, gym):
    response = post(at_desk, partner=gym.pk, kind="thanks", money="20")

    assert response.status_code == 422
    assert "Nothing of value goes with it" in text(response)


@pytest.mark.parametrize("fields", [{"minutes": "-5"}, {"minutes": "2000"}, {"money": "-1"}, {"money": "1000000000"}])
def test_it_refuses_numbers_that_cannot_be(at_desk, gym, fields):
    assert post(at_desk, partner=gym.pk, **fields).status_code == 422


def test_it_offers_all_of_it_again_after_undo(at_desk, gym, people):
    post(at_desk, partner=gym.pk, contacts=[people[0].pk], outcome="warm", minutes="45", learned="Mornings are full")

    again = text(at_desk.get(URL, {"again": gym.touches.get().pk}))

    assert f'value="{people[0].pk}" checked' in again
    assert '<option value="warm" selected>' in again
    assert 'value="45"' in again
    assert "Mornings are full" in again


def test_it_keeps_who_was_there_through_a_login(client, owner, gym, people):
    client.post(URL, {"kind": "visit", "partner": gym.pk, "contacts": [contact.pk for contact in people]})
    client.force_login(owner)

    shown = text(client.get(URL))
    assert all(f'value="{contact.pk}" checked' in shown for contact in people)


# Which words were used.


def words_of(gym) -> Script:
    return Script.objects.get(group="fitness", stage=gym.stage)


def test_it_offers_the_words_that_fit_who_was_chosen(at_desk, gym):
    row = f'name="script" value="{words_of(gym).pk}">'

    assert row in text(at_desk.get(URL, {"partner": gym.pk}))
    assert row in text(at_desk.get(reverse("quick_log_about", args=[gym.pk])))
    assert 'name="script"' not in text(at_desk.get(reverse("quick_log_about", args=[0])))


def test_it_offers_no_words_for_somebody_at_rest(at_desk, gym):
    Partner.objects.filter(pk=gym.pk).update(stage="not_a_fit", off_ramp_reason="Moved away")

    assert 'name="script"' not in text(at_desk.get(reverse("quick_log_about", args=[gym.pk])))


def test_it_keeps_the_words_it_came_with(at_desk, gym):
    other = Script.objects.get(group="fitness", stage="champion")

    shown = text(at_desk.get(URL, {"partner": gym.pk, "script": other.pk}))

    assert f'name="script" value="{other.pk}" checked' in shown
    assert shown.count('name="script"') == 1


def test_it_keeps_the_tick_when_something_is_wrong(at_desk, gym):
    words = words_of(gym)

    response = post(at_desk, partner=gym.pk, script=words.pk, minutes="-5")

    assert response.status_code == 422
    assert f'name="script" value="{words.pk}" checked' in text(response)


def test_it_counts_what_came_of_the_words(at_desk, gym):
    words = words_of(gym)
    for outcome in ["warm"] * 7 + ["yes", "no_reply", "polite"]:
        post(at_desk, partner=gym.pk, kind="call", script=words.pk, outcome=outcome)
    post(at_desk, partner=gym.pk, kind="call", script=words.pk)
    post(at_desk, partner=gym.pk, kind="call")

    assert gym.touches.filter(script=words).count() == 11
    page = text(at_desk.get(words.get_absolute_url()))
    assert "Used 11 times. 9 of 10 answered, 90 percent." in page
    assert "used 11 times, 90 percent answered" in text(at_desk.get(reverse("scripts:index")))
