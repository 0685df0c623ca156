"""The office's screens, with the eyes of each role, and one workshop's page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.workshops.conftest import fill, make_workshop
from tests.workshops.screens import PAGES, address
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", [*PAGES, "publish"])
def test_it_needs_a_login(client, workshop, page):
    response = client.get(address(page, workshop))

    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", {*PAGES}),
        ("assistant", {"index", "add", "edit", "copy", "inspect", "history", "cancel"}),
        ("viewer", {"index", "inspect"}),
    ],
)
def test_it_shows_each_role_its_pages(client, workshop, request, role, allowed):
    client.force_login(request.getfixturevalue(role))

    seen = {page for page in PAGES if client.get(address(page, workshop)).status_code == 200}

    assert seen == allowed


@pytest.mark.parametrize("page", ["publish", "cancel", "cancel_registration"])
def test_it_lets_a_viewer_change_nothing(client, viewer, workshop, page):
    (ada,) = fill(workshop, "Ada")
    client.force_login(viewer)

    response = client.post(reverse(f"workshops:{page}", args=[ada.pk if "registration" in page else workshop.pk]))

    assert response.status_code == 302
    assert Workshop.objects.get().state == "open"
    assert Registration.objects.get().state == "confirmed"


def test_it_shows_a_viewer_no_button_that_changes_something(client, viewer, workshop):
    fill(workshop, "Ada")
    client.force_login(viewer)

    html = client.get(address("inspect", workshop)).text

    assert "Ada" in html
    for words in ("Cancel the workshop", ">Edit<", "Copy for another day", "cancel-registration"):
        assert words not in html


def test_it_publishes_on_post_alone(office, workshop):
    assert office.get(address("publish", workshop)).status_code == 405


def test_it_publishes_a_draft(office, practice):
    draft = make_workshop(state="draft")

    response = office.post(address("publish", draft), follow=True)

    assert "Published." in response.text
    assert office.get(draft.get_absolute_url()).status_code == 200


def test_it_shows_who_has_a_seat_and_who_waits(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    html = office.get(address("inspect", workshop)).text

    assert html.index("Who has a seat") < html.index("Ada") < html.index("Waiting list") < html.index("Cleo")
    assert workshop.get_absolute_url() in html


def test_it_calls_a_workshop_off_with_a_reason(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")
    assert "3 people are told by e-mail" in office.get(address("cancel", workshop)).text

    response = office.post(address("cancel", workshop), {"reason": "Snow."}, follow=True)

    assert "3 people are being told." in response.text
    assert "“Snow.”" in response.text
    assert Workshop.objects.get().state == "cancelled"


def test_it_cancels_a_seat_for_somebody_who_called(office, workshop):
    ada, _ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    page = reverse("workshops:cancel_registration", args=[ada.pk])
    assert office.get(page).status_code == 200
    assert Registration.objects.confirmed().count() == 2

    office.post(page)

    cleo.refresh_from_db()
    assert cleo.state == "confirmed"


def test_it_deletes_drafts_alone(office, workshop):
    draft = make_workshop(state="draft")

    assert "Only a draft can be deleted." in office.post(address("delete", workshop), follow=True).text
    office.post(address("delete", draft))

    assert list(Workshop.objects.all()) == [workshop]


def test_it_says_so_when_cancelled_meanwhile(office, workshop):
    actions.cancel_workshop(workshop, reason="")

    response = office.post(address("cancel", workshop), {"reason": "Snow."}, follow=True)

    assert "This has already been cancelled." in response.text
