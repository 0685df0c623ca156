"""What becomes of a request: taken apart when one is to blame, unknown when nobody can say, believed when reported."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.mail import settling
from crm.mail.actions import drain, reap, try_again
from crm.mail.models import Batch, Lane, Message, Suppression, address_hash
from crm.mail.transports.outcome import Answer, accepted, unknown
from tests.fakes.sendgrid import Rule

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def letters(letter):
    """Forty letters of one content."""
    return [letter(number) for number in range(40)]


@pytest.fixture
def posting(write):
    """A message that a worker is posting."""
    message = write()
    now = timezone.now()
    batch = Batch.objects.create(
        transport="sendgrid", size=1, worker="w", claimed_at=now, lease_until=now + timedelta(minutes=5), posting_at=now
    )
    Message.objects.update(state=State.CLAIMED, batch=batch)
    message.refresh_from_db()
    return message


def states() -> dict[str, int]:
    found = list(Message.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def test_it_sends_the_others_when_one_is_refused_by_name(letters, sendgrid):
    sendgrid.script(Rule(status=400, to=letters[17].to_email))

    assert drain() == 40
    assert states() == {State.HANDED_OVER: 39, State.REJECTED: 1}
    assert len(sendgrid.accepted) == 1
    outcomes = sorted(Batch.objects.values_list("outcome", "size"))
    assert outcomes == [("accepted", 39), ("split", 40)]


def test_it_finds_the_one_to_blame_by_halves(letters, sendgrid):
    sendgrid.script(Rule(status=400, to=letters[17].to_email, names=False))

    assert drain() == 40
    assert states() == {State.HANDED_OVER: 39, State.REJECTED: 1}
    assert Message.objects.get(state=State.REJECTED).pk == letters[17].pk
    assert set(sendgrid.accepted_count.values()) == {1}


def test_it_calls_all_of_a_request_unknown_when_the_answer_is_lost(letters, sendgrid):
    sendgrid.script(Rule(times=1, then="hang up"))

    drain()
    assert states() == {State.UNKNOWN: 40}
    assert Batch.objects.get().outcome == Batch.Outcome.UNKNOWN
    assert Lane.objects.get().failures == 1


def test_it_believes_a_report_that_came_before_the_answer_was_lost(posting):
    Message.objects.update(fate=Message.Fate.DELIVERED, fate_at=timezone.now())

    settling.settle(posting.batch, [posting], Answer(unknown("The connection broke.")))
    posting.refresh_from_db()
    assert (posting.state, posting.reason) == (State.HANDED_OVER, "")


def test_it_believes_a_report_on_what_a_lost_worker_held(posting):
    Message.objects.update(fate=Message.Fate.PROCESSED, fate_at=timezone.now())
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert reap() == 1
    posting.refresh_from_db()
    assert posting.state == State.HANDED_OVER
    assert posting.batch.outcome == Batch.Outcome.UNKNOWN


def test_it_writes_an_answer_down_once(posting):
    answer = Answer(accepted("id-1", status=202))
    settling.settle(posting.batch, [posting], answer)
    settled_at = Message.objects.get().settled_at

    assert settling.settle(posting.batch, [posting], Answer(unknown("Again."))) == []
    message = Message.objects.get()
    assert (message.state, message.settled_at) == (State.HANDED_OVER, settled_at)


def test_it_takes_a_late_answer_for_what_was_called_unknown(posting):
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    reap()
    assert Message.objects.get().state == State.UNKNOWN

    settling.settle(posting.batch, [posting], Answer(accepted("id-1", status=202)))
    assert Message.objects.get().state == State.HANDED_OVER


def test_it_leaves_what_was_sent_again_to_its_new_batch(posting, owner):
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    reap()
    try_again(Message.objects.get(), by=owner)

    settling.settle(posting.batch, [posting], Answer(accepted("id-1", status=202)))
    message = Message.objects.get()
    assert (message.state, message.is_repeat, message.batch) == (State.QUEUED, True, None)


def test_it_strikes_out_who_unsubscribed_while_the_worker_was_busy(posting):
    Batch.objects.update(posting_at=None, claimed_at=timezone.now() - timedelta(seconds=5))
    batch = Batch.objects.get()
    Suppression.objects.create(
        email_hash=address_hash(posting.to_email), scope=Suppression.Scope.ALL, reason=Suppression.Reason.BOUNCED
    )

    assert settling.strike_late(batch, [posting]) == []
    posting.refresh_from_db()
    assert (posting.state, posting.reason) == (State.SKIPPED, "They unsubscribed a moment before it left.")
    assert Batch.objects.get().outcome == Batch.Outcome.RELEASED


def test_it_lets_only_one_worker_begin_a_batch(posting):
    Batch.objects.update(posting_at=None)

    assert settling.begin(posting.batch, 1)
    assert not settling.begin(posting.batch, 1)


def test_it_never_gives_back_what_may_have_left(posting):
    assert settling.release(posting.batch) == 0
    assert Message.objects.get().state == State.CLAIMED


@pytest.mark.parametrize(
    "broken",
    [
        {"outcome": "accepted"},
        {"outcome": "accepted", "answered_at": timezone.now(), "posting_at": None},
        {"answered_at": timezone.now()},
    ],
)
def test_it_keeps_no_batch_that_contradicts_itself(posting, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.update(**broken)


def test_it_settles_a_message_in_place():
    """What changes after the claim is in no index, nor in the condition of one: PostgreSQL needs no new entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'mail_message'")
        definitions = [definition for (definition,) in cursor.fetchall()]

    assert definitions
    assert not [words for words in definitions if re.search(r"\b(state|fate|settled_at|reason)\b", words)]
