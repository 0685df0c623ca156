from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners import timeline
from partners.actions import follow_up, log_touch
from partners.models import Referral, Touch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["partner_brief", "partner_mail", "partner_gifts"])
def test_it_needs_a_login_and_is_looked_at_only(client, viewer, quiet_gym, name):
    url = reverse(name, args=[quiet_gym.pk])
    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 405
    assert client.get(reverse(name, args=[999_999])).status_code == 404


def test_it_has_everything_for_the_talk(at_desk, owner, physician):
    ada = physician.roles.get().contact
    log_touch(physician, kind="advice_asked", learned="Ask after the new clinic", contacts=[ada], by=owner)
    follow_up(partner=physician, title="Bring the price sheet", due_on=timezone.localdate(), by=owner)

    page = at_desk.get(reverse("partner_brief", args=[physician.pk])).content.decode()

    for words in (
        "Dr. Ada Okafor", "Ask after the new clinic", "Bring the price sheet", f"Thanks for {Referral.objects.get()}",
        "Asked for advice", "Referrals from them",
    ):  # fmt: skip
        assert words in page


def test_it_has_something_to_ask_a_stranger(at_desk, quiet_gym):
    quiet_gym.touches.update(taken_back_at=timezone.now())
    page = at_desk.get(reverse("partner_brief", args=[quiet_gym.pk])).content.decode()

    assert "This is the first time." in page
    assert "Who decides there, and who else you should know." in page
    assert "Their advice: you have not asked for it in a year." in page


def titles(partner, **asked) -> list[str]:
    entries, _has_older = timeline.page_of(partner, timeline.Wanted.read(asked))
    return [entry.title for entry in entries]


@pytest.fixture
def told(physician, owner):
    ada = physician.roles.get().contact
    now = timezone.now()
    log_touch(physician, kind="call", contacts=[ada], by=owner, occurred_at=now - timedelta(days=1))
    log_touch(physician, kind="content", by=owner, occurred_at=now - timedelta(days=2))
    log_touch(physician, kind="meeting", is_ask=True, by=owner, occurred_at=now - timedelta(days=3))
    log_touch(physician, kind="visit", by=owner, occurred_at=now.replace(year=2020, month=6, day=1))
    return physician, ada


def test_it_narrows_what_happened(told):
    partner, ada = told

    assert len(titles(partner)) == 5
    assert titles(partner, what="gives") == ["Shared something useful"]
    assert titles(partner, what="asks") == ["Meeting"]
    assert titles(partner, what="referral") == ["Dr. Ada Okafor sent us someone"]
    assert titles(partner, who=str(ada.pk)) == ["Dr. Ada Okafor sent us someone", "Call with Dr. Ada Okafor"]
    assert titles(partner, what="touch", who=str(ada.pk)) == ["Call with Dr. Ada Okafor"]
    assert titles(partner, year="2020") == ["Visit"]
    assert titles(partner, year="2019") == []


@pytest.mark.parametrize("asked", [{"what": "nonsense"}, {"who": "x"}, {"year": "99999"}, {"page": "-1"}])
def test_it_shrugs_at_a_choice_that_makes_no_sense(told, asked):
    assert len(titles(told[0], **asked)) == 5


def test_it_keeps_its_place_in_the_address(at_desk, owner, quiet_gym):
    Touch.objects.bulk_create(Touch(partner=quiet_gym, is_give=True, by=owner) for _ in range(60))
    page = at_desk.get(quiet_gym.get_absolute_url(), {"what": "gives", "page": "2"}).content.decode()

    assert 'href="?what=gives#timeline"' in page
    assert 'href="?what=gives&amp;page=3#timeline"' in page


def test_it_tells_in_one_query_whatever_there_is(told, django_assert_num_queries):
    with django_assert_num_queries(1):
        timeline.page_of(told[0], timeline.Wanted())
