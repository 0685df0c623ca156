"""F1: a worker is killed before every statement, commit and half-sent request of a drain, one after the other."""

import signal

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message
from tests.fakes.sendgrid import Rule
from tests.mail.faults import invariants
from tests.mail.faults.conftest import make_due, outlive_the_leases

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State
MOST_STEPS = 120


@pytest.mark.parametrize(("message_class", "number"), [("transactional", 2), ("partner", 2), ("partner", 3)])
def test_it_survives_death_at_each_step(fill, sendgrid, drain_elsewhere, tmp_path, message_class, number):
    """With three, the second is refused and not named: so the request is taken apart, again and again."""
    total, lost, bad = 0, 0, 0
    for last in range(1, MOST_STEPS):
        messages = fill(number, message_class)
        total += number
        if number == 3:
            sendgrid.script(Rule(status=400, to=messages[1].to_email, names=False))
            bad += 1
        log = tmp_path / f"{last}.log"
        code = drain_elsewhere("count_steps", log=str(log), last=last).wait()
        steps = log.read_text().splitlines()
        if code == 0:
            break
        assert code == -signal.SIGKILL, f"step {last}: exit code {code}"

        outlive_the_leases()
        reap()
        make_due()
        drain()
        states = invariants.hold(sendgrid, total=total, where=f"killed before {steps[-1]}")
        has_begun = any('"posting_at" = ' in step for step in steps[:-1])
        assert has_begun or states[State.UNKNOWN] == lost, f"killed before {steps[-1]}: unknown, though it never began"
        assert states[State.REJECTED] <= bad
        lost = states[State.UNKNOWN]
    else:
        pytest.fail("The drain never came to its end.")

    invariants.batches_tell_the_truth(sendgrid)
    assert last > 10
    assert 0 < lost < total
