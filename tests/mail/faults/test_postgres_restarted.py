"""F9: PostgreSQL crashes and comes back while a worker is in the middle of a batch, before each of its writes."""

import re
from pathlib import Path

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message
from tests.mail.faults import invariants
from tests.mail.faults.conftest import make_due, outlive_the_leases, wait_for
from tests.mail.faults.server import own_server

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State
WRITES = re.compile(r"^(\d+) (commit|execute (INSERT|UPDATE|WITH)|recv_into)", re.M)


def test_it_survives_a_restart_of_postgres_before_each_write(fill, sendgrid, drain_elsewhere, tmp_path):
    with own_server() as server:
        fill(2)
        total = 2
        log = tmp_path / "steps.log"
        assert drain_elsewhere("count_steps", log=str(log)).wait() == 0
        writes = [int(number) for number, *_ in WRITES.findall(log.read_text())]
        assert len(writes) >= 5

        for number in writes[:8]:
            fill(2)
            total += 2
            pause = tmp_path / f"pause-{number}"
            worker = drain_elsewhere("pause_at", step=number, place=str(pause))
            wait_for(pause)
            server.crash()
            Path(f"{pause}.over").touch()
            worker.wait()

            outlive_the_leases()
            reap()
            make_due()
            drain()
            states = invariants.hold(sendgrid, total=total, where=f"restarted before step {number}")
        assert states[State.HANDED_OVER] >= total - 2 * len(writes)
        assert not states[State.QUEUED]
