from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workshops.conftest import fill, make_workshop
from workshops.actions import close_past
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def test_it_marks_what_is_over_as_held(workshop, time_machine_at):
    fill(workshop, "Ana", "Ben", "Cy")
    draft = make_workshop(state=Workshop.State.DRAFT)
    time_machine_at(workshop.ends_at + timedelta(minutes=1))

    assert close_past() == 1
    assert close_past() == 0

    workshop.refresh_from_db()
    draft.refresh_from_db()
    assert workshop.state == Workshop.State.HELD
    assert draft.state == Workshop.State.DRAFT


def test_it_leaves_a_workshop_that_is_under_way(workshop):
    Workshop.objects.filter(pk=workshop.pk).update(starts_at=timezone.now() - timedelta(minutes=5))

    assert close_past() == 0


def test_it_keeps_the_public_page_of_a_held_workshop(client, workshop, time_machine_at):
    time_machine_at(workshop.ends_at + timedelta(minutes=1))
    close_past()

    answer = client.get(workshop.get_absolute_url())

    assert answer.status_code == 200
    assert "<form" not in answer.content.decode().split("<main")[1]
