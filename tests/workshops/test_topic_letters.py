"""The two letters after a workshop, shown on the topic's page as a guest gets them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crm.mail.models import Content
from tests.workshops.conftest import make_workshop
from workshops.models import Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic(practice) -> Topic:
    return Topic.objects.create(
        name="Knees", follow_up_words="Do the six.", week_subject="Still at it?", week_words="Come [[on]] Friday."
    )


def address(topic: Topic, name: str = "week") -> str:
    return reverse("topics:letter", args=[topic.pk, name])


@pytest.mark.parametrize(("name", "words"), [("afterwards", "Do the six."), ("week", "Come [[on]] Friday.")])
def test_it_shows_the_topics_words_to_a_guest_who_is_made_up(client, viewer, topic, name, words):
    client.force_login(viewer)

    page = client.get(address(topic, name))

    assert words in page.text
    assert "Maya" in page.text
    assert "script-src" not in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]


def test_it_names_the_last_workshop_of_the_topic(client, owner, topic):
    Topic.objects.update(week_words="")
    make_workshop(title="Knees that last", topic=topic)
    client.force_login(owner)

    assert "“Knees that last”" in client.get(address(topic)).text


def test_it_shows_both_with_their_subjects_and_writes_nothing_down(client, owner, topic):
    client.force_login(owner)

    page = client.get(reverse("topics:inspect", args=[topic.pk])).text

    assert "Still at it?" in page
    assert "Thank you for coming: Knees" in page
    assert address(topic) in page
    assert address(topic, "afterwards") in page
    assert not Content.objects.exists()


def test_it_needs_a_login_and_a_letter_that_exists(client, owner, topic):
    assert client.get(address(topic)).status_code == 302
    client.force_login(owner)
    assert client.get(address(topic, "never")).status_code == 404
    assert client.post(address(topic)).status_code == 405
