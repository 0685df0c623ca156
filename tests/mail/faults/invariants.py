"""What must hold after any fault, with the loopback SendGrid as the witness of what was accepted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from crm.mail.models import Batch, Message
from tests.fakes.sendgrid import FakeSendGrid

State = Message.State
NOTICED_WITHIN = 10  # seconds
ENDED = {State.HANDED_OVER, State.SKIPPED, State.EXPIRED, State.REJECTED, State.UNKNOWN}
EXPLAINED = {State.SKIPPED, State.EXPIRED, State.REJECTED, State.UNKNOWN}


def hold(fake: FakeSendGrid, *, total: int, closed: Iterable[str] = (), where: object = "") -> Counter:
    """Check all that can be checked without events; return how many messages are in each state."""
    messages = {str(message.pk): message for message in Message.objects.select_related("batch")}
    nothing_accepted_twice(fake, messages, where)
    everything_explained(fake, messages, total, where)
    nobody_written_to(fake, closed, where)
    nothing_outlives_its_worker(where)
    return Counter(message.state for message in messages.values())


def nothing_accepted_twice(fake: FakeSendGrid, messages: dict[str, Message], where: object = "") -> None:
    """I1: once is the most, unless the message says that it was sent again after a doubt."""
    twice = {
        pk: times for pk, times in fake.accepted_count.items() if times > 1 + getattr(messages.get(pk), "is_repeat", 0)
    }
    assert not twice, f"{where}: accepted more than once: {twice}"
    assert fake.accepted_count.keys() <= messages.keys(), f"{where}: accepted, and not in the ledger"


def everything_explained(fake: FakeSendGrid, messages: dict[str, Message], total: int, where: object = "") -> None:
    """I2: the sum is right, each message is where it says, and what did not leave says why."""
    assert len(messages) == total, f"{where}: {len(messages)} messages in place of {total}"
    for pk, message in messages.items():
        line = f"{where}: {pk} is {message.state} “{message.reason}”, batch {message.batch and message.batch.outcome!r}"
        is_accepted = bool(fake.accepted_count[pk])
        if message.state == State.HANDED_OVER:
            assert is_accepted, f"{line}, and the provider never took it"
        elif is_accepted:
            assert message.state == State.UNKNOWN or message.is_repeat, f"{line}, and the provider took it"
        if message.state in EXPLAINED:
            assert message.reason.endswith("."), f"{line}: not a sentence"
        assert message.state in ENDED or message.state == State.QUEUED, f"{line}: in nobody's hand"


def nobody_written_to(fake: FakeSendGrid, closed: Iterable[str], where: object = "") -> None:
    """I3: no address that was closed before the claim."""
    written = {email.lower() for email in fake.recipients} & {email.lower() for email in closed}
    assert not written, f"{where}: written to although closed: {written}"


def nothing_outlives_its_worker(where: object = "") -> None:
    """I5: no claim, no lease that is over, no lock, no transaction left open."""
    claimed = Message.objects.filter(state=State.CLAIMED).count()
    leased = Batch.objects.filter(outcome="", lease_until__lt=timezone.now()).count()
    assert (claimed, leased) == (0, 0), f"{where}: {claimed} claimed messages, {leased} leases that are over"
    deadline = time.monotonic() + NOTICED_WITHIN
    while (left := _left_open()) != (0, 0) and time.monotonic() < deadline:
        time.sleep(0.05)  # the server ends the statement it is in before it notices that its client is dead
    assert left == (0, 0), f"{where}: {left[0]} locks, {left[1]} open transactions"


def _left_open() -> tuple[int, int]:
    """How many locks others hold, and how many of their transactions are open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND l.pid <> pg_backend_pid()"
            " AND l.pid NOT IN (SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend')"
        )
        (locks,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        )
        (open_transactions,) = cursor.fetchone()
    return locks, open_transactions


def batches_tell_the_truth(fake: FakeSendGrid) -> None:
    """Each message handed over lies in an accepted batch that bears the provider's own id for it."""
    for message in Message.objects.filter(state=State.HANDED_OVER).select_related("batch"):
        _, _, provider_id = fake.taken[str(message.pk)][-1]
        assert message.batch.outcome == Batch.Outcome.ACCEPTED
        assert provider_id in (message.batch.provider_id, message.provider_id)
