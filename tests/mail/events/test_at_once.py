"""Reports that arrive while others do, and while workers hold the rows."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from crm.mail.events import apply_pending, take_in
from crm.mail.models import DeliveryEvent, EventReport, Message
from tests.fakes.sendgrid.events import written
from tests.mail.events.conftest import event, fate

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(posts: list[list[dict]], *, threads: int = 4) -> None:
    def post(events: list[dict]) -> None:
        take_in(written(events))
        connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(post, posts))


def test_it_takes_a_day_of_reports_all_at_once(sent, somebody):
    """The webhook was away; now all of it comes on many connections, in no order, much of it twice."""
    draw = random.Random(7)
    messages = [sent(contact=somebody()) for _ in range(40)]
    events = [
        event(message, kind, after=after)
        for message in messages
        for after, kind in enumerate(("processed", "deferred", "delivered", "open"), 1)
    ]
    events += [event(message, "bounce", after=9) for message in messages[::4]]
    twice = events + draw.choices(events, k=len(events))
    draw.shuffle(twice)

    in_threads([twice[start : start + 15] for start in range(0, len(twice), 15)])
    apply_pending()

    assert DeliveryEvent.objects.count() == len(events)
    assert not EventReport.objects.filter(applied_at=None).exists()
    fates = [fate(message)[::2] for message in messages]
    assert fates == [(50, 9) if number % 4 == 0 else (30, 3) for number in range(40)]


def test_it_gives_way_to_a_worker(sent):
    message = sent()
    held, done = _hold(message)
    try:
        report = take_in(written([event(message)]))
        report.refresh_from_db()
        assert report.applied_at is None
    finally:
        done()
    held.result()

    assert apply_pending() == 1
    assert fate(message)[0] == Message.Fate.DELIVERED


def _hold(message: Message):
    """Another connection that holds the message's row until done() is called."""
    locked, free = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Message.objects.select_for_update().get(pk=message.pk)
            locked.set()
            free.wait(20)
        connection.close()

    pool = ThreadPoolExecutor(1)
    future = pool.submit(hold)
    assert locked.wait(20)
    return future, free.set
