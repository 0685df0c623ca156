"""The standing cast: who works in the office, and the partners and contacts every test may count on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import time, timedelta

import hypothesis
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.test import TransactionTestCase
from django.utils import timezone

from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose
from partners import duplicates
from partners.models import Kind, Partner, Referral, Role, Stage, Touch
from tests import database
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.smtp import FakeSmtp
from tests.practice import Practice, open_folder
from tests.restoring import Rows

hypothesis.settings.register_profile("calm", deadline=None)  # a busy machine makes a test slow, not wrong
hypothesis.settings.load_profile("calm")

# The longest files first, so that no process is still busy with one when the others are done.
LONGEST = (
    "browser/test_main_job.py",
    "browser/test_office_axe.py",
    "office/test_run.py",
    "office/test_demo.py",
    "browser/test_site_axe.py",
    "faults/test_killed_at_each_step.py",
    "faults/test_killed_at_random.py",
    "faults/test_sleeping_worker.py",
    "faults/test_postgres_restarted.py",
)


@pytest.hookimpl(trylast=True)  # after pytest-django has put its own order in
def pytest_collection_modifyitems(items) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}

    def place(item) -> int:
        """Whoever drives a browser comes next: at the end, processes would wait for one another's."""
        return places.get("/".join(item.path.parts[-2:]), len(LONGEST) + ("browser" not in item.path.parts))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What all tests share is there now: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


STATE: dict = {}


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, worker_id):
    name = f"rapport_test_{worker_id}"
    with django_db_blocker.unblock():
        database.use_copy(name)
        STATE.update(name=name, blocker=django_db_blocker, rows=Rows())
    # Emptying all tables is not enough, they begin with rows; so what is left is seen to by whoever comes next.
    TransactionTestCase._fixture_teardown = lambda case: STATE.update(has_leftovers=True)
    yield
    with django_db_blocker.unblock():
        database.drop(name)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item) -> None:
    """A test with transactions of its own leaves its rows behind: whoever comes next gets the database as it was."""
    if STATE.pop("has_leftovers", False):
        with STATE["blocker"].unblock():
            if STATE["rows"].put_back():
                database.forget()
            else:
                database.use_copy(STATE["name"])
                STATE["rows"] = Rows()


@pytest.fixture(scope="session")
def worker_id(request) -> str:
    """Which process of a parallel run this is; "master" in a single one."""
    return getattr(request.config, "workerinput", {}).get("workerid", "master")


@pytest.fixture(scope="module")
def running():
    """The demo practice, started with the one command; stopped after its module, for its worker never rests."""
    with open_folder() as data:
        practice = Practice(data)
        practice.start()
        yield practice
        practice.stop()


@pytest.fixture(autouse=True)
def _pages_drawn_each_time(settings):
    settings.PAGES_KEPT_SECONDS = 0


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """The real hash takes half a second for each person of a test, which is its purpose and not ours."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nobody_is_a_twin():
    """What a process remembers of who looks alike is not carried from one test into the next."""
    duplicates.remember([])


@pytest.fixture(autouse=True)
def _no_letter_is_written_yet():
    """A process remembers the key of a letter; in the next test it is another's."""
    caches["letters"].clear()


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def practices_clock(request):
    """Today is the practice's today, as it is in every request; the database of a test asks its profile."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        PracticeProfile.load()
    with timezone.override("America/Toronto"):
        yield


def _user(role: str) -> object:
    user = get_user_model().objects.create_user(f"{role.lower()}@example.com", "correct horse battery")
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def owner(db):
    return _user("Owner")


@pytest.fixture
def assistant(db):
    return _user("Assistant")


@pytest.fixture
def viewer(db):
    return _user("Viewer")


def name_the_practice() -> PracticeProfile:
    profile = PracticeProfile.load()
    profile.name, profile.legal_name = "Harbour Physio", "Harbour Physio Ltd."
    profile.street, profile.city, profile.region, profile.postal_code = "12 Quay Street", "Ottawa", "ON", "K1A 0A1"
    profile.email = "hello@harbour.example.com"
    profile.letters_from, profile.letters_until = time.min, time.max  # whatever the hour at which the tests run
    profile.save()
    return profile


@pytest.fixture
def practice(db) -> PracticeProfile:
    return name_the_practice()


@pytest.fixture
def physician(db) -> Partner:
    """A DPC physician who refers, with a health-care provider as main person."""
    partner = Partner.objects.create(name="Okafor Family Medicine", kind=Kind.DPC_PHYSICIAN, stage=Stage.ACTIVE)
    contact = Contact.objects.create(name="Dr. Ada Okafor", email="ada@okafor.example.com")
    Role.objects.create(
        partner=partner, contact=contact, title="Physician", is_primary=True, is_healthcare_provider=True
    )
    record_consent(contact, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")
    Referral.objects.create(partner=partner, referred_by=contact)
    return partner


@pytest.fixture
def quiet_gym(db) -> Partner:
    """A gym that nobody has been in touch with for 100 days."""
    partner = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)
    Touch.objects.create(partner=partner, summary="Free clinic", occurred_at=timezone.now() - timedelta(days=100))
    return partner


@pytest.fixture
def unsubscribed(db) -> Contact:
    """Somebody who once said yes to partner letters, and then no."""
    contact = Contact.objects.create(name="Noa Levy", email="noa@example.com")
    for state in (ConsentEvent.State.GRANTED, ConsentEvent.State.WITHDRAWN):
        record_consent(contact, purpose=Purpose.PARTNER, state=state, source="test")
    return contact


@pytest.fixture
def sendgrid(settings) -> Iterator[FakeSendGrid]:
    with FakeSendGrid() as fake:
        settings.SENDGRID_API_KEY, settings.SENDGRID_API_URL = fake.key, fake.url
        yield fake


@pytest.fixture
def smtp(settings) -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        settings.SMTP_URL = fake.url
        yield fake
