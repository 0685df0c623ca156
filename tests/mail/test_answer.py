from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.answer import answer
from crm.mail.history import events_of
from crm.mail.models import Batch, InboundMail, Message, MessageClass
from tests.mail.happenings import put, report

pytestmark = pytest.mark.django_db
State, Fate = Message.State, Message.Fate


def said(message: Message) -> str:
    found = answer(message, events_of(message))
    return f"{found.said} {found.more}"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.CLAIMED, "It is leaving right now: SendGrid has not answered yet."),
        (State.SKIPPED, "It did not leave. They unsubscribed."),
        (State.EXPIRED, "It did not leave, because it would have come too late."),
        (State.REJECTED, "It did not leave: it was refused. They unsubscribed."),
    ],
)
def test_it_says_that_it_did_not_leave(write, state, words):
    assert words in said(put(write(), state, "They unsubscribed."))


@pytest.mark.parametrize(
    ("fate", "reason", "words"),
    [
        (Fate.DELIVERED, "250 OK", "It left and it arrived: their mail server took it"),
        (Fate.DEFERRED, "452 4.2.2 over quota", "has not arrived yet: their mail server asks SendGrid to wait. Their mail"),
        (Fate.BOUNCED, "550 5.1.1 unknown", "It left and did not arrive: their mail server refused it. There is no such"),
        (Fate.BLOCKED, "no code at all", "Its words: no code at all."),
        (Fate.DROPPED, "Bounced Address", "SendGrid did not try to deliver it. SendGrid remembers that this address"),
        (Fate.COMPLAINED, "", "It left and it arrived, and they marked it as spam."),
    ],
)  # fmt: skip
def test_it_says_whether_it_arrived_and_why_not(write, fate, reason, words):
    message = put(write(), State.HANDED_OVER)
    report(message, fate, reason)

    assert words in said(message)


def test_it_does_not_claim_to_know_what_nobody_reports(write):
    assert "Whether it arrived is not known. SendGrid's reports do not reach" in said(put(write(), State.HANDED_OVER))
    by_server = put(write(), State.HANDED_OVER, transport="smtp")
    assert "A mail server sends no reports." in said(by_server)
    kept = put(write(), State.HANDED_OVER, transport="local")
    assert "It did not leave this machine" in said(kept)

    report(by_server, Fate.PROCESSED)
    assert "SendGrid reports it, mostly within a minute." in said(put(write(), State.HANDED_OVER))


def test_it_says_until_when_word_may_come_of_an_unknown(write):
    letter = put(write(MessageClass.PARTNER), State.UNKNOWN)
    assert "SendGrid's reports will say so" in said(letter)

    old = put(write(MessageClass.PARTNER), State.UNKNOWN, at=timezone.now() - timedelta(days=2))
    assert "so none will say" in said(old)
    report(write(), Fate.DELIVERED)
    assert "it more likely did not leave" in said(old)


def test_it_says_that_a_reminder_is_sent_once_more(write):
    reminder = put(write(), State.UNKNOWN)
    assert "it is sent once more by itself" in said(reminder)

    reminder.is_repeat = True
    assert "it is sent once more by itself" not in said(reminder)


def test_it_says_what_a_waiting_message_waits_for(write):
    held = write(not_before=timezone.now() + timedelta(hours=9))
    Message.objects.filter(pk=held.pk).update(reason="Letters wait for the recipient's morning.")
    held.refresh_from_db()

    assert "It has not left yet. It waits until" in said(held)
    assert "p.m.." not in said(held)
    assert "Letters wait for the recipient's morning." in said(held)
    assert "Its turn has come" in said(write())


def test_it_admits_that_a_repeat_may_have_come_twice(write):
    message = put(write(), State.HANDED_OVER)
    message.is_repeat = True

    assert "it may have come twice" in said(message)


def test_it_tells_everything_that_happened(client, owner, write):
    message = put(write(), State.HANDED_OVER)
    Batch.objects.filter(pk=message.batch_id).update(size=412)
    report(message, Fate.PROCESSED)
    report(message, Fate.BOUNCED, "550 5.2.2 <mailbox> full")
    report(message, Fate.SILENT, kind="open")
    InboundMail.objects.create(fingerprint=b"1" * 32, subject="Re: Hello", raw=b"x", answers=message)
    client.force_login(owner)

    page = client.get(f"/admin/outbox/inspect/{message.pk}/").text
    for words in (
        "Taken in hand, one of 412 in one request.",
        "On its way to SendGrid.",
        "Handed over to SendGrid. It answered: abc.def.",
        "It bounced: their mail server refused it for good. Their mailbox is full.",
        "550 5.2.2 &lt;mailbox&gt; full",
        "They answered: “Re: Hello”.",
        "<strong>It left and did not arrive: their mail server refused it.</strong>",
    ):
        assert words in page
