from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from partners.models import Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(quiet_gym) -> str:
    return reverse("tap_partner", args=[quiet_gym.pk])


def logged(gym) -> list[Touch]:
    return list(gym.touches.standing().exclude(summary="Free clinic"))


@pytest.mark.parametrize(
    ("what", "kind", "is_give", "says"),
    [
        ("there", "visit", False, "You were at Ironworks Gym."),
        ("gave", "content", True, "You gave Ironworks Gym something useful."),
        ("advice", "advice_asked", False, "You asked Ironworks Gym for advice."),
        ("thanked", "thanks", False, "You thanked Ironworks Gym."),
    ],
)
def test_it_logs_with_one_tap(at_desk, owner, quiet_gym, url, what, kind, is_give, says):
    page = at_desk.post(url, {"what": what, "once": uuid4()}, follow=True).content.decode()

    [touch] = logged(quiet_gym)
    assert (touch.kind, touch.is_give, touch.by) == (kind, is_give, owner)
    assert says in page
    assert reverse("take_back", args=[touch.pk]) in page


def test_it_logs_once_however_often_it_is_pressed(at_desk, quiet_gym, url):
    once = uuid4()
    for _ in range(2):
        page = at_desk.post(url, {"what": "there", "once": once}, follow=True).content.decode()

    assert len(logged(quiet_gym)) == 1
    assert "That is logged already." in page


def test_it_logs_another_button_of_the_same_page(at_desk, quiet_gym, url):
    once = uuid4()
    at_desk.post(url, {"what": "there", "once": once})
    at_desk.post(url, {"what": "gave", "once": once})

    assert {touch.kind for touch in logged(quiet_gym)} == {"visit", "content"}


def test_it_logs_again_from_a_page_that_lay_open(at_desk, quiet_gym, url):
    once = uuid4()
    at_desk.post(url, {"what": "there", "once": once})
    [touch] = logged(quiet_gym)
    Touch.objects.filter(pk=touch.pk).update(created_at=touch.created_at - timedelta(hours=2))
    at_desk.post(url, {"what": "there", "once": once})

    assert len(logged(quiet_gym)) == 2


@pytest.mark.parametrize("fields", [{}, {"what": "nonsense"}, {"what": "there", "once": "nonsense"}])
def test_it_shrugs_at_what_makes_no_sense(at_desk, quiet_gym, url, fields):
    at_desk.post(url, fields, follow=True)

    assert len(logged(quiet_gym)) == (1 if fields.get("what") == "there" else 0)


@pytest.mark.parametrize(("what", "field"), [("gave", "summary"), ("advice", "learned")])
def test_it_adds_a_word(at_desk, quiet_gym, url, what, field):
    at_desk.post(url, {"what": what})
    [touch] = logged(quiet_gym)
    at_desk.post(reverse("touch_word", args=[touch.pk]), {"what": what, "words": " The guide "})

    touch.refresh_from_db()
    assert getattr(touch, field) == "The guide"


def test_it_asks_before_it_keeps_what_names_a_patient(at_desk, quiet_gym, url):
    at_desk.post(url, {"what": "gave"})
    [touch] = logged(quiet_gym)
    word = reverse("touch_word", args=[touch.pk])
    page = at_desk.post(word, {"what": "gave", "words": "For pat@example.org"}, follow=True)

    touch.refresh_from_db()
    assert touch.summary == ""
    assert "This looks as if it named a patient" in page.content.decode()
    assert 'value="For pat@example.org"' in page.content.decode()


@pytest.mark.parametrize("name", ["tap_partner", "touch_word"])
def test_it_guards_the_buttons(client, at_desk, viewer, quiet_gym, name):
    key = quiet_gym.pk if name == "tap_partner" else quiet_gym.touches.get().pk
    address = reverse(name, args=[key])
    assert at_desk.get(address).status_code == 405
    client.logout()
    assert client.post(address).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(address).url == reverse("wagtailadmin_home")
