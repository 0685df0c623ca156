"""Changing a workshop in the office: people are told, seats go through their actions, and words change quietly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.models import Message
from tests.workshops.conftest import fill, letters_to, make_workshop
from tests.workshops.screens import address, sent
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def test_it_says_how_many_are_told_before_they_are(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    html = office.get(address("edit", workshop)).text

    assert "2 people have a seat and 1 waits." in html
    assert "all 3 are told by e-mail" in html


def test_it_moves_through_the_action_so_that_invites_follow(office, workshop):
    (ada,) = fill(workshop, "Ada")

    response = office.post(address("edit", workshop), sent(workshop, place="The Annex"), follow=True)

    assert "1 person is being told of the change." in response.text
    ada.invite.refresh_from_db()
    assert ada.invite.sequence == 1
    assert letters_to(ada)[-1].calendar_method == "REQUEST"


def test_it_changes_words_quietly(office, workshop):
    fill(workshop, "Ada")

    office.post(address("edit", workshop), sent(workshop, description="Other words."))

    assert Workshop.objects.get().description == "Other words."
    assert Message.objects.count() == 1


def test_it_says_who_a_workshop_is_for_and_tells_nobody(office, workshop):
    fill(workshop, "Ada")

    office.post(address("edit", workshop), sent(workshop, audience="staff", is_private="on"))

    workshop.refresh_from_db()
    assert (workshop.audience, workshop.is_private, workshop.revision) == ("staff", True, 0)
    assert Message.objects.count() == 1


def test_it_tells_people_of_another_video_link(office, workshop):
    (ada,) = fill(workshop, "Ada")

    office.post(address("edit", workshop), sent(workshop, place="", video_url="https://meet.example.com/knees"))

    workshop.refresh_from_db()
    assert (workshop.place, workshop.video_url) == ("", "https://meet.example.com/knees")
    assert len(letters_to(ada)) == 2


def test_it_wants_a_place_or_a_video_link(office, workshop):
    response = office.post(address("edit", workshop), sent(workshop, place="", video_url=""))

    assert "Say where it is: a place, or a video link." in response.content.decode()


def test_it_never_overwrites_a_seat_taken_while_the_form_was_open(office, workshop):
    form_as_shown = sent(workshop, summary="New summary.")
    fill(workshop, "Ada", "Ben")

    office.post(address("edit", workshop), form_as_shown)

    workshop.refresh_from_db()
    assert (workshop.seats_taken, workshop.summary, workshop.state) == (2, "New summary.", "open")


def test_it_gives_more_seats_to_the_waiting_list(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    response = office.post(address("edit", workshop), sent(workshop, capacity=3), follow=True)

    assert "Moved up from the waiting list: Cleo." in response.text


def test_it_refuses_fewer_seats_than_are_taken(office, workshop):
    fill(workshop, "Ada", "Ben")

    response = office.post(address("edit", workshop), sent(workshop, capacity=1))

    assert "2 people hold a seat" in response.text
    assert Workshop.objects.get().capacity == 2


def test_it_refuses_to_move_what_is_over_and_keeps_the_form(office, practice):
    past = make_workshop(starts_at=(timezone.now() - timedelta(days=9)).replace(hour=16))

    response = office.post(address("edit", past), sent(past, place="Elsewhere", summary="Kept"))

    assert response.status_code == 200
    assert "has already begun" in response.text
    assert response.context["form"]["summary"].value() == "Kept"
    past.refresh_from_db()
    assert past.place != "Elsewhere"
    assert past.summary != "Kept"


def test_it_lets_the_words_of_a_past_workshop_be_changed(office, practice):
    past = make_workshop(starts_at=(timezone.now() - timedelta(days=9)).replace(hour=16))

    office.post(address("edit", past), sent(past, description="It was full."))

    past.refresh_from_db()
    assert past.description == "It was full."
