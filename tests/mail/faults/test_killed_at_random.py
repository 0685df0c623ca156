"""F1: two hundred workers are killed, each at a moment of chance, four at a time on one outbox."""

import random
import time

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message, MessageClass
from tests.mail.faults import invariants
from tests.mail.faults.conftest import bury_the_dead, make_due

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State
DEATHS, AT_ONCE, LONGEST_LIFE = 200, 4, 0.12


def test_it_survives_two_hundred_deaths(fill, sendgrid, drain_elsewhere):
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    sendgrid.latency = 0.003
    total = 0
    for number in range(DEATHS // AT_ONCE):
        fill(8)
        fill(40, MessageClass.PARTNER, priority=Message.Priority.BULK)
        total += 48
        deaths = sorted(dice.uniform(0, LONGEST_LIFE) for _ in range(AT_ONCE))
        began = time.monotonic()
        workers = [drain_elsewhere() for _ in deaths]
        for worker, moment in zip(workers, deaths, strict=True):
            time.sleep(max(0, began + moment - time.monotonic()))
            worker.kill()
        bury_the_dead()
        reap()
        invariants.nothing_outlives_its_worker(f"seed {seed}, round {number}")
    make_due()
    drain()

    states = invariants.hold(sendgrid, total=total, where=f"seed {seed}")
    invariants.batches_tell_the_truth(sendgrid)
    assert states[State.HANDED_OVER] > states[State.UNKNOWN], f"seed {seed}: {states}"
    assert not states[State.QUEUED], f"seed {seed}: {states}"
