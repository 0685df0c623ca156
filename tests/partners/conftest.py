import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def _by_the_practices_clock(practices_clock):
    """A partner is due by the day it is there."""


@pytest.fixture
def at_desk(client, owner) -> Client:
    """A browser in which the owner is logged in."""
    client.force_login(owner)
    return client
