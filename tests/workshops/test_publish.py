from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workshops.conftest import make_workshop
from workshops import actions
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def test_it_opens_a_draft():
    draft = make_workshop(state="draft")
    assert not Workshop.objects.public().exists()

    actions.publish(draft)

    assert list(Workshop.objects.coming()) == [draft]


def test_it_publishes_once(workshop):
    with pytest.raises(actions.AlreadyPublished):
        actions.publish(workshop)


def test_it_refuses_a_date_in_the_past():
    draft = make_workshop(state="draft", starts_at=timezone.now() - timedelta(days=1))

    with pytest.raises(actions.WorkshopOver, match="coming date"):
        actions.publish(draft)
