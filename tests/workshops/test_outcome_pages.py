"""What workshops brought, in the office: on a workshop's page, as a report and a file, and on the partner's page."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from crm.people.models import Contact
from partners.models import Referral
from tests.workshops.conftest import make_workshop
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db
URL = "/admin/workshops/brought/"


def hold(host, days: int = 20, came: int = 2, **fields) -> Workshop:
    at = timezone.now() - timedelta(days=days)
    workshop = make_workshop(
        host=host, starts_at=at, state="held", capacity=9, seats_taken=came, door_closed_at=at, **fields
    )
    contact = Contact.objects.get_or_create(email="ada@example.com", defaults={"name": "Ada"})[0]
    guest = {"workshop": workshop, "contact": contact, "state": "confirmed", "checked_in_at": at}
    Registration.objects.bulk_create(
        Registration(name=f"Guest {n}", rating=4, rated_at=at, **guest) for n in range(came)
    )
    return workshop


@pytest.fixture
def past(quiet_gym) -> Workshop:
    Referral.objects.create(partner=quiet_gym, received_at=timezone.now() - timedelta(days=3))
    return hold(quiet_gym)


def test_it_needs_login_and_permission(client, viewer, past):
    assert client.get(URL)["Location"].startswith("/admin/login/")
    viewer.groups.get().permissions.remove(*viewer.groups.get().permissions.filter(codename="view_workshop"))
    client.force_login(viewer)

    assert client.get(URL).status_code == 302


def test_it_refuses_the_wrong_method(client, owner):
    client.force_login(owner)

    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("by", ["workshop", "quarter", "partner", "topic"])
def test_it_shows_what_they_brought(client, viewer, past, by):
    client.force_login(viewer)

    page = client.get(f"{URL}?by={by}").content.decode()

    assert "1 workshop, 2 registered, 2 came" in page
    assert "4.0 stars on average" in page
    assert "Download" not in page


@pytest.mark.parametrize(
    "asked", ["?by=nothing&days=x&partner=abc&p=99", "?partner=99999999999999999999", "?export=exe"]
)
def test_it_lives_with_odd_addresses(client, owner, past, asked):
    client.force_login(owner)

    assert client.get(f"{URL}{asked}").status_code == 200


def test_it_says_so_when_there_is_nothing(client, owner):
    client.force_login(owner)

    assert "No workshop was held in this time." in client.get(URL).content.decode()


def test_it_keeps_to_one_partner(client, owner, past, quiet_gym, physician):
    hold(physician, title="Backs at work")
    client.force_login(owner)

    page = client.get(f"{URL}?partner={quiet_gym.pk}").content.decode()

    assert past.title in page
    assert "Backs at work" not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_gives_owners_a_harmless_file(client, owner, past, kind):
    Workshop.objects.update(title="=HYPERLINK(1)")
    client.force_login(owner)

    answer = client.get(f"{URL}?export={kind}")

    if kind == "csv":
        head, row = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    else:
        head, row = load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert head[:3] == type(head)(["Workshop", "Workshops", "Invited"])
    assert row[0].startswith("'=HYPERLINK(1), 20")
    assert [str(cell) for cell in (row[1], *row[3:9])] in (
        ["1", "2", "2", "2", "100", "2", "4.0"],
        ["1", "2", "2", "2", "100", "2", "4"],
    )


def test_it_gives_nobody_else_a_file(client, assistant, past):
    client.force_login(assistant)

    assert client.get(f"{URL}?export=csv")["Location"] == "/admin/"


def test_it_costs_the_same_for_3_and_30(client, owner, quiet_gym, physician, queries_of):
    client.force_login(owner)
    for days in (3, 4, 5):
        hold(quiet_gym, days)
    few = {by: queries_of(f"{URL}?by={by}") for by in ("workshop", "partner", "topic")}
    for days in range(6, 33):
        hold(physician, days)

    assert {by: queries_of(f"{URL}?by={by}") for by in ("workshop", "partner", "topic")} == few


def test_it_stands_on_the_workshops_page(client, owner, past):
    client.force_login(owner)

    page = client.get(reverse("workshops:inspect", args=[past.pk])).content.decode()

    assert "What came of it" in page
    assert "2 came." in page
    assert "1 referral from Ironworks Gym since; 71 days are left of the 90 that are counted." in page
    assert "527 workshops held by optometrists" in page


@pytest.mark.parametrize("fields", [{}, {"state": "cancelled"}, {"state": "draft"}])
def test_it_waits_until_it_is_over(client, owner, quiet_gym, fields):
    client.force_login(owner)
    workshop = make_workshop(host=quiet_gym, **fields)

    assert "What came of it" not in client.get(reverse("workshops:inspect", args=[workshop.pk])).content.decode()


def test_it_stands_on_the_partners_page(client, owner, past, quiet_gym):
    client.force_login(owner)

    page = client.get(quiet_gym.get_absolute_url()).content.decode()

    assert "2 came, 2 had a seat, 4.0 stars" in page
    assert "1 referral within 90 days after a workshop here, in the last year." in page
