"""The lists of workshops and of registrations in the office."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact
from partners.models import Partner
from tests.workshops.conftest import fill, make_workshop
from tests.workshops.screens import address
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


def test_it_lists_with_the_same_queries_whatever_their_number(office, practice, queries_of):
    def make(many: int) -> None:
        for host in Partner.objects.bulk_create(Partner(name=f"Gym {n}") for n in range(many)):
            fill(make_workshop(host=host, capacity=1), f"Ada {host.pk}", f"Ben {host.pk}")

    lists = [reverse("workshops:index"), reverse("registrations:index")]
    make(3)
    few = [queries_of(page) for page in lists]
    make(40)
    assert [queries_of(page) for page in lists] == few
    assert max(few) <= 25


def test_it_shows_a_workshop_with_three_or_three_hundred_people_with_the_same_queries(office, practice, queries_of):
    workshop = make_workshop(capacity=200)
    fill(workshop, "Ada", "Ben", "Cleo")
    few = queries_of(address("inspect", workshop))
    people = Contact.objects.bulk_create(Contact(name=f"Person {n}", email=f"p{n}@example.com") for n in range(297))
    Registration.objects.bulk_create(
        Registration(workshop=workshop, contact=contact, name=contact.name, email=contact.email, state=state)
        for contact, state in zip(people, cycle(["confirmed", "waiting", "cancelled"]), strict=False)
    )
    taken = workshop.registrations.confirmed().count()
    Workshop.objects.filter(pk=workshop.pk).update(capacity=taken, seats_taken=taken)

    assert queries_of(address("inspect", workshop)) == few <= 25


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Coming", "Draft", "Past"]),
        ("when=coming", ["Coming", "Draft"]),
        ("when=past", ["Past"]),
        ("state=draft", ["Draft"]),
        ("q=ironworks", ["Coming"]),
        ("q=annex", ["Past"]),
    ],
)
def test_it_filters_and_searches(office, practice, quiet_gym, query, titles):
    make_workshop(title="Coming", host=quiet_gym, place="Ironworks")
    make_workshop(title="Draft", state="draft", place="Somewhere", starts_at=timezone.now() + timedelta(days=9))
    make_workshop(title="Past", place="The Annex", starts_at=timezone.now() - timedelta(days=9))

    response = office.get(f"{reverse('workshops:index')}?{query}")

    assert sorted(workshop.title for workshop in response.context["object_list"]) == titles


def test_it_filters_by_host(office, workshop, quiet_gym):
    make_workshop(title="Elsewhere")

    response = office.get(f"{reverse('workshops:index')}?host={quiet_gym.pk}")

    assert list(response.context["object_list"]) == [workshop]


def test_it_exports_registrations_that_run_nothing_in_a_spreadsheet(office, workshop):
    fill(workshop, "Ada")
    Registration.objects.update(name='=HYPERLINK("https://spam.example")', phone="+1 613 555 0101")

    rows = b"".join(office.get(f"{reverse('registrations:index')}?export=csv").streaming_content).decode()

    assert "'=HYPERLINK" in rows
    assert ",+1 613 555 0101," in rows  # only digits and spaces: nothing a spreadsheet could work out
    assert "\n=" not in rows


def test_it_exports_nothing_to_a_viewer(client, viewer, workshop):
    client.force_login(viewer)

    assert client.get(f"{reverse('registrations:index')}?export=csv").status_code == 302
