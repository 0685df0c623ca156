"""Topics: written once, used everywhere, archived rather than deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tests.workshops.conftest import fill, make_workshop
from workshops.models import Audience, Registration, Topic, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner, practice):
    client.force_login(owner)
    return client


@pytest.fixture
def topic(db) -> Topic:
    return Topic.objects.create(
        name="Feet first", audience=Audience.STAFF, summary="From the ground up.", description="Shoes off.",
        minutes=75, capacity=9,
    )  # fmt: skip


def sent(topic: Topic, **changes) -> dict:
    fields = ("name", "audience", "minutes", "capacity", "summary", "description", "outline")
    return {
        **{field: getattr(topic, field) for field in fields},
        "follow_up_subject": "",
        "follow_up_words": "",
        **changes,
    }


def workshop_form(chosen: Topic, **changes) -> dict:
    day = timezone.localdate() + timedelta(days=30)
    return {
        "topic": chosen.pk,
        "title": "",
        "audience": chosen.audience,
        "summary": "",
        "description": "",
        "day": f"{day:%Y-%m-%d}",
        "starts": "18:00",
        "ends": "",
        "time_zone": "America/Toronto",
        "place": "Gym",
        "video_url": "",
        "capacity": 9,
        "host_seats": 0,
        **changes,
    }


def test_it_comes_with_topics_for_members_trainers_and_patients():
    assert Topic.objects.count() == 7
    assert set(Topic.objects.values_list("audience", flat=True)) == {"members", "staff"}
    for topic in Topic.objects.all():
        assert topic.outline and topic.follow_up_subject and topic.follow_up_words and len(topic.summary) <= 200


def test_it_lists_how_often_each_was_given_and_how_it_was_rated(office, topic):
    held = make_workshop(topic=topic, capacity=3)
    fill(held, "Ada", "Ben")
    Registration.objects.update(rating=4, rated_at=timezone.now())
    make_workshop(topic=topic, state="cancelled")
    make_workshop(topic=topic, state="draft")

    html = office.get(reverse("topics:index")).text

    assert "given 1 time" in html
    assert "4.0 of 5, by 2" in html


def test_it_shows_where_it_was_given(office, topic, quiet_gym):
    fill(make_workshop(topic=topic, host=quiet_gym), "Ada")
    html = office.get(reverse("topics:inspect", args=[topic.pk])).text

    assert "Given 1 time." in html
    assert "Ironworks Gym" in html


def test_it_edits_a_topic_and_leaves_planned_workshops_alone(office, topic):
    workshop = make_workshop(topic=topic, description="Shoes off.")
    office.post(reverse("topics:edit", args=[topic.pk]), sent(topic, description="Shoes on."))

    workshop.refresh_from_db()
    assert (Topic.objects.get(pk=topic.pk).description, workshop.description) == ("Shoes on.", "Shoes off.")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"minutes": 5}, "A workshop lasts from 15 minutes to 8 hours."),
        ({"capacity": 0}, "A workshop needs at least one seat."),
        ({"name": "Warm-ups that earn their time"}, "already exists"),
    ],
)
def test_it_refuses_with_a_sentence_and_keeps_what_was_typed(office, topic, typed, sentence):
    response = office.post(reverse("topics:edit", args=[topic.pk]), sent(topic, outline="Kept.", **typed))

    assert sentence in response.text
    assert "Kept." in response.text


def test_it_archives_with_an_undo_and_deletes_nothing(office, topic):
    address = reverse("topics:archive", args=[topic.pk])
    response = office.post(address, {"to": "archive"}, follow=True)
    assert "no longer offered" in response.text
    assert Topic.objects.get(pk=topic.pk).is_archived

    office.post(address, {"to": "use"})
    assert not Topic.objects.get(pk=topic.pk).is_archived
    with pytest.raises(NoReverseMatch):
        reverse("topics:delete", args=[topic.pk])


def test_an_archived_one_is_offered_only_where_it_is_used(office, topic):
    Topic.objects.filter(pk=topic.pk).update(is_archived=True)
    workshop = make_workshop(topic=topic, state="draft")

    assert "Feet first" not in office.get(reverse("workshops:add")).text
    assert "Feet first" in office.get(reverse("workshops:edit", args=[workshop.pk])).text


def test_it_keeps_those_in_use_on_top(office, topic):
    Topic.objects.create(name="Aaa", is_archived=True)
    html = office.get(f"{reverse('topics:index')}?ordering=name").text

    assert html.index("Warm-ups") < html.index("Aaa")


# A workshop from a topic


def test_choosing_one_is_enough(office, topic):
    office.post(reverse("workshops:add"), workshop_form(topic))
    workshop = Workshop.objects.get()

    assert (workshop.title, workshop.summary, workshop.description) == ("Feet first", topic.summary, "Shoes off.")
    assert workshop.ends_at - workshop.starts_at == timedelta(minutes=75)
    assert workshop.topic == topic


def test_what_is_typed_wins(office, topic):
    office.post(reverse("workshops:add"), workshop_form(topic, title="Mine", ends="18:30", summary="My own."))
    workshop = Workshop.objects.get()

    assert (workshop.title, workshop.summary) == ("Mine", "My own.")
    assert workshop.ends_at - workshop.starts_at == timedelta(minutes=30)


def test_it_needs_a_title_without_a_topic(office, topic):
    response = office.post(reverse("workshops:add"), workshop_form(topic, topic="", ends="19:00"))

    assert "This field is required" in response.text
    assert not Workshop.objects.exists()


def test_the_form_is_filled_from_the_address(office, topic):
    html = office.get(f"{reverse('workshops:add')}?topic={topic.pk}").text

    assert 'value="Feet first"' in html
    assert 'value="9"' in html


@pytest.mark.parametrize("asked", ["no", "99999999", "9" * 30, ""])
def test_the_form_opens_whatever_topic_is_asked_for(office, asked):
    assert office.get(f"{reverse('workshops:add')}?topic={asked}").status_code == 200


def test_its_words_are_told_to_the_form(office, topic):
    assert office.get(reverse("topics:words", args=[topic.pk])).json()["minutes"] == 75


@pytest.mark.parametrize("page", ["index", "inspect", "edit", "words", "archive"])
def test_it_needs_a_login(client, topic, page):
    assert client.get(reverse(f"topics:{page}", args=[] if page == "index" else [topic.pk])).status_code == 302


def test_a_viewer_reads_and_changes_nothing(client, viewer, topic):
    client.force_login(viewer)

    assert client.get(reverse("topics:inspect", args=[topic.pk])).status_code == 200
    assert client.post(reverse("topics:archive", args=[topic.pk]), {"to": "archive"}).status_code == 302
    assert not Topic.objects.get(pk=topic.pk).is_archived
    assert "Archive" not in client.get(reverse("topics:inspect", args=[topic.pk])).text
