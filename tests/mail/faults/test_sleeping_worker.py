"""F14: a worker sleeps past its lease (a suspended machine, a clock that jumps), others take over, and it wakes up."""

from pathlib import Path

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message, MessageClass
from tests.mail.faults import invariants
from tests.mail.faults.conftest import make_due, outlive_the_leases, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State


@pytest.mark.parametrize("kind", ["alone", "together", "too large"])
def test_it_sends_nothing_that_others_have_taken_over(fill, sendgrid, drain_elsewhere, tmp_path, kind):
    """Messages with a request each; two in one request; two, of which one turns out to need a request of its own."""

    def fill_two() -> None:
        first, _ = fill(2, MessageClass.TRANSACTIONAL if kind == "alone" else MessageClass.PARTNER)
        if kind == "too large":
            Message.objects.filter(pk=first.pk).update(values={"first_name": "A" * 11_000})

    log = tmp_path / "steps.log"
    fill_two()
    assert drain_elsewhere("count_steps", log=str(log)).wait() == 0
    steps = log.read_text().splitlines()
    # In the middle of a statement that holds locks the others wait for it, which is right and is not what is tried.
    awake = [number for number, name, *_ in (step.split() for step in steps) if name not in ("half", "recv_into")]
    total = 2
    for number in awake[4::2]:  # threads share the counting, so each run tries other steps
        fill_two()
        total += 2
        pause = tmp_path / f"pause-{number}"
        worker = drain_elsewhere("pause_at", step=int(number), place=str(pause))
        wait_for(pause)
        if not _holds_locks():
            outlive_the_leases()
            reap()
            make_due()
            drain()
        Path(f"{pause}.over").touch()
        assert worker.wait() == 0

        where = f"asleep before {steps[int(number) - 1]}"
        states = invariants.hold(sendgrid, total=total, where=where)
        assert not states[State.QUEUED], where
        invariants.batches_tell_the_truth(sendgrid)


def _holds_locks() -> bool:
    """Does the sleeper hold rows? Then it sleeps inside a transaction, and nobody could take over."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%' AND backend_xid IS NOT NULL"
        )
        return bool(cursor.fetchone()[0])
