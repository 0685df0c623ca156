"""F1 over SMTP: killed while letters go out one after the other on one connection, each with its own last byte."""

import signal
from collections import Counter
from email.utils import parseaddr

import pytest

from crm.mail.actions import drain, reap
from crm.mail.models import Message
from tests.fakes.smtp import FakeSmtp
from tests.mail.faults import invariants
from tests.mail.faults.conftest import bury_the_dead, make_due

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State
ENVELOPE = ("b'mail", "b'rcpt", "b'data", "b'ehlo")  # nothing can have been taken before the words follow


class Witness:
    """What an SMTP server has accepted, told as the loopback SendGrid tells it."""

    def __init__(self, server: FakeSmtp) -> None:
        self.server = server

    @property
    def accepted_count(self) -> Counter:
        return Counter(str(mail["Message-ID"])[1:].partition("@")[0] for mail in self.server.accepted)

    @property
    def recipients(self) -> list[str]:
        return [parseaddr(str(mail["To"]))[1] for mail in self.server.accepted]


@pytest.mark.parametrize(("is_group", "begins"), [(False, "b'data"), (True, "b'mail")])
def test_it_survives_death_at_each_step_of_a_letter(fill, smtp, nursery, tmp_path, is_group, begins):
    smtp.takes_groups = is_group
    reach = {"SMTP_URL": smtp.url}
    run = "crm.mail.actions.drain"
    total = len(fill(2))
    log = tmp_path / "all.log"
    assert nursery.run(run, settings=reach, trap={"name": "count_steps", "arguments": {"log": str(log)}}).wait() == 0
    steps = log.read_text().splitlines()
    first = next(number for number, step in enumerate(steps, 1) if begins in step.lower())
    tried = [n for n, step in enumerate(steps[first:], first + 1) if not any(word in step.lower() for word in ENVELOPE)]
    assert len(tried) > 12
    for last in tried[:7] + tried[-5:]:  # the first letter's words and last byte, and what is written down after all
        total += len(fill(2))
        log = tmp_path / f"{last}.log"
        trap = {"name": "count_steps", "arguments": {"log": str(log), "last": last}}
        assert nursery.run(run, settings=reach, trap=trap).wait() in (-signal.SIGKILL, 0)
        bury_the_dead()
        reap()
        make_due()
        drain()
        invariants.hold(Witness(smtp), total=total, where=f"killed before {log.read_text().splitlines()[-1]}")
    assert 0 < Message.objects.filter(state=State.UNKNOWN).count() < total


def test_it_never_resends_what_a_vanished_server_may_have_taken(fill, smtp):
    fill(5)
    smtp.vanishes_after_data = True
    drain()
    make_due()
    smtp.vanishes_after_data = False
    drain()
    reap()
    drain()

    states = invariants.hold(Witness(smtp), total=5)
    assert states == {State.UNKNOWN: 1, State.HANDED_OVER: 4}
