import pytest
from django.test import Client
from django.utils import timezone


@pytest.fixture(autouse=True)
def _in_the_practices_zone():
    """Today is the practice's today, as it is in every request."""
    with timezone.override("America/Toronto"):
        yield


@pytest.fixture
def at_desk(client, owner) -> Client:
    """A browser in which the owner is logged in."""
    client.force_login(owner)
    return client
