"""Where the demo practice does not go. Apart from test_demo.py, whose database already holds it."""

import pytest
from django.core.management import CommandError, call_command

from crm.people.models import User
from partners.models import Partner

pytestmark = pytest.mark.django_db


def test_it_stays_off_a_public_address(settings):
    settings.IS_LOCAL = False

    with pytest.raises(CommandError, match="stays off"):
        call_command("demo")
    assert not User.objects.exists()


def test_it_refuses_a_practice_that_is_somebodys_own():
    Partner.objects.create(name="Real Gym")

    with pytest.raises(CommandError, match="1 partners of your own"):
        call_command("demo")
    assert not Partner.objects.filter(source="demo").exists()
