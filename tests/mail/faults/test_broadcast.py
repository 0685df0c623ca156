"""F11 and F17: a broadcast is cancelled while it leaves, launched twice, and its audience changes meanwhile."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from campaigns.actions import TooLate, cancel, launch_due, schedule
from campaigns.models import Audience, Broadcast, Recipient
from crm.mail.actions import drain, reap
from crm.mail.models import Message
from crm.mail.transports.sendgrid import SendGridTransport
from partners.models import Kind, Partner, Stage
from tests.campaigns.conftest import crowd, write_letter
from tests.fakes.sendgrid import Rule
from tests.mail.faults import invariants
from tests.mail.faults.conftest import make_due

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State


@pytest.fixture
def due(open_all_day) -> Broadcast:
    audience = Audience.objects.create(name="Gyms", kinds=[Kind.GYM], stages=[Stage.ACTIVE])
    return Broadcast.objects.create(
        letter=write_letter(), audience=audience, state=Broadcast.State.SCHEDULED, send_at=timezone.now()
    )


def test_it_holds_back_what_has_not_left_and_never_sends_it_later(due, owner, sendgrid, monkeypatch):
    monkeypatch.setattr(SendGridTransport, "most_per_request", 50)
    monkeypatch.setattr(SendGridTransport, "connections", 1)
    crowd(500)
    launch_due()
    sendgrid.script(Rule(holds=True, times=1))
    with ThreadPoolExecutor(1) as pool:
        drained = pool.submit(_drain_in_thread)
        assert sendgrid.got_one.wait(20)
        assert cancel(due, by=owner) == 450
        sendgrid.go_on.set()
        assert drained.result() == 50
    with pytest.raises(TooLate):
        cancel(due, by=owner)
    with pytest.raises(TooLate):
        schedule(due, at=None, by=owner)

    reap()
    make_due()
    drain()
    assert invariants.hold(sendgrid, total=500) == {State.HANDED_OVER: 50, State.SKIPPED: 450}


def _drain_in_thread() -> int:
    try:
        return drain()
    finally:
        connections.close_all()


def test_it_launches_once_and_writes_to_whom_it_froze(due, sendgrid, nursery):
    gym = crowd(120)
    reach = {"SENDGRID_API_KEY": sendgrid.key, "SENDGRID_API_URL": sendgrid.url}
    workers = [nursery.run("crm.office.tick.work", settings=reach) for _ in range(4)]
    while not Recipient.objects.exists():
        time.sleep(0.005)
    Partner.objects.filter(pk=gym.pk).update(stage=Stage.DORMANT)  # from now on nobody is in the audience
    crowd(7, "latecomer")

    assert [worker.wait() for worker in workers] == [0] * 4
    assert (launch_due(), Recipient.objects.count()) == (0, 120)
    drain()
    assert invariants.hold(sendgrid, total=120) == {State.HANDED_OVER: 120}


def test_it_launches_once_however_often_a_worker_dies_in_it(due, sendgrid, nursery, tmp_path):
    crowd(30)
    reach = {"SENDGRID_API_KEY": sendgrid.key, "SENDGRID_API_URL": sendgrid.url}
    for last in range(1, 200):
        trap = {"name": "count_steps", "arguments": {"log": str(tmp_path / f"{last}.log"), "last": last}}
        code = nursery.run("campaigns.actions.launch_due", settings=reach, trap=trap).wait()
        if code == 0:
            break
        assert code == -signal.SIGKILL
        if Recipient.objects.exists():  # it died after it had committed
            break
    assert last > 10
    launch_due()
    assert Message.objects.count() == Recipient.objects.count() == 30
    drain()
    assert invariants.hold(sendgrid, total=30) == {State.HANDED_OVER: 30}
