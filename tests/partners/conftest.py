import pytest
from django.test import Client
from django.utils import timezone

from crm.people.models import PracticeProfile


@pytest.fixture(autouse=True)
def _by_the_practices_clock(request):
    """Today is the practice's today, as it is in every request; the database asks its profile."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        PracticeProfile.load()
    with timezone.override("America/Toronto"):
        yield


@pytest.fixture
def at_desk(client, owner) -> Client:
    """A browser in which the owner is logged in."""
    client.force_login(owner)
    return client
