from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from content import starter
from content.models import HomePage, LandingPage
from crm.people.guard import new_stamp
from crm.people.models import Contact
from tests.conftest import name_the_practice
from tests.pictures import thumbnails
from workshops import actions
from workshops.models import Registration, Workshop


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    cache.clear()


@pytest.fixture(scope="module")
def media(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _media(settings, media):
    settings.MEDIA_ROOT = media


@pytest.fixture(scope="session")
def _thumbnails(tmp_path_factory):
    return thumbnails(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def _site(django_db_setup, django_db_blocker, media, _thumbnails):
    """Built once for all tests of a module, and rolled back after them: a test that wants none stands elsewhere."""
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(MEDIA_ROOT=media),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(starter, "PICTURES", _thumbnails)
        name_the_practice()
        starter.build_site()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def site(_site, practice, monkeypatch, _thumbnails) -> HomePage:
    """The site of the demo practice."""
    monkeypatch.setattr(starter, "PICTURES", _thumbnails)
    return HomePage.objects.get()


@pytest.fixture
def landing_page(site) -> LandingPage:
    return LandingPage.objects.get(slug="runners")


@pytest.fixture
def answer() -> dict:
    """What a person types, twenty seconds after the page was shown."""
    with time_machine.travel(timezone.now() - timedelta(seconds=20)):
        stamp = new_stamp()
    return {
        "name": "Jo Park",
        "email": "jo@example.com",
        "phone": "613 555 0199",
        "message": "Run ten kilometres again.",
        "heard_from": "Canal Runners",
        "shown_at": stamp,
        "website": "",
    }


@pytest.fixture
def wish(practice, quiet_gym) -> Registration:
    """Came to the gym's workshop, liked it, and would like to be called, by another number than we knew."""
    now = timezone.now()
    workshop = Workshop.objects.create(
        title="Knees that last", slug="knees", host=quiet_gym, place="Main hall", capacity=8, seats_taken=1,
        starts_at=now - timedelta(days=1), ends_at=now - timedelta(hours=23), state="held",
    )  # fmt: skip
    contact = Contact.objects.create(name="Adalbert Quist", email="adalbert@example.com", phone="613 555 0111")
    registration = Registration.objects.create(
        workshop=workshop, contact=contact, name=contact.name, email="Adalbert@example.com", state="confirmed",
        checked_in_at=now,
    )  # fmt: skip
    words = "Now my knee is quiet."
    return actions.rate(
        registration, stars=5, words=words, may_call=True, phone="613 555 0199", call_when="Tuesday mornings"
    )
