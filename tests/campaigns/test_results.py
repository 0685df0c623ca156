"""What became of a broadcast, recipient by recipient."""

from __future__ import annotations

import pytest
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Broadcast, Outcome, Recipient
from campaigns.results import results_of
from crm.mail.models import Message
from tests.campaigns.conftest import crowd

pytestmark = pytest.mark.django_db
State, Fate = Message.State, Message.Fate


@pytest.fixture
def left(due) -> Broadcast:
    """A broadcast to one person that was handed over."""
    crowd(1)
    launch_due()
    Message.objects.update(state=State.HANDED_OVER, settled_at=timezone.now())
    return due


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [
        (Fate.SILENT, Outcome.HANDED_OVER),
        (Fate.PROCESSED, Outcome.HANDED_OVER),
        (Fate.DEFERRED, Outcome.HANDED_OVER),
        (Fate.DELIVERED, Outcome.DELIVERED),
        (Fate.BLOCKED, Outcome.BOUNCED),
        (Fate.BOUNCED, Outcome.BOUNCED),
        (Fate.DROPPED, Outcome.BOUNCED),
        (Fate.COMPLAINED, Outcome.COMPLAINED),
    ],
)
def test_it_says_what_the_provider_reported(left, fate, outcome):
    Message.objects.update(fate=fate, fate_at=timezone.now() if fate else None)

    recipient = Recipient.objects.with_outcome().get()
    assert recipient.outcome == outcome
    assert recipient.why.endswith(".")
    assert results_of([left])[left.pk].by_outcome == {outcome: 1}


def test_it_says_unknown_rather_than_what_an_earlier_try_was_told(left):
    Message.objects.update(state=State.UNKNOWN, reason="Nobody answered.")

    assert Recipient.objects.with_outcome().get().outcome == Outcome.UNKNOWN
