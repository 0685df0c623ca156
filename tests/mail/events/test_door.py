from __future__ import annotations

import json
import logging

import pytest
from django.db import connection
from django.test import Client

from crm.mail.models import DeliveryEvent, EventReport
from tests.fakes.sendgrid.events import SIGNATURE, TIMESTAMP, Signer, written
from tests.mail.events.conftest import event

pytestmark = pytest.mark.django_db


def test_it_says_yes_once_an_event_is_kept(hook, sent):
    message = sent()

    assert hook.post([event(message)]) == 204

    assert DeliveryEvent.objects.get().message == message


def test_it_refuses_the_wrong_method(hook):
    assert hook.client.get("/mail/events/").status_code == 405


@pytest.mark.parametrize(
    "changed",
    [
        {SIGNATURE: None},
        {TIMESTAMP: None},
        {SIGNATURE: "not base64"},
        {SIGNATURE: "MEUCIQDx"},
        {TIMESTAMP: "1700000001"},
        {"body": b"\xff\xfe not text"},
        {"body": b""},
    ],
    ids=str,
)
def test_it_refuses_junk(hook, changed):
    assert hook.post([event()], **changed) == 403

    assert not EventReport.objects.exists()


def test_it_refuses_a_body_without_its_last_line_break(hook):
    body = written([event()])

    assert hook.post(body, body=body.rstrip()) == 403


def test_it_refuses_everything_without_a_key(hook, settings):
    settings.SENDGRID_WEBHOOK_KEY = ""

    assert hook.post([event()]) == 403


def test_it_takes_both_keys_while_one_replaces_the_other(hook, settings):
    old, hook.signer = hook.signer, Signer()
    settings.SENDGRID_WEBHOOK_KEY = f"{old.public_key}, {hook.signer.public_key}"

    assert hook.post([event()]) == 204
    hook.signer = old
    assert hook.post([event()]) == 204
    hook.signer = Signer()
    assert hook.post([event()]) == 403


def test_it_refuses_what_is_larger_than_sendgrid_ever_posts(hook):
    assert hook.post(b" " * 1_500_001) == 403


def test_it_does_no_work_for_junk(hook, django_assert_num_queries, caplog):
    hook.client.cookies["sessionid"] = "junk"
    with django_assert_num_queries(0), caplog.at_level(logging.DEBUG):
        assert hook.post([event()], **{SIGNATURE: "AAAA"}) == 403
        assert hook.client.get("/mail/events/").status_code == 405

    assert caplog.text == ""


def test_it_needs_no_more_queries_for_a_thousand_events(hook, sent, django_assert_max_num_queries):
    message = sent()
    connection.ensure_connection()
    body = written([event(message, after=n) for n in range(1000)])

    with django_assert_max_num_queries(14):
        assert hook.post(body) == 204

    assert DeliveryEvent.objects.count() == 1000


def test_it_takes_a_post_of_768_kb(hook, sent):
    message, events = sent(), []
    while len(written(events)) < 768 * 1024:
        events += [event(message, after=len(events) + n) for n in range(400)]

    assert hook.post(events) == 204

    assert DeliveryEvent.objects.count() == EventReport.objects.get().size == len(events)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"{}", b"[", b"[NaN]", b"[" * 9000, b'{"event": "delivered"}'])
def test_it_keeps_what_is_signed_and_cannot_be_read(hook, body):
    body += b"\r\n"  # an empty body is signed too

    assert hook.post(body) == 204

    report = EventReport.objects.get()
    assert (bytes(report.unreadable), report.size) == (body, 0)
    assert not DeliveryEvent.objects.exists()


def test_it_keeps_what_can_be_read_beside_what_cannot(hook, sent):
    good, strange = event(sent()), {"event": "account_status_change", "timestamp": "2026-03-02"}

    assert hook.post([strange, good, 7, {**good, "timestamp": 1e300}]) == 204

    report = EventReport.objects.get()
    assert DeliveryEvent.objects.get().raw == good
    assert json.loads(bytes(report.unreadable)) == [strange, 7, {**good, "timestamp": 1e300}]


def test_it_mends_characters_that_the_database_cannot_hold(hook, sent):
    odd = event(sent(), "bounce", reason="no\0 such \ud800 box", sg_message_id="\0")

    assert hook.post([odd, event(sent())]) == 204

    assert DeliveryEvent.objects.count() == 2
    assert DeliveryEvent.objects.get(kind="bounce").reason == "no\N{REPLACEMENT CHARACTER} such ? box"


def test_it_takes_each_event_once(hook, sent):
    events = [event(sent()), event(sent(), "bounce")]

    for posts in range(3):
        assert hook.post([*events, *events]) == 204
        assert (DeliveryEvent.objects.count(), EventReport.objects.count()) == (2, posts + 1)


def test_it_knows_an_event_without_an_id_by_its_words(hook, sent):
    nameless = event(sent(), sg_event_id="")
    long = event(sent(), sg_event_id="x" * 101)

    for _post in range(2):
        hook.post([nameless, dict(reversed(nameless.items())), long, {**nameless, "timestamp": 1_700_000_000}])

    assert DeliveryEvent.objects.count() == 3


def test_it_asks_for_no_cookie_and_sets_none(hook):
    signed = written([event()])
    headers = {name: value for name, value in hook.signer.headers(signed).items() if name != "Content-Type"}
    answer = Client(enforce_csrf_checks=True).post(
        "/mail/events/", data=signed, content_type="application/json", headers=headers
    )

    assert (answer.status_code, answer.cookies) == (204, {})


def test_it_says_no_when_it_could_not_keep_it(hook):
    """So SendGrid tells it again. The disk is full, or the database away."""
    hook.client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mail_deliveryevent ADD CONSTRAINT disk_full CHECK (kind = '')")

    assert hook.post([event()]) == 500
    assert not EventReport.objects.exists()
