"""Workers die at the worst moments: every message still ends in a state that says what is known, and leaves once."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from crm.mail.actions import drain, reap
from crm.mail.models import Batch, Message

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State

DRAIN = "import django; django.setup(); from crm.mail import actions, sending, settling; {trap}; actions.drain()"
DIES_AFTER_CLAIM = "import os; sending.Drain.begin = lambda *parcel: os.kill(os.getpid(), 9)"
DIES_WITH_ALL_IN_HAND = "import os; settling.settle = lambda *outcome: os.kill(os.getpid(), 9)"


@pytest.fixture
def drain_elsewhere(sendgrid):
    """drain_elsewhere(trap): a drain in a process of its own, against the test's database and SendGrid."""
    name = connection.settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "SENDGRID_API_KEY": sendgrid.key,
        "SENDGRID_API_URL": sendgrid.url,
    }
    started = []

    def start(trap: str = "pass") -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", DRAIN.format(trap=trap)], env=environment, cwd=django_settings.BASE_DIR
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def states() -> list[str]:
    return sorted(Message.objects.values_list("state", flat=True))


def outlive_the_lease() -> None:
    Batch.objects.filter(outcome="").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_it_sends_later_what_a_killed_worker_had_only_claimed(write, sendgrid, drain_elsewhere):
    write(), write()
    process = drain_elsewhere(DIES_AFTER_CLAIM)
    process.wait(30)

    assert process.returncode == -signal.SIGKILL
    assert states() == [State.CLAIMED, State.CLAIMED]
    assert (reap(), drain()) == (0, 0)  # its lease has not run out: it might still be alive

    outlive_the_lease()
    assert (reap(), drain()) == (2, 2)
    assert states() == [State.HANDED_OVER, State.HANDED_OVER]
    assert len(sendgrid.accepted) == 2


def test_it_never_resends_what_a_worker_was_killed_while_handing_over(write, sendgrid, drain_elsewhere):
    message = write()
    sendgrid.hangs = True
    process = drain_elsewhere()
    assert sendgrid.got_one.wait(30)
    process.kill()
    process.wait()
    message.refresh_from_db()
    assert message.is_on_its_way

    sendgrid.hangs = False
    sendgrid.go_on.set()
    outlive_the_lease()
    assert (reap(), drain(), reap(), drain()) == (1, 0, 0, 0)
    message.refresh_from_db()
    assert message.state == State.UNKNOWN
    assert message.reason.endswith("It may have left, so it is not sent again by itself.")
    assert len(sendgrid.accepted) == 1


def test_it_never_resends_after_an_answer_that_was_not_written_down(write, sendgrid, drain_elsewhere):
    write(), write()
    drain_elsewhere(DIES_WITH_ALL_IN_HAND).wait(30)
    assert states() == [State.CLAIMED, State.CLAIMED]
    left = len(sendgrid.accepted)

    outlive_the_lease()
    assert (reap(), drain()) == (2, 2 - left)
    assert states() == sorted([State.UNKNOWN] * left + [State.HANDED_OVER] * (2 - left))
    assert set(sendgrid.accepted_count.values()) == {1}


@pytest.mark.parametrize("way", ["local", "sendgrid"])
def test_it_sends_each_message_once_from_eight_workers(write, request, way):
    fake = request.getfixturevalue("sendgrid") if way == "sendgrid" else None
    for _ in range(120):
        write()
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(drain())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(counts) == 120
    assert set(states()) == {State.HANDED_OVER}
    if fake:
        posted = [payload["personalizations"][0]["custom_args"]["rapport_message"] for payload in fake.accepted]
        assert len(posted) == len(set(posted)) == 120


def test_it_writes_down_a_late_answer_on_a_message_called_unknown(write, sendgrid):
    message = write()
    sendgrid.hangs = True
    worker = threading.Thread(target=lambda: (drain(), connection.close()))
    worker.start()
    assert sendgrid.got_one.wait(30)
    outlive_the_lease()
    assert reap() == 1  # what happens to a post that is too slow
    sendgrid.hangs = False
    sendgrid.go_on.set()
    worker.join()

    message.refresh_from_db()
    assert (message.state, message.batch.provider_id) == (State.HANDED_OVER, "fake-1")
