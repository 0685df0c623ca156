import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.actions import drain, reap
from crm.mail.links import token_of
from crm.mail.models import Attachment, Content, Lane, Message, MessageClass
from crm.mail.transports import link
from crm.mail.transports.sendgrid import SendGridTransport

pytestmark = pytest.mark.django_db
State = Message.State
ICS = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def test_it_posts_a_complete_letter(write, sendgrid, settings):
    letter = write(MessageClass.PARTNER, to_name="Okafor, Ada; MD")

    drain()
    (payload,) = sendgrid.accepted
    assert state_of(letter) == (State.HANDED_OVER, "")
    assert (letter.transport, letter.batch.provider_id, letter.batch.status) == ("sendgrid", "fake-1", 202)
    assert payload["from"] == {"email": "hello@harbour.example.com", "name": "Harbour Physio"}
    assert payload["reply_to"] == {"email": "hello@harbour.example.com"}
    url = f"{settings.BASE_URL}/u/{token_of(letter.pk)}/"
    assert payload["personalizations"] == [
        {
            "to": [{"email": "ada@example.com", "name": "Okafor Ada MD"}],
            "custom_args": {"rapport_message": str(letter.pk), "rapport_batch": str(letter.batch_id)},
            "headers": {
                "Message-ID": f"<{letter.pk}@harbour.example.com>",
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "List-Id": "Harbour Physio <letters.harbour.example.com>",
            },
        }
    ]
    assert payload["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
    }


def test_it_puts_text_first_and_the_calendar_last(write, sendgrid):
    content = Content.objects.create(subject="Yoga", text="Come.", html="<p>Come.</p>")
    Attachment.objects.create(content=content, filename="map.pdf", content_type="application/pdf", body=b"%PDF")
    message = write(calendar=ICS, calendar_method="REQUEST")
    Message.objects.filter(pk=message.pk).update(content=content)

    drain()
    (payload,) = sendgrid.accepted
    assert [(part["type"], part["value"]) for part in payload["content"]] == [
        ("text/plain", "Come."),
        ("text/html", "<p>Come.</p>"),
        ("text/calendar; method=REQUEST", ICS),
    ]
    files = [(file["filename"], file["type"], base64.b64decode(file["content"])) for file in payload["attachments"]]
    assert sorted(files) == [
        ("invite.ics", "application/ics", ICS.encode()),
        ("map.pdf", "application/pdf", b"%PDF"),
    ]


def test_it_keeps_one_connection_for_a_drain(write, sendgrid):
    for _ in range(12):
        write()

    drain()
    assert len(sendgrid.accepted) == 12
    assert sendgrid.connections <= SendGridTransport.connections


def test_it_rejects_with_the_providers_words(write, sendgrid):
    sendgrid.status = 400
    first, second = write(), write()

    drain()
    words = "SendGrid answered 400: Does not contain a valid address. personalizations.0.to.0.email."
    assert state_of(first) == state_of(second) == (State.REJECTED, words)


def test_it_waits_as_long_as_the_provider_asks(write, sendgrid):
    sendgrid.status, sendgrid.answer_headers = 429, {"Retry-After": "120"}
    message = write()

    drain()
    lane = Lane.objects.get()
    assert state_of(message) == (State.QUEUED, "SendGrid answered 429: too many requests.")
    assert message.attempts == 0
    assert timedelta(seconds=110) < lane.paused_until - timezone.now() <= timedelta(seconds=120)

    sendgrid.status = 202
    assert drain() == 0  # the pause holds for every worker
    Lane.objects.update(paused_until=timezone.now(), next_slot_at=None)
    assert drain() == 1
    assert state_of(message) == (State.HANDED_OVER, "")
    assert not Lane.objects.get().failures


def test_it_stops_at_a_wrong_key_and_blames_no_message(write, sendgrid, settings):
    settings.SENDGRID_API_KEY = "SG.wrong"
    first, second = write(), write()

    drain()
    lane = Lane.objects.get()
    assert state_of(first)[0] == state_of(second)[0] == State.QUEUED
    assert first.attempts == second.attempts == 0
    assert lane.is_stopped
    assert lane.reason.startswith("Sending has stopped. SendGrid answered 401")
    assert lane.reason.endswith("Check SENDGRID_API_KEY.")


def test_it_queues_again_when_nobody_answers_the_connection(write, sendgrid, settings):
    settings.SENDGRID_API_URL = "http://127.0.0.1:1"
    message = write()

    drain()
    assert state_of(message)[0] == State.QUEUED
    assert "could not be reached" in message.reason
    assert Lane.objects.get().paused_until > timezone.now()


def test_it_risks_little_on_a_provider_that_failed(write, sendgrid):
    for _ in range(30):
        write()
    Lane.objects.create(transport="sendgrid", failures=3)
    sendgrid.status = 500

    drain()
    assert Message.objects.filter(state=State.UNKNOWN).count() == 1
    assert Message.objects.filter(state=State.QUEUED).count() == 29


def test_it_does_not_know_after_a_server_error(write, sendgrid):
    sendgrid.status = 500
    message = write()

    drain()
    assert state_of(message) == (
        State.UNKNOWN,
        "SendGrid answered 500: Internal error. It may have been accepted all the same.",
    )


def test_it_does_not_know_when_the_answer_is_lost(write, sendgrid):
    sendgrid.drops_connection = True
    message = write()

    drain()
    assert state_of(message)[0] == State.UNKNOWN
    assert len(sendgrid.accepted) == 1

    sendgrid.drops_connection = False
    reap()
    drain()
    assert len(sendgrid.accepted) == 1


def test_it_does_not_know_when_no_answer_comes_in_time(write, sendgrid, monkeypatch):
    monkeypatch.setattr(link, "READ_SECONDS", 0.2)
    sendgrid.hangs = True
    message = write()

    drain()
    assert state_of(message)[0] == State.UNKNOWN
    assert "went silent" in message.reason
