"""Workers that meet, and workers that die: nothing leaves twice, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from campaigns.actions import cancel, launch_due
from campaigns.models import Broadcast, Recipient
from crm.mail.models import Content, Message
from crm.people.models import PracticeProfile, User
from tests.campaigns.conftest import crowd, write_letter

pytestmark = pytest.mark.django_db(transaction=True)

CHILD = "import django; django.setup(); from campaigns.actions import launch_due; launch_due()"


@pytest.fixture
def due(audience) -> Broadcast:
    PracticeProfile.objects.update_or_create(pk=1, defaults={"street": "12 Quay Street", "city": "Ottawa"})
    return Broadcast.objects.create(
        letter=write_letter(), audience=audience, state=Broadcast.State.SCHEDULED, send_at=timezone.now()
    )


def _launch_in_thread(_number: int) -> int:
    try:
        return launch_due()
    finally:
        connections.close_all()


def test_it_launches_once_with_eight_workers(due):
    crowd(200)

    with ThreadPoolExecutor(8) as pool:
        launched = list(pool.map(_launch_in_thread, range(8)))

    assert sum(launched) == 1
    assert Message.objects.count() == Recipient.objects.count() == 200
    assert Content.objects.count() == 1


def test_it_begins_again_after_a_worker_was_killed(due):
    crowd(50)
    with psycopg.connect(**_parameters()) as other:
        # The worker has written the recipients and waits for the outbox: that is where it dies.
        other.execute("LOCK TABLE mail_message IN EXCLUSIVE MODE")
        worker = subprocess.Popen([sys.executable, "-c", CHILD], env=_environment())
        _wait_until_blocked(other)
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    due.refresh_from_db()
    assert due.state == Broadcast.State.SCHEDULED
    assert not Recipient.objects.exists() and not Message.objects.exists()
    _wait_until_unlocked(due)
    assert launch_due() == 1
    assert Message.objects.count() == Recipient.objects.count() == 50


def test_it_never_calls_held_back_what_a_worker_is_just_taking(due, owner):
    crowd(3)
    launch_due()
    with ThreadPoolExecutor(1) as pool, psycopg.connect(**_parameters()) as worker:
        worker.execute("UPDATE mail_message SET state = 'handed_over', settled_at = now()")
        held_back = pool.submit(_cancel_in_thread, due, owner)
        _wait_until_waiting(worker)
        worker.commit()

    assert held_back.result() == 0
    assert set(Message.objects.values_list("state", flat=True)) == {Message.State.HANDED_OVER}


def _cancel_in_thread(broadcast: Broadcast, owner: User) -> int:
    try:
        return cancel(broadcast, by=owner)
    finally:
        connections.close_all()


def _wait_until_waiting(other: psycopg.Connection) -> None:
    """Wait until somebody waits for the rows that this connection holds."""
    deadline = time.monotonic() + 60
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    while not other.execute(waiting).fetchone()[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _parameters() -> dict[str, str]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port") if known.get(name)}


def _environment() -> dict[str, str]:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    return {
        **os.environ,
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }


def _wait_until_blocked(other: psycopg.Connection) -> None:
    deadline = time.monotonic() + 60
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mail_message'::regclass"
    while other.execute(waiting).fetchone()[0] == 0:
        assert time.monotonic() < deadline, "the worker never came to the outbox"


def _wait_until_unlocked(due: Broadcast) -> None:
    """The server notices in its own time that the dead worker's connection is gone."""
    deadline = time.monotonic() + 30
    while not Broadcast.objects.raw(
        "SELECT id FROM campaigns_broadcast WHERE id = %s FOR UPDATE SKIP LOCKED", [due.pk]
    ):
        assert time.monotonic() < deadline, "the dead worker's lock is still held"
