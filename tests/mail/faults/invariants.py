"""What must hold after any fault, with the loopback SendGrid as the witness of what was accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from time import monotonic, sleep

from django.db import connection
from django.utils import timezone

from crm.mail.models import Batch, Message
from tests.fakes.sendgrid import FakeSendGrid

State = Message.State
ENDED = {State.HANDED_OVER, State.SKIPPED, State.EXPIRED, State.REJECTED, State.UNKNOWN}
NOTICED_WITHIN = 20  # seconds
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
    deadline = monotonic() + NOTICED_WITHIN
    while left := _locks_and_transactions():
        assert monotonic() < deadline, f"{where}: still there: {left}"
        sleep(0.02)


def _locks_and_transactions() -> list[tuple]:
    """What other sessions hold. The server ends the statement of a dead worker before it sees that nobody listens."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, left(query, 60) FROM pg_stat_activity a WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND (state LIKE 'idle in transaction%'"
            " OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype IN ('relation', 'advisory')))"
        )
        return cursor.fetchall()


def batches_tell_the_truth(fake: FakeSendGrid) -> None:
    """What was handed over lies in an accepted batch with the provider's own id, or a report has settled the doubt."""
    for message in Message.objects.filter(state=State.HANDED_OVER).select_related("batch"):
        if message.fate and message.batch.outcome == Batch.Outcome.UNKNOWN:
            continue
        _, _, provider_id = fake.taken[str(message.pk)][-1]
        assert message.batch.outcome == Batch.Outcome.ACCEPTED, f"{message.pk}: {message.batch.outcome!r}"
        assert provider_id in (message.batch.provider_id, message.provider_id)
