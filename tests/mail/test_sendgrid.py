import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.actions import drain, reap
from crm.mail.models import Attachment, Content, Message, MessageClass
from crm.mail.sending import MOST_ATTEMPTS
from crm.mail.transports import sendgrid as transport

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
    assert (letter.transport, letter.provider_id) == ("sendgrid", "fake-1")
    assert payload["from"] == {"email": "hello@harbour.example.com", "name": "Harbour Physio"}
    assert payload["reply_to"] == {"email": "hello@harbour.example.com"}
    url = f"{settings.BASE_URL}/u/{letter.token}/"
    assert payload["personalizations"] == [
        {
            "to": [{"email": "ada@example.com", "name": "Okafor Ada MD"}],
            "custom_args": {"rapport_message": str(letter.pk)},
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
    for _ in range(5):
        write()

    drain()
    assert len(sendgrid.accepted) == 5
    assert sendgrid.connections == 1


def test_it_rejects_with_the_providers_words(write, sendgrid):
    sendgrid.status = 400
    first, second = write(), write()

    drain()
    words = "SendGrid answered 400: Does not contain a valid address. personalizations.0.to.0.email."
    assert state_of(first) == state_of(second) == (State.REJECTED, words)


def test_it_waits_as_long_as_the_provider_asks(write, sendgrid):
    sendgrid.status, sendgrid.answer_headers = 429, {"Retry-After": "120"}
    first, second = write(), write()

    drain()
    assert state_of(first) == (State.QUEUED, "SendGrid answered 429: too many requests.")
    assert first.attempts == 1
    assert timedelta(seconds=110) < first.not_before - timezone.now() <= timedelta(seconds=120)
    assert state_of(second) == (State.QUEUED, "")
    assert second.attempts == 0


def test_it_gives_up_after_the_last_attempt(write, sendgrid):
    sendgrid.status = 429
    message = write()
    Message.objects.update(attempts=MOST_ATTEMPTS - 1)

    drain()
    assert state_of(message) == (
        State.REJECTED,
        "Given up after 8 attempts. SendGrid answered 429: too many requests.",
    )


def test_it_lets_a_message_expire_rather_than_try_too_late(write, sendgrid):
    sendgrid.status = 429
    message = write(expires_at=timezone.now() + timedelta(seconds=20))

    drain()
    assert state_of(message)[0] == State.EXPIRED


def test_it_stops_at_a_wrong_key_and_blames_no_message(write, sendgrid, settings, caplog):
    settings.SENDGRID_API_KEY = "SG.wrong"
    first, second = write(), write()

    drain()
    assert state_of(first)[0] == state_of(second)[0] == State.QUEUED
    assert first.attempts == second.attempts == 0
    assert first.reason.startswith("Sending has stopped. SendGrid answered 401")
    assert first.reason.endswith("Check SENDGRID_API_KEY.")
    assert first.reason in caplog.text


def test_it_queues_again_when_nobody_answers_the_connection(write, sendgrid, settings):
    settings.SENDGRID_API_URL = "http://127.0.0.1:1"
    message = write()

    drain()
    assert state_of(message)[0] == State.QUEUED
    assert message.attempts == 1
    assert "could not be reached" in message.reason


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
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)
    sendgrid.hangs = True
    message = write()

    drain()
    assert state_of(message)[0] == State.UNKNOWN
    assert "went silent" in message.reason
