"""The office's page for calendars to subscribe to."""

from __future__ import annotations

import pytest
from django.urls import reverse

from workshops import actions
from workshops.models import Feed

pytestmark = pytest.mark.django_db


def own_feed(user) -> Feed:
    return Feed.objects.live().get(user=user)


def test_it_makes_ones_own_calendar_and_shows_every_way_to_subscribe(client, owner):
    client.force_login(owner)
    assert b"Make my calendar" in client.get(reverse("workshop_calendars")).content

    page = client.post(reverse("open_calendar"), follow=True).content.decode()

    feed = own_feed(owner)
    assert feed.url in page
    assert f"webcal://{feed.url.partition('//')[2]}" in page
    assert "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F" in page
    assert "<svg" in page


def test_it_makes_a_calendar_for_a_partner(client, owner, workshop):
    client.force_login(owner)
    page = reverse("partner_calendar", args=[workshop.host_id])
    assert page in client.get(reverse("workshop_calendars")).content.decode()

    client.post(reverse("open_partner_calendar", args=[workshop.host_id]))

    assert Feed.objects.live().get(partner=workshop.host).url in client.get(page).content.decode()
    assert "Has one" in client.get(reverse("workshop_calendars")).content.decode()


def test_it_is_linked_from_the_partners_page(client, owner, quiet_gym):
    client.force_login(owner)

    page = client.get(quiet_gym.get_absolute_url()).content.decode()

    assert reverse("partner_calendar", args=[quiet_gym.pk]) in page


def test_it_stops_a_calendar_and_brings_it_back(client, owner):
    client.force_login(owner)
    feed = actions.open_feed(owner)

    page = client.post(reverse("stop_calendar", args=[feed.pk]), follow=True).content.decode()
    assert client.get(feed.get_absolute_url()).status_code == 404
    assert "Bring back" in page

    client.post(reverse("resume_calendar", args=[feed.pk]))
    assert client.get(feed.get_absolute_url()).status_code == 200


def test_it_does_not_bring_an_old_one_back_beside_a_newer(client, owner):
    client.force_login(owner)
    old = actions.open_feed(owner)
    actions.renew_feed(old)

    page = client.post(reverse("resume_calendar", args=[old.pk]), follow=True).content.decode()

    assert "There is a newer calendar" in page
    assert client.get(old.get_absolute_url()).status_code == 404


def test_it_gives_a_new_address(client, owner):
    client.force_login(owner)
    old = actions.open_feed(owner)

    client.post(reverse("renew_calendar", args=[old.pk]))

    assert own_feed(owner).token != old.token


@pytest.mark.parametrize("verb", ["stop", "resume", "renew"])
def test_it_leaves_somebody_elses_calendar_alone(client, owner, assistant, verb):
    feed = actions.open_feed(owner)
    client.force_login(assistant)

    assert client.post(reverse(f"{verb}_calendar", args=[feed.pk])).status_code == 404
    assert own_feed(owner) == feed


def test_it_lets_a_viewer_see_a_partners_calendar_and_not_change_it(client, viewer, quiet_gym):
    feed = actions.open_feed(quiet_gym)
    client.force_login(viewer)

    page = client.get(reverse("partner_calendar", args=[quiet_gym.pk])).content.decode()

    assert feed.url in page
    assert "Stop it" not in page
    assert client.post(reverse("stop_calendar", args=[feed.pk])).status_code == 404
    assert client.post(reverse("open_partner_calendar", args=[quiet_gym.pk])).status_code == 302
    assert Feed.objects.live().count() == 1


@pytest.mark.parametrize(
    ("name", "method"),
    [("workshop_calendars", "get"), ("open_calendar", "post"), ("partner_calendar", "get"), ("stop_calendar", "post")],
)
def test_it_wants_a_login(client, quiet_gym, name, method):
    args = [quiet_gym.pk] if name in ("partner_calendar", "stop_calendar") else []

    response = getattr(client, method)(reverse(name, args=args))

    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("name", ["open_calendar", "open_partner_calendar", "stop_calendar", "renew_calendar"])
def test_it_changes_nothing_on_a_look(client, owner, quiet_gym, name):
    client.force_login(owner)
    args = [] if name == "open_calendar" else [quiet_gym.pk]

    assert client.get(reverse(name, args=args)).status_code == 405
    assert not Feed.objects.exists()
