"""F8 and F16: reports early, late, twice, backwards and all at once come to the same, and settle what was in doubt."""

import json
import random
import signal
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client

from crm.mail.actions import drain, reap
from crm.mail.events import apply_pending
from crm.mail.models import DeliveryEvent, EventReport, Message, MessageClass, Suppression
from crm.mail.reports import store
from crm.mail.unknowns import settle_unknowns
from crm.people.models import ConsentEvent
from tests.fakes.sendgrid import FakeSendGrid, Rule
from tests.fakes.sendgrid.events import slices
from tests.mail.faults import invariants
from tests.mail.faults.conftest import bury_the_dead, let_pass, make_due
from tests.mail.faults.test_answers import drain_until_done

State, Fate = Message.State, Message.Fate
STORIES = (
    ("processed", "delivered"),
    ("processed", "deferred", "deferred", "delivered"),
    ("processed", "bounce"),
    ("processed", "delivered", "bounce"),
    ("processed", "delivered", "spamreport"),
    ("processed", "blocked"),
    ("dropped",),
    ("processed", "delivered", "open", "click", "unsubscribe"),
    ("processed",),
    (),
)


@pytest.fixture
def webhook(settings, sendgrid) -> FakeSendGrid:
    """The loopback SendGrid, whose signature we know."""
    settings.SENDGRID_WEBHOOK_KEY = sendgrid.public_key
    return sendgrid


def told_of(fake: FakeSendGrid, messages: list[Message]) -> list[dict]:
    """Each message's story, one after the other."""
    now = int(time.time())
    stories = [STORIES[number % len(STORIES)] for number in range(len(messages))]
    return [
        event
        for message, story in zip(messages, stories, strict=True)
        if str(message.pk) in fake.taken
        for event in fake.events([message.pk], story, at=now)
    ]


def end_state() -> bytes:
    """All that reports may change, to the byte."""
    messages = Message.objects.order_by("pk").values("pk", "state", "reason", "fate", "fate_at", "is_repeat")
    closed = Suppression.objects.values("email_hash", "scope", "reason", "created_at")
    said: dict = defaultdict(list)
    for event in ConsentEvent.objects.order_by("at", "pk").values("contact", "purpose", "state", "source", "at"):
        said[f"{event.pop('contact')} {event.pop('purpose')}"].append(event)
    events = DeliveryEvent.objects.order_by("event_id").values("event_id", "message", "kind", "rank", "happened_at")
    return json.dumps(
        [list(messages), sorted(map(str, closed)), said, list(events)], default=_plain, sort_keys=True
    ).encode()


def _plain(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


@pytest.mark.django_db
def test_it_comes_to_the_same_in_any_order_and_number(fill, webhook, client):
    letters = fill(30, MessageClass.PARTNER) + fill(10)
    webhook.script(Rule(status=500, accepts=True, times=3), Rule(status=500, times=2))
    drain_until_done()
    happened = told_of(webhook, letters)
    seed = random.randrange(10**6)
    ways = [("given", 1, None), ("reversed", 1, 7), ("given", 1, 1), ("reversed", 2, None)]
    ways += [("shuffled", copies, size) for copies, size in ((1, 1), (1, 5), (2, 9), (3, None), (3, 30))]
    ends = {}
    for number, (order, copies, size) in enumerate(ways):
        with transaction.atomic():
            answers = webhook.post_events(client, happened, order=order, copies=copies, batch=size, seed=seed + number)
            assert set(answers) == {204}
            apply_pending()
            settle_unknowns()
            ends[end_state()] = f"{order}, {copies} copies, {size} at a time, seed {seed + number}"
            transaction.set_rollback(True)
    assert len(ends) == 1, f"not the same: {list(ends.values())}"

    webhook.post_events(client, happened, order="shuffled", seed=seed)
    before = end_state()
    assert before in ends
    call_command("rebuild", verbosity=0)
    assert end_state() == before, f"rebuilt otherwise, seed {seed}"
    invariants.hold(webhook, total=40)
    assert not Message.objects.filter(state=State.UNKNOWN, pk__in=list(webhook.taken), fate__gt=0).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("then", ["answer", "hang up"])
def test_it_believes_a_report_that_is_faster_than_the_answer(fill, webhook, client, then):
    message, *_ = fill(1)
    webhook.script(Rule(holds=True, then=then))
    with ThreadPoolExecutor(1) as pool:
        drained = pool.submit(_in_thread, drain)
        assert webhook.got_one.wait(20)
        assert webhook.post_events(client) == [204]
        message.refresh_from_db()
        assert (message.state, message.fate) == (State.CLAIMED, Fate.DELIVERED)
        webhook.go_on.set()
        drained.result()

    assert invariants.hold(webhook, total=1) == {State.HANDED_OVER: 1}
    message.refresh_from_db()
    assert (message.reason, message.fate) == ("", Fate.DELIVERED)


@pytest.mark.django_db(transaction=True)
def test_it_settles_what_dead_workers_left_unknown(fill, webhook, client, drain_elsewhere):
    fill(6)
    webhook.script(Rule(holds=True))
    worker = drain_elsewhere()
    assert webhook.got_one.wait(20)
    worker.kill()
    bury_the_dead()
    reap()
    webhook.script()
    drain()
    before = invariants.hold(webhook, total=6)
    assert before[State.UNKNOWN] >= 1

    webhook.post_events(client, order="shuffled", copies=2)
    settle_unknowns()
    after = invariants.hold(webhook, total=6)
    assert after[State.HANDED_OVER] == len(webhook.accepted_count)
    assert after[State.HANDED_OVER] + after[State.UNKNOWN] == 6


@pytest.mark.django_db(transaction=True)
def test_it_takes_in_a_day_of_reports_at_once(fill, webhook, client):
    """The webhook is away for a day: nothing in doubt is sent again meanwhile, and then all of it comes, eightfold."""
    fill(20)
    fill(200, MessageClass.PARTNER)
    webhook.script(Rule(status=500, accepts=True, fraction=0.5, times=8))
    drain_until_done()
    assert Message.objects.filter(state=State.UNKNOWN).count() >= 8
    happened = webhook.events(kinds=("processed", "deferred", "delivered"), at=int(time.time()))
    for _hours in range(4):
        let_pass(timedelta(hours=6))
        reap()
        settle_unknowns()
        make_due()
        drain()
    invariants.hold(webhook, total=220)
    assert max(webhook.accepted_count.values()) == 1, "sent again while the webhook was away"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda seed: _in_thread(_post_all, webhook, happened, seed), range(8)))
    assert {answer for some in answers for answer in some} == {204}
    apply_pending()
    settle_unknowns()
    assert invariants.hold(webhook, total=220) == {State.HANDED_OVER: 220}
    assert set(Message.objects.values_list("fate", flat=True)) == {Fate.DELIVERED}
    assert DeliveryEvent.objects.count() == 660


@pytest.mark.django_db
def test_it_spares_a_second_try_that_a_report_makes_needless(fill, webhook, client):
    message, *_ = fill(1)
    webhook.script(Rule(status=500, accepts=True, times=1))
    drain()
    let_pass(timedelta(hours=2))
    fill(1)
    make_due()
    drain()
    webhook.post_events(client, webhook.events([Message.objects.exclude(pk=message.pk).get().pk], at=int(time.time())))
    let_pass(timedelta(hours=1))
    settle_unknowns()
    message.refresh_from_db()
    assert (message.state, message.is_repeat) == (State.QUEUED, True)

    webhook.post_events(client, webhook.events([message.pk], at=int(time.time())))
    drain_until_done()
    assert invariants.hold(webhook, total=2) == {State.HANDED_OVER: 2}
    assert set(webhook.accepted_count.values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_it_applies_every_report_however_often_its_worker_dies(fill, webhook, nursery, tmp_path):
    """Stored first, applied after: a worker is killed at each step of applying, and the next one goes on."""
    letters = fill(20, MessageClass.PARTNER)
    drain_until_done()
    for part in slices(told_of(webhook, letters), 9):
        store(webhook.signed(part)[0])
    for last in range(1, 200):
        trap = {"name": "count_steps", "arguments": {"log": str(tmp_path / f"{last}.log"), "last": last}}
        code = nursery.run("crm.mail.events.apply_pending", settings={}, trap=trap).wait()
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert last > 15
    assert not EventReport.objects.filter(applied_at=None).exists()
    reached = end_state()
    call_command("rebuild", verbosity=0)
    assert end_state() == reached
    invariants.nothing_outlives_its_worker()


def _post_all(fake: FakeSendGrid, happened: list[dict], seed: int) -> list[int]:
    return fake.post_events(Client(), happened, order="shuffled", batch=83, seed=seed)


def _in_thread(work, *arguments):
    try:
        return work(*arguments)
    finally:
        connections.close_all()


@pytest.mark.django_db
def test_it_sends_a_reminder_in_doubt_once_more_and_says_so(fill, webhook, client):
    """Nothing was heard of it while others were heard of: twice harms less than never, but not three times."""
    fill(4)
    fill(4, MessageClass.PARTNER)
    webhook.script(Rule(status=500, accepts=True))
    drain_until_done()
    webhook.script()
    for _ in range(4):
        let_pass(timedelta(minutes=20))
        fill(1)
        drain_until_done()
        others = list(Message.objects.filter(state=State.HANDED_OVER, is_repeat=False))
        webhook.post_events(client, webhook.events([message.pk for message in others], at=int(time.time())))
        reap()
        settle_unknowns()
    drain_until_done()

    states = invariants.hold(webhook, total=12)
    assert (states[State.HANDED_OVER], states[State.UNKNOWN]) == (8, 4)
    assert Message.objects.filter(is_repeat=True).count() == 4
    assert sorted(webhook.accepted_count.values()) == [1] * 8 + [2] * 4
