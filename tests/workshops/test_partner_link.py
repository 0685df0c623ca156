"""/w/<slug>/<partner code>: whoever comes by it is credited to the partner."""

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import Partner
from tests.workshops.conftest import fill, make_workshop
from tests.workshops.test_public_pages import typed
from workshops.models import Registration

pytestmark = pytest.mark.django_db


def by(workshop, partner) -> str:
    return reverse("workshop_from", args=[workshop.slug, partner.code])


def came(registration) -> tuple:
    return registration.source, registration.credited_to, registration.is_hosts


def test_it_credits_the_host_and_knows_their_people(client, workshop, quiet_gym):
    client.post(by(workshop, quiet_gym), typed())

    assert came(Registration.objects.get()) == ("host_link", quiet_gym, True)


def test_it_credits_another_partner(client, workshop, physician):
    client.post(by(workshop, physician), typed())

    assert came(Registration.objects.get()) == ("partner_link", physician, False)


@pytest.mark.parametrize("code", ["NOBODY", "x"])
def test_it_shows_the_page_without_credit_for_a_code_nobody_has(client, workshop, code):
    address = reverse("workshop_from", args=[workshop.slug, code])

    assert client.get(address).status_code == 200
    client.post(address, typed())
    assert came(Registration.objects.get()) == ("site", None, False)


def test_it_credits_nobody_who_was_put_away(client, workshop, physician):
    Partner.objects.filter(pk=physician.pk).update(archived_at=timezone.now())

    client.post(by(workshop, physician), typed())

    assert came(Registration.objects.get()) == ("site", None, False)


def test_it_credits_whom_a_partner_was_merged_into(client, workshop, physician, quiet_gym):
    old = Partner.objects.create(name="Ironworks", kind="gym", merged_into=quiet_gym, archived_at=timezone.now())

    client.post(by(workshop, old), typed())

    assert came(Registration.objects.get()) == ("host_link", quiet_gym, True)


def test_it_reads_a_code_in_small_letters_and_without_the_last_slash(client, workshop, physician):
    address = f"/w/{workshop.slug}/{physician.code.lower()}"

    assert physician.name in client.get(address).text
    assert client.get(address + "/").status_code == 200


def test_it_is_the_same_page_for_search_engines(client, workshop, physician):
    assert f'rel="canonical" href="{workshop.public_url}"' in client.get(by(workshop, physician)).text


def test_it_keeps_the_credit_when_the_form_comes_back(client, workshop, physician):
    response = client.post(by(workshop, physician), typed(name=""))

    assert f'action="{by(workshop, physician)}#errors"' in response.text


def test_it_opens_the_kept_seats_to_the_hosts_people_alone(client, practice, quiet_gym):
    workshop = make_workshop(host=quiet_gym, capacity=3, host_seats=2)
    fill(workshop, "Ada")

    everybody, theirs = client.get(workshop.get_absolute_url()).text, client.get(by(workshop, quiet_gym)).text

    assert "Full, waiting list open" in everybody
    assert "2 are kept for the people of Ironworks Gym" in everybody
    assert "Only 2 seats left" in theirs
    client.post(by(workshop, quiet_gym), typed(email="king@example.com"))
    assert Registration.objects.get(name="Ada Lovelace").has_seat


def test_it_remembers_whose_people_came_back(client, workshop, quiet_gym):
    client.post(by(workshop, quiet_gym), typed())
    old = Registration.objects.get()
    client.post(reverse("registration_cancel", args=[old.token]))

    client.post(reverse("registration_again", args=[old.token]))

    assert came(Registration.objects.confirmed().get()) == ("host_link", quiet_gym, True)
