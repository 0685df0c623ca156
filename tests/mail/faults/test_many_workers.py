"""F10: eight drains at once, two ticks on top of each other, the same work claimed by none twice."""

import pytest

from crm.mail.models import Message, MessageClass
from tests.mail.faults import invariants

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State


def test_it_sends_each_message_once_from_eight_workers(fill, sendgrid, drain_elsewhere):
    fill(80)
    fill(400, MessageClass.PARTNER)
    workers = [drain_elsewhere() for _ in range(8)]

    assert [worker.wait() for worker in workers] == [0] * 8
    assert invariants.hold(sendgrid, total=480) == {State.HANDED_OVER: 480}
    invariants.batches_tell_the_truth(sendgrid)


def test_it_ticks_twice_at_once(fill, sendgrid, nursery):
    fill(60)
    reach = {"SENDGRID_API_KEY": sendgrid.key, "SENDGRID_API_URL": sendgrid.url}
    workers = [nursery.run("crm.office.tick.work", settings=reach) for _ in range(4)]

    assert [worker.wait() for worker in workers] == [0] * 4
    assert invariants.hold(sendgrid, total=60) == {State.HANDED_OVER: 60}
