"""The links and codes of a workshop, to hand on."""

import pytest
from django.urls import reverse

from partners.models import Kind, Partner
from tests.workshops.conftest import make_workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(client, owner):
    client.force_login(owner)
    return client


def page_of(workshop) -> str:
    return reverse("workshop_links", args=[workshop.pk])


def test_it_shows_everybodys_link_and_the_hosts(at_desk, workshop, quiet_gym):
    page = at_desk.get(page_of(workshop)).text

    assert f">http://localhost:8000/workshops/{workshop.slug}/<" in page
    assert f">http://localhost:8000/w/{workshop.slug}/{quiet_gym.code}<" in page
    assert page.count("<svg") >= 2


def test_it_finds_another_partners(at_desk, workshop, physician, quiet_gym):
    page = at_desk.get(page_of(workshop), {"q": "okafor"})

    assert [link["partner"] for link in page.context["found"]] == [physician]
    assert "No other partner is called" in at_desk.get(page_of(workshop), {"q": "nobody"}).text


def test_it_puts_the_code_of_a_private_one_into_its_links(at_desk, practice, quiet_gym):
    private = make_workshop(host=quiet_gym, is_private=True)

    page = at_desk.get(page_of(private)).text

    assert f"/w/{private.slug}/{quiet_gym.code}?code={private.code}" in page
    assert f"types the code <strong>{private.code}</strong>" in page


def test_it_gives_the_code_as_a_file(at_desk, workshop, quiet_gym):
    response = at_desk.get(reverse("workshop_code", args=[workshop.pk]), {"partner": quiet_gym.pk})

    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"] == f'attachment; filename="{workshop.slug}-{quiet_gym.code}.svg"'
    assert response.content.startswith(b"<svg")


def test_it_costs_the_same_for_three_and_three_hundred_partners(at_desk, workshop, queries_of):
    address = page_of(workshop) + "?q=gym"
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", kind=Kind.GYM) for n in range(3))
    few = queries_of(address)
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", kind=Kind.GYM) for n in range(3, 300))

    assert queries_of(address) == few


def test_it_shows_the_hosts_link_on_the_workshops_page(at_desk, workshop, quiet_gym):
    page = at_desk.get(reverse("workshops:inspect", args=[workshop.pk])).text

    assert f"/w/{workshop.slug}/{quiet_gym.code}" in page
    assert page_of(workshop) in page


@pytest.mark.parametrize("name", ["workshop_links", "workshop_code"])
def test_it_is_for_who_may_see_workshops(client, viewer, workshop, name):
    address = reverse(name, args=[workshop.pk])
    assert client.get(address).url.startswith("/admin/login/")

    client.force_login(viewer)
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405

    viewer.groups.get().permissions.filter(codename="view_workshop")
    viewer.groups.get().permissions.remove(*viewer.groups.get().permissions.filter(codename="view_workshop"))
    client.force_login(type(viewer).objects.get(pk=viewer.pk))
    assert client.get(address).status_code == 302
