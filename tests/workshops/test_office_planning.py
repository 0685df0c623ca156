"""What the office's forms do beyond words: the preparation, the link, the host, and the copy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import FollowUp
from tests.workshops.conftest import fill, letters_to, make_workshop
from tests.workshops.screens import address, sent
from workshops import actions
from workshops.actions.preparing import steps_of
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner, practice):
    client.force_login(owner)
    return client


@pytest.fixture
def draft(practice, quiet_gym, owner) -> Workshop:
    at = (timezone.now() + timedelta(days=100)).replace(hour=16, minute=0, second=0, microsecond=0)
    workshop = make_workshop(host=quiet_gym, starts_at=at, state="draft")
    actions.prepare(workshop, by=owner)
    return workshop


def day_of(workshop: Workshop) -> str:
    return f"{workshop.local_start + timedelta(days=30):%Y-%m-%d}"


def test_saving_a_draft_promises_its_preparation_and_says_so(office, draft):
    response = office.post(reverse("workshops:add"), sent(draft, title="Ankles", day=day_of(draft)), follow=True)

    assert "9 to dos with Ironworks Gym lead up to it and away from it." in response.text
    assert steps_of(Workshop.objects.get(title="Ankles")).count() == 9


def test_a_draft_without_a_host_promises_nothing(office, draft):
    response = office.post(reverse("workshops:add"), sent(draft, title="Ours", host=""), follow=True)

    assert "to dos" not in response.text.partition("Saved as a draft")[2].partition("</li>")[0]


def test_the_copy_follows_its_original_and_carries_nothing_that_happened(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")
    Workshop.objects.filter(pk=workshop.pk).update(time_version=3, revision=3, door_closed_at=timezone.now())
    office.post(address("copy", workshop), sent(workshop, day=day_of(workshop)))
    copy = Workshop.objects.latest("pk")

    assert (copy.follows, copy.state, copy.door_closed_at) == (workshop, "draft", None)
    assert (copy.seats_taken, copy.time_version, copy.revision, copy.registrations.count()) == (0, 0, 0, 0)
    assert copy.code != workshop.code


def test_moving_the_day_in_the_form_moves_the_steps(office, draft):
    office.post(address("edit", draft), sent(draft, day=day_of(draft)))
    draft.refresh_from_db()

    assert steps_of(draft).first().due_on == draft.local_start.date() - timedelta(days=56)


def test_another_host_in_the_form_takes_the_steps(office, draft, physician):
    office.post(address("edit", draft), sent(draft, host=physician.pk))

    assert {todo.partner for todo in FollowUp.objects.open()} == {physician}


def test_taking_the_host_out_puts_them_aside_and_putting_it_in_brings_them_back(office, draft):
    host = draft.host_id
    office.post(address("edit", draft), sent(draft, host=""))
    assert not FollowUp.objects.open().exists()

    office.post(address("edit", draft), sent(draft, host=host))
    assert FollowUp.objects.open().count() == 9


def test_a_plan_stopped_by_hand_stays_stopped(office, draft, owner):
    actions.put_aside(draft, by=owner)
    office.post(address("edit", draft), sent(draft, day=day_of(draft)))
    office.post(address("publish", draft))

    assert not FollowUp.objects.open().exists()


def test_cancelling_says_what_is_put_aside_and_keeps_it_on_request(office, draft):
    office.post(address("publish", draft))
    response = office.post(address("cancel", draft), {"reason": "Ice."}, follow=True)
    assert "7 to dos with Ironworks Gym put aside." in response.text
    assert "Put aside." in response.text

    run = steps_of(draft).first().run
    office.post(reverse("resume_plan", args=[draft.host_id]), {"run": run})
    assert FollowUp.objects.open().count() == 7


def test_deleting_a_draft_puts_its_preparation_aside(office, draft):
    office.post(address("delete", draft))

    assert not Workshop.objects.filter(pk=draft.pk).exists()
    assert not FollowUp.objects.open().exists()
    assert FollowUp.objects.count() == 9


def test_a_workshop_may_be_a_video_meeting(office, draft):
    office.post(address("edit", draft), sent(draft, place="", video_url="https://meet.example.com/knees"))
    draft.refresh_from_db()

    assert draft.is_online


def test_a_workshop_is_somewhere(office, draft):
    response = office.post(address("edit", draft), sent(draft, place="", summary="Kept."))

    assert "Say where it is: a place, or a video link." in response.text
    assert "Kept." in response.text


def test_another_video_link_is_told_to_those_with_a_seat(office, workshop):
    (ada,) = fill(workshop, "Ada")
    office.post(address("edit", workshop), sent(workshop, video_url="https://meet.example.com/knees"))

    assert letters_to(ada)[-1].calendar_method == "REQUEST"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"host_seats": 9}, "There are not so many seats to keep for the host."),
        ({"host_seats": -1}, "greater than or equal to 0"),
        ({"video_url": "not a link"}, "Enter a valid URL."),
    ],
)
def test_it_refuses_with_a_sentence(office, workshop, typed, sentence):
    response = office.post(address("edit", workshop), sent(workshop, summary="Kept.", **typed))

    assert sentence in response.text
    assert "Kept." in response.text


def test_it_keeps_seats_for_the_host(office, workshop):
    office.post(address("edit", workshop), sent(workshop, host_seats=1))

    assert Workshop.objects.get(pk=workshop.pk).host_seats == 1
