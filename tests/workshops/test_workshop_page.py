"""What a workshop's page says in each of its states, and what it never says."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.images import ImageFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture
from wagtail.images.models import Image

from tests.workshops.conftest import fill, make_workshop
from tests.workshops.test_public_pages import json_ld, typed
from workshops.models import Registration, Topic, Workshop

pytestmark = pytest.mark.django_db

LINK = "https://meet.example.com/knees"


def page(client, workshop) -> str:
    return client.get(workshop.get_absolute_url()).text


@pytest.fixture
def online(practice):
    return make_workshop(place="", video_url=LINK)


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Picture.new("RGB", (320, 180), "teal").save(file, "PNG")
    return Image.objects.create(title="A knee", file=ImageFile(file, "knee.png"))


def test_it_shows_a_draft_to_the_office_alone(client, owner, practice):
    draft = make_workshop(state="draft")
    assert client.get(draft.get_absolute_url()).status_code == 404

    client.force_login(owner)
    response = client.get(draft.get_absolute_url())
    assert "Only you and the office see it." in response.text
    assert 'name="email"' not in response.text
    assert "ld+json" not in response.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_it_registers_nobody_for_a_draft(client, owner, practice):
    client.force_login(owner)

    response = client.post(make_workshop(state="draft").get_absolute_url(), typed())

    assert response.status_code == 422
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("capacity", "words"), [(4, "4 seats left"), (3, "Only 3 seats left"), (1, "Only 1 seat left")]
)
def test_it_says_when_few_seats_are_left(client, practice, capacity, words):
    assert words in page(client, make_workshop(capacity=capacity))


def test_it_says_which_number_one_would_be(client, workshop):
    fill(workshop, "Ada", "Ben")
    assert "you would be the first in line" in page(client, workshop)

    fill(workshop, "Cleo", "Dora")
    assert "2 people wait, so you would be number 3." in page(client, workshop)


@pytest.mark.parametrize(
    ("ago", "state", "words"),
    [(30, "open", "has begun"), (200, "open", "is over"), (200, "held", "is over. Thank you to everybody who came.")],
)
def test_it_has_no_form_once_it_has_begun(client, practice, ago, state, words):
    html = page(client, make_workshop(starts_at=timezone.now() - timedelta(minutes=ago), state=state))

    assert words in html
    assert 'name="email"' not in html
    assert "register.js" not in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"audience": "everybody"}, "For everybody."),
        ({"audience": "staff"}, "For trainers and staff of Ironworks Gym."),
        ({"audience": "members"}, "Made for the people of Ironworks Gym. You are welcome from elsewhere, too."),
    ],
)
def test_it_says_who_it_is_for(client, practice, quiet_gym, fields, words):
    assert words in page(client, make_workshop(host=quiet_gym, **fields))


def test_it_names_its_topic(client, practice):
    topic = Topic.objects.create(name="Knees in winter")

    assert "Workshop: Knees in winter" in page(client, make_workshop(topic=topic))


def test_it_keeps_the_video_link_for_those_with_a_seat(client, online):
    ada, _ben, cleo = fill(online, "Ada", "Ben", "Cleo")

    assert LINK in client.get(ada.get_absolute_url()).text
    for address in (
        online.get_absolute_url(),
        reverse("workshops"),
        reverse("workshop_thanks", args=[online.slug]) + "?seat=yes",
        reverse("workshop_calendar", args=[online.slug]),
        cleo.get_absolute_url(),
    ):
        html = client.get(address).text
        assert LINK not in html
    assert "Online, by video" in client.get(online.get_absolute_url()).text


def test_it_takes_the_video_link_back_with_the_seat(client, online):
    (ada,) = fill(online, "Ada")

    client.post(reverse("registration_cancel", args=[ada.token]))

    assert LINK not in client.get(ada.get_absolute_url()).text


def test_it_tells_search_engines_where_an_online_one_is(client, online):
    event = json_ld(page(client, online))

    assert event["eventAttendanceMode"].endswith("OnlineEventAttendanceMode")
    assert event["location"] == {"@type": "VirtualLocation", "url": online.public_url}


def test_it_shows_its_picture_to_people_and_to_engines(client, practice, picture):
    html = page(client, make_workshop(picture=picture))

    assert 'type="image/avif"' in html
    assert 'property="og:image" content="http' in html
    assert json_ld(html)["image"].startswith("http")


def test_it_counts_only_the_seats_that_anybody_may_take(client, practice, quiet_gym):
    workshop = make_workshop(host=quiet_gym, capacity=10, host_seats=4)

    html = page(client, workshop)

    assert "6 seats left" in html
    assert json_ld(html)["remainingAttendeeCapacity"] == 6
    assert "6 seats left" in client.get(reverse("workshops")).text


def test_it_keeps_how_they_heard(client, workshop):
    assert "At Ironworks Gym" in page(client, workshop)

    client.post(workshop.get_absolute_url(), typed(heard_from="At Ironworks Gym"))

    assert Registration.objects.get().heard_from == "At Ironworks Gym"


def weight(*names: str) -> int:
    return sum(Path(finders.find(name)).stat().st_size for name in names)


def test_it_stays_within_its_budget(client, practice, quiet_gym, picture, queries_of):
    workshop = make_workshop(host=quiet_gym, picture=picture, topic=Topic.objects.create(name="Knees"))
    fill(workshop, "Ada", "Ben", "Cleo")

    assert queries_of(workshop.get_absolute_url()) <= 25
    assert len(page(client, workshop)) + weight("site/site.css", "workshops/workshops.css") <= 60_000
    assert weight("workshops/register.js") <= 20_000


def test_it_shows_an_offer_on_ones_own_page(client, workshop):
    (ada,) = fill(workshop, "Ada")
    ends = timezone.now() + timedelta(hours=3)
    Registration.objects.filter(pk=ada.pk).update(state="offered", offered_until=ends)

    html = client.get(ada.get_absolute_url()).text

    assert "A seat is free. Would you like it?" in html
    assert reverse("registration_claim", args=[ada.token]) in html


def test_it_says_on_ones_own_page_that_somebody_looks(client, workshop):
    (ada,) = fill(workshop, "Ada")
    Workshop.objects.update(seats_taken=0)
    Registration.objects.filter(pk=ada.pk).update(state="quarantined")

    html = client.get(ada.get_absolute_url()).text

    assert "Thank you. We look at it soon." in html
    assert "Register again" not in html
    client.post(reverse("registration_again", args=[ada.token]))
    assert Registration.objects.count() == 1
