from datetime import timedelta

import pytest
from django.utils import timezone

from partners.actions import SentMoved, ask_after, complete, hand_over, send_referral, step_back, take_back_sent
from partners.models import FollowUp, SentReferral

pytestmark = pytest.mark.django_db


def test_it_asks_hands_over_and_promises_to_ask_after_14_days(quiet_gym, owner):
    sent = send_referral(quiet_gym, by=owner)
    assert (sent.state, FollowUp.objects.count()) == ("asked", 0)

    hand_over(sent, by=owner)
    promise = FollowUp.objects.open().get()
    assert promise.title == f"Ask how it went with {sent}"
    assert promise.due_on == timezone.localdate() + timedelta(days=14)

    ask_after(sent, by=owner)
    sent.refresh_from_db()
    assert (sent.state, sent.followed_up_at is not None) == ("followed_up", True)
    assert not FollowUp.objects.open().exists()


def test_it_is_handed_over_at_once_where_it_was(quiet_gym, owner):
    sent = send_referral(quiet_gym, by=owner, is_handed_over=True)

    assert (sent.state, FollowUp.objects.open().count()) == ("handed_over", 1)


def test_it_takes_each_step_once(quiet_gym, owner):
    sent = send_referral(quiet_gym, by=owner, is_handed_over=True)

    with pytest.raises(SentMoved):
        hand_over(sent, by=owner)
    assert FollowUp.objects.count() == 1


def test_it_steps_back_with_its_promise(quiet_gym, owner):
    sent = send_referral(quiet_gym, by=owner, is_handed_over=True)
    ask_after(sent, by=owner)

    step_back(sent, by=owner)
    assert (sent.state, sent.followed_up_at, FollowUp.objects.open().count()) == ("handed_over", None, 1)

    step_back(sent, by=owner)
    assert (sent.state, sent.handed_over_at, FollowUp.objects.open().count()) == ("asked", None, 0)

    hand_over(sent, by=owner)
    assert FollowUp.objects.open().count() == 1


def test_it_is_not_asked_twice_when_its_to_do_was_done(quiet_gym, owner):
    sent = send_referral(quiet_gym, by=owner, is_handed_over=True)
    complete(FollowUp.objects.get(), by=owner)

    ask_after(sent, by=owner)

    assert sent.state == "followed_up"


def test_it_is_taken_back_with_its_promise(quiet_gym, owner):
    sent = send_referral(quiet_gym, by=owner, is_handed_over=True)

    take_back_sent(sent, by=owner)

    assert not SentReferral.objects.standing().exists()
    assert not FollowUp.objects.open().exists()
    with pytest.raises(SentMoved):
        ask_after(sent, by=owner)


def test_it_takes_two_taps_on_the_partners_page(client, owner, quiet_gym):
    client.force_login(owner)

    page = client.post(f"/admin/partners/{quiet_gym.pk}/send/", {"step": "handed_over"}, follow=True)

    sent = SentReferral.objects.get()
    assert (sent.state, sent.by) == ("handed_over", owner)
    assert "how it went." in page.content.decode()
    client.post(f"/admin/sent/{sent.pk}/ask-after/")
    client.post(f"/admin/sent/{sent.pk}/step-back/")
    sent.refresh_from_db()
    assert sent.state == "handed_over"


@pytest.mark.parametrize("verb", ["hand-over", "ask-after", "step-back", "take-back"])
def test_its_buttons_need_a_login_permission_and_a_tap(client, viewer, owner, quiet_gym, verb):
    sent = send_referral(quiet_gym, by=owner)
    url = f"/admin/sent/{sent.pk}/{verb}/"
    assert client.post(url).url.startswith("/admin/login/")

    client.force_login(viewer)
    assert client.post(url).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.taken_back_at) == ("asked", None)

    client.force_login(owner)
    assert client.get(url).status_code == 405
