"""Making a workshop in the office: from an empty page, from a partner, or like another one."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.workshops.conftest import fill, make_workshop
from tests.workshops.screens import address, sent
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def test_it_makes_a_draft_with_an_address_of_its_own(office, practice, quiet_gym):
    draft = sent(make_workshop(host=quiet_gym), title="Strong Ankles!", day="2027-03-20", starts="18:00", ends="19:30")

    for _ in range(2):
        office.post(reverse("workshops:add"), draft)

    first, second = Workshop.objects.filter(title="Strong Ankles!").order_by("pk")
    assert (first.slug, second.slug) == ("strong-ankles-2027-03-20", "strong-ankles-2027-03-20-2")
    assert first.state == "draft"
    assert first.host == quiet_gym
    assert f"{first.local_start:%H:%M %Z}" == "18:00 EDT"


def test_it_fills_in_the_partner_it_was_opened_from(office, practice, quiet_gym):
    quiet_gym.street, quiet_gym.city = "4 Forge Lane", "Ottawa"
    quiet_gym.save()

    response = office.get(f"{reverse('workshops:add')}?host={quiet_gym.pk}")

    form = response.context["form"]
    assert form.instance.host == quiet_gym
    assert form["place"].value() == "Ironworks Gym, 4 Forge Lane, Ottawa"


def test_it_ignores_a_partner_that_does_not_exist(office, practice):
    assert office.get(f"{reverse('workshops:add')}?host=no").status_code == 200
    assert office.get(f"{reverse('workshops:add')}?host=99999999").status_code == 200


def test_it_chooses_the_host_from_the_partners(office, practice):
    html = office.get(reverse("workshops:add")).text

    assert reverse("partner_chooser:choose") in html


def test_it_copies_everything_but_the_day_and_the_people(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    form = office.get(address("copy", workshop)).context["form"]

    assert (form["title"].value(), form["capacity"].value(), form["day"].value()) == (workshop.title, 2, None)
    assert (form.instance.pk, form.instance.seats_taken, form.instance.state) == (None, 0, "draft")
    office.post(reverse("workshops:add"), sent(workshop, day="2027-06-01"))
    copy = Workshop.objects.latest("pk")
    assert (copy.seats_taken, copy.registrations.count(), copy.state) == (0, 0, "draft")
    assert copy.uid != workshop.uid


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"day": "2027-03-14", "starts": "02:30", "ends": "03:30"}, "starts", "does not exist"),
        ({"day": "2027-11-07", "starts": "01:30", "ends": "02:30"}, "starts", "happens twice"),
        ({"starts": "18:00", "ends": "17:00"}, "ends", "A workshop ends after it starts."),
        ({"starts": "08:00", "ends": "16:30"}, "ends", "A workshop lasts at most 8 hours."),
        ({"capacity": "0"}, "capacity", "A workshop needs at least one seat."),
    ],
)
def test_it_refuses_what_cannot_be_with_a_sentence(office, workshop, typed, field, sentence):
    response = office.post(reverse("workshops:add"), sent(workshop, title="Kept words", **typed))

    form = response.context["form"]
    assert sentence in form.errors[field][0]
    assert form["title"].value() == "Kept words"
    assert not Workshop.objects.filter(title="Kept words").exists()


@pytest.mark.parametrize(("turn", "offset"), [("first", "EDT"), ("second", "EST")])
def test_it_takes_the_repeated_hour_that_was_chosen(office, workshop, turn, offset):
    night = {"day": "2027-11-07", "starts": "01:15", "ends": "01:45"}

    response = office.post(reverse("workshops:add"), sent(workshop, title="Night", **night))
    assert "turn" in response.context["form"].fields
    office.post(reverse("workshops:add"), sent(workshop, title="Night", turn=turn, **night))

    made = Workshop.objects.get(title="Night")
    assert f"{made.local_start:%H:%M %Z}" == f"01:15 {offset}"
    form = office.get(address("edit", made)).context["form"]
    assert form["turn"].value() == turn
