"""Public pages are kept ready, and never a moment longer than they are true."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from content.models import HomePage
from content.page_cache import fingerprint
from crm.people.models import PracticeProfile
from partners.models import Partner
from tests.workshops.conftest import make_workshop
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
PATHS = ["/", "/about/", "/services/", "/workshops/"]


@pytest.fixture(autouse=True)
def _kept(settings, site):
    settings.PAGES_KEPT_SECONDS = 60
    caches["pages"].clear()


def kept() -> int:
    return len(caches["pages"]._cache)


@pytest.mark.parametrize("path", PATHS)
def test_it_asks_one_question_the_second_time(client, path, django_assert_num_queries):
    first = client.get(path)

    with django_assert_num_queries(1):
        second = client.get(path)

    assert second.content == first.content
    assert dict(second.items()) == dict(first.items())


def test_it_shows_a_published_change_at_once(client):
    client.get("/")
    home = HomePage.objects.get()
    home.seo_title = "Moved next door"
    home.save_revision().publish()

    assert "Moved next door" in client.get("/").content.decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda: HomePage.objects.update(body=[]),
        lambda: Page.objects.filter(slug="about").update(title="Us"),
        lambda: PracticeProfile.objects.update(phone="613 555 0100"),
        lambda: Workshop.objects.update(capacity=9),
        lambda: Partner.objects.update(name="Renamed Gym"),
        lambda: Page.objects.get(slug="about").delete(),
    ],
    ids=["a block", "a title", "the practice", "the seats", "a host", "a page gone"],
)
def test_it_notices_whatever_a_page_is_made_from(change, quiet_gym):
    make_workshop(host=quiet_gym)
    before = fingerprint()

    change()

    assert fingerprint() != before


def test_it_stays_the_same_while_nothing_changes():
    assert fingerprint() == fingerprint()


def test_it_leaves_partners_alone_that_host_nothing(quiet_gym):
    before = fingerprint()
    Partner.objects.update(name="Renamed Gym")

    assert fingerprint() == before


def test_it_hides_a_page_that_is_closed_now(client):
    client.get("/about/")
    PageViewRestriction.objects.create(page=Page.objects.get(slug="about"), restriction_type="login")

    assert client.get("/about/").status_code == 302


def test_it_draws_a_page_for_whoever_is_logged_in(client, owner):
    Client().get("/")
    client.force_login(owner)

    assert b"wagtail-userbar" in client.get("/").content
    assert b"wagtail-userbar" not in Client().get("/").content


@pytest.mark.parametrize(
    "path", ["/contact/", "/runners/", "/nowhere/", "/healthz", "/theme.css", "/admin/login/", "/?a=1"]
)
def test_it_keeps_no_form_no_error_and_nothing_else(client, path):
    client.get(path)

    assert kept() == 0


def test_it_keeps_no_answer_to_another_question(client):
    client.head("/")
    client.post("/")

    assert kept() == 0


def test_it_looks_at_the_clock_again_after_a_minute(client):
    make_workshop(starts_at=timezone.now() + timedelta(seconds=30))
    before = client.get("/workshops/").content

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        after = client.get("/workshops/").content

    assert after != before


def test_it_leaves_the_preview_of_a_draft_alone(client):
    client.get("/")
    home = HomePage.objects.get()
    home.seo_title = "Not for anybody yet"

    preview = home.make_preview_request()

    assert "Not for anybody yet" in preview.content.decode()
    assert "Not for anybody yet" not in client.get("/").content.decode()
