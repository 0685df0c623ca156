"""The form of an audience, which counts while one ticks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from campaigns.models import Audience
from partners.models import Kind
from tests.campaigns.conftest import at_gym, person, write_letter

pytestmark = pytest.mark.django_db


def test_it_counts_while_kinds_are_ticked(client, owner):
    at_gym(person("A"))
    at_gym(person("B"), name="Yoga", kind=Kind.YOGA_STUDIO)
    client.force_login(owner)
    url = reverse("audiences:count")

    assert "2 contacts; all can be written to." in client.get(url, {"name": ""}).content.decode()
    ticked = client.get(url, {"name": "", "kinds": ["gym"]}).content.decode()
    assert "1 contact, who can be written to." in ticked and ">A<" in ticked


def test_it_counts_for_the_letter_that_is_chosen(client, owner, audience, practice):
    at_gym(person("A"))
    news = write_letter(message_class="marketing")
    client.force_login(owner)

    page = client.get(reverse("audiences:count"), {"audience": audience.pk, "letter": news.pk})

    assert "1 without consent" in page.content.decode()


def test_it_saves_an_audience(client, owner):
    client.force_login(owner)

    client.post(reverse("audiences:add"), {"name": "Gyms", "kinds": ["gym"], "stages": ["active", "champion"]})

    saved = Audience.objects.get()
    assert (saved.kinds, saved.stages) == (["gym"], ["active", "champion"])
