"""F1: two hundred workers are killed, each at a moment of chance, four at a time, while reports come in."""

import random
import time

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message, MessageClass
from crm.mail.unknowns import settle_unknowns
from tests.mail.faults import invariants
from tests.mail.faults.conftest import bury_the_dead, make_due

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State
DEATHS, AT_ONCE, LONGEST_LIFE = 200, 4, 0.12


def test_it_survives_two_hundred_deaths(fill, sendgrid, drain_elsewhere, client, settings):
    settings.SENDGRID_WEBHOOK_KEY = sendgrid.public_key
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
        known = sorted(sendgrid.taken)
        some = dice.sample(known, min(20, len(known)))
        assert set(sendgrid.post_events(client, sendgrid.events(some, at=int(time.time())))) <= {204}
        invariants.nothing_outlives_its_worker(f"seed {seed}, round {number}")
    make_due()
    drain()

    states = invariants.hold(sendgrid, total=total, where=f"seed {seed}")
    invariants.batches_tell_the_truth(sendgrid)
    assert states[State.HANDED_OVER] > states[State.UNKNOWN], f"seed {seed}: {states}"
    assert not states[State.QUEUED], f"seed {seed}: {states}"

    sendgrid.post_events(client, sendgrid.events(at=int(time.time())), order="shuffled", batch=500, seed=seed)
    settle_unknowns()
    states = invariants.hold(sendgrid, total=total, where=f"seed {seed}, told of all")
    assert states[State.HANDED_OVER] == len(sendgrid.accepted_count), f"seed {seed}: a doubt is left of what was taken"
