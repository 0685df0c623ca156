"""The kit for the host: the link, its code, a flyer, and words to forward."""

from __future__ import annotations

import pytest
from django.urls import reverse

from partners.models import FollowUp
from workshops import actions
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def test_it_holds_the_hosts_link_in_every_text(office, workshop):
    page = office.get(reverse("workshop_kit", args=[workshop.pk])).content.decode()

    assert page.count(f"/w/{workshop.slug}/{workshop.host.code}") >= 4
    assert "WhatsApp" in page and "Instagram" in page
    assert "An hour about knees, with time for questions." in page


def test_it_asks_people_to_know_the_sender(office, workshop, practice, settings):
    page = reverse("workshop_kit", args=[workshop.pk])
    assert f"comes from {practice.email}. Put this address into your contacts" in office.get(page).content.decode()

    settings.INBOUND_HOST, settings.INVITES_FROM_INBOUND = "in.harbour.example.com", True
    assert "comes from invites@in.harbour.example.com. Put" in office.get(page).content.decode()


@pytest.mark.parametrize("size", ["a4", "letter"])
def test_it_prints_on_either_paper(office, workshop, size):
    page = office.get(reverse("workshop_flyer", args=[workshop.pk]) + f"?size={size}").content.decode()

    assert f"flyer-page--{size}" in page
    assert "<svg" in page and workshop.title in page and workshop.day in page


def test_it_prints_on_the_paper_of_the_country(office, workshop, practice):
    page = reverse("workshop_flyer", args=[workshop.pk])
    assert "flyer-page--letter" in office.get(page).content.decode()
    practice.country = "DE"
    practice.save()
    assert "flyer-page--a4" in office.get(page).content.decode()


def test_it_gives_the_code_as_a_picture(office, workshop):
    answer = office.get(reverse("workshop_picture", args=[workshop.pk]))

    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert f"{workshop.slug}.png" in answer["Content-Disposition"]


def test_it_does_the_to_do_with_one_tap(office, workshop):
    actions.prepare(workshop, by=None)
    page = office.get(reverse("workshop_kit", args=[workshop.pk])).content.decode()
    todo = FollowUp.objects.get(title__startswith="Send the host what they need")
    assert reverse("complete", args=[todo.pk]) in page

    office.post(reverse("complete", args=[todo.pk]))

    todo.refresh_from_db()
    assert todo.done_at


@pytest.mark.parametrize("name", ["workshop_kit", "workshop_flyer", "workshop_picture"])
def test_it_needs_a_login_and_only_reads(client, owner, workshop, name):
    address = reverse(name, args=[workshop.pk])
    assert client.get(address).status_code == 302
    client.force_login(owner)
    assert client.post(address).status_code == 405


def test_it_works_without_a_host_or_a_place(office, workshop):
    Workshop.objects.update(host=None, place="", video_url="https://meet.example.com/x", summary="")

    page = office.get(reverse("workshop_kit", args=[workshop.pk])).content.decode()

    assert "online, by video" in page
    assert page.count("Toronto time") == 3
    assert "Toronto time" in office.get(reverse("workshop_flyer", args=[workshop.pk])).content.decode()
    assert "meet.example.com" not in page


def test_it_says_one_seat(office, workshop):
    Workshop.objects.update(capacity=1)

    page = office.get(reverse("workshop_kit", args=[workshop.pk])).content.decode()

    assert "There is 1 seat. Sign up here:" in page
    assert "1 seats" not in page
