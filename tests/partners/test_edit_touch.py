"""A touch mended in the office: everything that may be said of it, and the same refusals."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact
from partners.actions import log_touch
from partners.models import Kind, Partner, Role, Stage, Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def gym():
    return Partner.objects.create(name="Cedar Barbell", kind=Kind.GYM, stage=Stage.ACTIVE)


@pytest.fixture
def touch(gym, owner):
    return log_touch(gym, kind="visit", by=owner, summary="Coffee")


def save(client, touch, **changes):
    at = timezone.localtime(changes.pop("at", touch.occurred_at))
    fields = {
        "kind": touch.kind, "occurred_at": f"{at:%Y-%m-%d %H:%M}", "summary": touch.summary, "direction": "out",
        "counts_for_cadence": "on", "money": "", "minutes": "", "learned": "", "outcome": "", "ask_reason": "",
    }  # fmt: skip
    return client.post(reverse("touches:edit", args=[touch.pk]), {**fields, **changes}, follow=True)


def text(response) -> str:
    return response.content.decode()


def test_it_shows_and_mends_everything(at_desk, gym, touch):
    dana = Contact.objects.create(name="Dana Kim")
    Role.objects.create(partner=gym, contact=dana)
    assert "Dana Kim" in text(at_desk.get(reverse("touches:edit", args=[touch.pk])))

    save(
        at_desk, touch, kind="meeting", summary="Lunch", contacts=[dana.pk], is_give="on", outcome="warm",
        direction="in", learned="Mondays", minutes="40", money="18.50", counts_for_cadence="",
    )  # fmt: skip

    touch.refresh_from_db()
    assert (touch.kind, touch.summary, touch.is_give, touch.outcome) == ("meeting", "Lunch", True, "warm")
    assert (touch.direction, touch.learned, touch.minutes, touch.cost_cents) == ("in", "Mondays", 40, 1850)
    assert not touch.counts_for_cadence
    assert list(touch.contacts.all()) == [dana]


def test_it_follows_with_the_rhythm(at_desk, gym, touch):
    at = timezone.now() - timedelta(days=40)

    save(at_desk, touch, at=at)

    gym.rhythm.refresh_from_db()
    assert gym.rhythm.ideal_on == timezone.localdate(at) + timedelta(days=60)


def test_it_refuses_a_time_to_come(at_desk, touch):
    response = save(at_desk, touch, at=timezone.now() + timedelta(days=1))

    assert "A touch has already happened. Choose a time gone by." in text(response)
    touch.refresh_from_db()
    assert touch.occurred_at <= timezone.now()


def test_it_asks_why_it_was_asked_so_early(at_desk, touch):
    response = save(at_desk, touch, is_ask="on")
    assert "Too early to ask. Still missing: two more gives" in text(response)
    touch.refresh_from_db()
    assert not touch.is_ask

    save(at_desk, touch, is_ask="on", ask_reason="They offered.")
    touch.refresh_from_db()
    assert (touch.is_ask, touch.ask_reason) == (True, "They offered.")


def test_it_forgets_the_reason_with_the_ask(at_desk, touch):
    save(at_desk, touch, is_ask="on", ask_reason="They offered.")

    save(at_desk, touch, ask_reason="They offered.")

    touch.refresh_from_db()
    assert (touch.is_ask, touch.ask_reason) == (False, "")


def test_it_does_not_weigh_an_ask_again_for_another_word(at_desk, gym, touch):
    Touch.objects.filter(pk=touch.pk).update(is_ask=True)
    touch.refresh_from_db()

    save(at_desk, touch, is_ask="on", summary="Coffee and cake")

    touch.refresh_from_db()
    assert touch.summary == "Coffee and cake"


def test_it_takes_no_money_with_a_thank_you(at_desk, touch):
    assert "Nothing of value goes with it" in text(save(at_desk, touch, kind="thanks", money="5"))


def test_it_knows_a_give_by_its_kind(at_desk, touch):
    save(at_desk, touch, kind="intro")

    touch.refresh_from_db()
    assert touch.is_give


@pytest.mark.parametrize("query", ["is_ask=true", "outcome=warm", "is_give=false"])
def test_it_lists_by_what_was_said(at_desk, touch, query):
    assert at_desk.get(f"{reverse('touches:index')}?{query}").status_code == 200
