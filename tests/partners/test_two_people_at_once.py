"""Two people at their desks at once: nothing is lost, and whoever comes second is told or led to the right place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners import actions
from partners.models import FollowUp, Gift, Partner, Role, Stage, Touch
from tests.partners.test_merge_at_once import in_thread

LOG = "/admin/log/"


def desk_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(response) -> str:
    return response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_it_keeps_both_touches_of_two_who_log_at_once(owner, assistant):
    gym = Partner.objects.create(name="Ironworks Gym", stage=Stage.ACTIVE)
    ready = Barrier(2)

    def log(user, summary: str):
        desk = desk_of(user)

        def work() -> int:
            ready.wait(5)
            fields = {"partner": gym.pk, "kind": "visit", "summary": summary, "once": str(uuid4()), "due": "7"}
            return desk.post(LOG, {**fields, "next_step": f"After {summary}"}).status_code

        return in_thread(work)

    with ThreadPoolExecutor() as pool:
        codes = [pool.submit(log(user, words)) for user, words in ((owner, "the class"), (assistant, "the talk"))]

    assert [code.result() for code in codes] == [302, 302]
    assert set(gym.touches.values_list("summary", "by")) == {("the class", owner.pk), ("the talk", assistant.pk)}
    assert gym.follow_ups.count() == 2
    rhythm = Partner.objects.with_rhythm().get(pk=gym.pk).rhythm
    assert rhythm.last_touch == gym.touches.order_by("occurred_at", "pk").last()


@pytest.mark.django_db(transaction=True)
def test_it_notes_one_thank_you_of_two_at_once(owner, assistant, physician):
    referral, ready = physician.referrals.get(), Barrier(2)

    def thank(user):
        desk = desk_of(user)

        def work() -> int:
            ready.wait(5)
            return desk.post(reverse("thank", args=[referral.pk])).status_code

        return in_thread(work)

    with ThreadPoolExecutor() as pool:
        codes = [pool.submit(thank(user)) for user in (owner, assistant)]

    assert [code.result() for code in codes] == [302, 302]
    assert Touch.objects.filter(kind="thanks").count() == 1


@pytest.fixture
def merged(db, owner) -> tuple[Partner, Partner]:
    """The one who went, whose page somebody has open, and the one who stayed."""
    gone, kept = (Partner.objects.create(name=name, stage=Stage.CONVERSATION) for name in ("Iron Works", "Ironworks"))
    actions.merge(gone, into=kept, choices={}, by=owner)
    return gone, kept


DUE = (timezone.now() + timedelta(days=7)).date().isoformat()


@pytest.mark.parametrize(
    ("name", "fields", "model"),
    [
        ("tap_partner", {"what": "there"}, Touch),
        ("remind", {"days": "7"}, FollowUp),
        ("add_person", {"name": "Sam Reyes", "email": "sam@ironworks.example"}, Role),
    ],
)
def test_what_is_done_on_the_page_of_one_merged_meanwhile_lands_where_it_belongs(at_desk, merged, name, fields, model):
    gone, kept = merged

    at_desk.post(reverse(name, args=[gone.pk]), fields)

    assert model.objects.get().partner == kept


def test_a_log_to_one_merged_meanwhile_is_kept(at_desk, merged):
    """The choice of the one who went is refused with what was typed, or lands at the one who stayed; never lost."""
    gone, kept = merged

    page = at_desk.post(LOG, {"partner": gone.pk, "kind": "visit", "summary": "Met the new coach", "once": uuid4()})

    logged = kept.touches.filter(summary="Met the new coach").exists()
    assert logged or (page.status_code == 422 and "Met the new coach" in said(page))
    assert not gone.touches.exists()


def test_a_move_of_one_merged_meanwhile_is_refused_with_a_sentence(at_desk, merged):
    gone, _kept = merged
    fields = {"to": "giving_value", "seen": "conversation", "let_through": "They asked."}

    page = at_desk.post(reverse("move_partner", args=[gone.pk]), fields, follow=True)

    assert "Reload the page and choose again" in said(page) or "was merged into" in said(page)
    assert set(Partner.objects.values_list("stage", flat=True)) == {Stage.CONVERSATION}


def test_a_to_do_and_a_gift_for_one_merged_meanwhile_are_kept(at_desk, merged):
    gone, kept = merged
    at_desk.post(reverse("todos:add"), {"title": "Send the guide", "due_on": DUE, "partner": gone.pk})
    gift = {"recipient": "partner", "partner": gone.pk, "what": "Apples", "purpose": "Open day", "value_cents": "5"}
    at_desk.post(reverse("gifts:add"), {**gift, "given_on": timezone.localdate().isoformat(), "form": "goods"})

    assert {*FollowUp.objects.values_list("partner", flat=True), *Gift.objects.values_list("partner", flat=True)} <= {
        kept.pk
    }


def test_a_referral_for_one_merged_meanwhile_is_counted_where_it_belongs(at_desk, owner, merged):
    gone, kept = merged

    page = at_desk.post(reverse("receive_referral", args=[gone.pk]), follow=True)

    assert "Ironworks sent you somebody" in said(page)
    assert actions.receive_referral(gone, by=owner).partner == kept
    assert kept.referrals.count() == 2
    kept.refresh_from_db()
    assert kept.stage == Stage.FIRST_REFERRAL
