"""F10: eight drains at once, two ticks on top of each other, the same work claimed by none twice."""

from collections import Counter

import pytest
from django.db import connection

from crm.mail.actions import drain
from crm.mail.claiming import claim
from crm.mail.models import Message, MessageClass
from crm.mail.rules import rule_of
from crm.mail.transports import Way, chosen
from tests.mail.faults import invariants
from tests.mail.faults.conftest import make_due

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


def test_it_takes_no_more_than_it_asks_for_whatever_the_plan(fill, sendgrid, practice):
    """Statistics that believe the outbox almost empty make a plan that runs a subquery once for each row."""
    fill(300, MessageClass.PARTNER)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = 1, relpages = pg_relation_size('mail_message') / 8192"
            " WHERE relname = 'mail_message'"
        )

    assert claim(Way(chosen()), practice=practice, most=50).taken == 50
    assert Message.objects.filter(state=State.QUEUED).count() == 250


def test_it_keeps_the_weekly_cap_whoever_asks_at_once(fill, sendgrid, drain_elsewhere):
    """Five letters to each of twenty people, claimed by eight workers that cannot see each other's claims."""
    cap = rule_of(MessageClass.PARTNER).weekly_cap
    first = fill(20, MessageClass.PARTNER)
    for _ in range(4):
        others = fill(20, MessageClass.PARTNER)
        for message, original in zip(others, first, strict=True):
            Message.objects.filter(pk=message.pk).update(contact=original.contact_id, to_email=original.to_email)
    workers = [drain_elsewhere() for _ in range(8)]

    assert [worker.wait() for worker in workers] == [0] * 8
    make_due()
    drain()
    states = invariants.hold(sendgrid, total=100)
    assert states == {State.HANDED_OVER: 20 * cap, State.QUEUED: 100 - 20 * cap}
    assert set(Counter(sendgrid.recipients).values()) == {cap}
