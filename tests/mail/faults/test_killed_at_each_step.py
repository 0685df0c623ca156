"""F1: a worker is killed before every statement, commit and half-sent request of a drain, one after the other."""

import signal
from collections.abc import Callable

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message, MessageClass
from tests.fakes.sendgrid import Rule
from tests.mail.faults import invariants
from tests.mail.faults.conftest import bury_the_dead, make_due

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State
MOST_STEPS = 120


@pytest.mark.parametrize("message_class", [MessageClass.TRANSACTIONAL, MessageClass.PARTNER])
def test_it_survives_death_at_each_step(fill, sendgrid, kill_at_each_step, message_class):
    kill_at_each_step(lambda: fill(2, message_class))

    assert not Message.objects.filter(state=State.REJECTED).exists()


def test_it_survives_death_while_a_refused_request_is_taken_apart(fill, sendgrid, kill_at_each_step):
    """The second of three is refused and not named, so the request is taken apart, again and again."""

    def fill_three() -> list[Message]:
        messages = fill(3, MessageClass.PARTNER)
        sendgrid.script(Rule(status=400, to=messages[1].to_email, names=False))
        return messages

    deaths = kill_at_each_step(fill_three, after="recv_into", stride=2)
    assert Message.objects.filter(state=State.REJECTED).count() <= deaths + 2


@pytest.fixture
def kill_at_each_step(sendgrid, drain_elsewhere, tmp_path) -> Callable[..., int]:
    """kill_at_each_step(fill): a worker for each step, killed before it; return how many died.

    With ``after``, the steps up to the first of that name are left out: they have been tried elsewhere. Threads share
    the counting, so with a ``stride`` each run tries other steps.
    """

    def make(fill: Callable[[], list[Message]], *, after: str = "", stride: int = 1) -> int:
        total, lost, deaths = len(fill()), 0, 0
        log = tmp_path / "all.log"
        assert drain_elsewhere("count_steps", log=str(log)).wait() == 0
        names = [step.split()[1] for step in log.read_text().splitlines()]
        for last in range(names.index(after) + 1 if after else 1, MOST_STEPS, stride):
            total += len(fill())
            log = tmp_path / f"{last}.log"
            code = drain_elsewhere("count_steps", log=str(log), last=last).wait()
            steps = log.read_text().splitlines()
            if code == 0:
                break
            assert code == -signal.SIGKILL, f"step {last}: exit code {code}"
            deaths += 1
            _take_over()
            states = invariants.hold(sendgrid, total=total, where=f"killed before {steps[-1]}")
            has_begun = any('"posting_at" = ' in step for step in steps[:-1])
            assert has_begun or states[State.UNKNOWN] == lost, f"killed before {steps[-1]}: unknown, and never begun"
            lost = states[State.UNKNOWN]
        invariants.batches_tell_the_truth(sendgrid)
        assert deaths > 10
        assert 0 < lost < total
        return deaths

    return make


def _take_over() -> None:
    """What the next workers do when the dead one's lease is over."""
    bury_the_dead()
    reap()
    make_due()
    drain()
