from email.utils import parseaddr

import pytest

from crm.mail.actions import drain
from crm.mail.checks import mail_server_is_an_address
from crm.mail.models import Message, MessageClass
from crm.mail.transports.smtp import BadAddress, Server

pytestmark = pytest.mark.django_db
State = Message.State


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def test_it_hands_a_letter_over(write, smtp):
    letter = write(MessageClass.PARTNER, to_name="Ada, Ökafor", content={"subject": "Grüße"})

    drain()
    (mail,) = smtp.accepted
    assert state_of(letter) == (State.HANDED_OVER, "")
    assert (letter.transport, letter.provider_id) == ("smtp", "taken as 1")
    assert mail["Subject"] == "Grüße"
    assert parseaddr(str(mail["To"])) == ("Ada, Ökafor", "ada@example.com")
    assert parseaddr(str(mail["From"])) == ("Harbour Physio", "hello@harbour.example.com")
    assert mail["Message-ID"] == f"<{letter.pk}@harbour.example.com>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_it_keeps_lines_that_begin_with_a_dot(write, smtp):
    write(content={"text": "One\n.two\n..three\n.", "html": ""})

    drain()
    assert smtp.accepted[0].get_content().splitlines() == ["One", ".two", "..three", "."]


@pytest.mark.parametrize(
    ("step", "line", "state"),
    [
        ("RCPT", "550 no such mailbox", State.REJECTED),
        ("RCPT", "450 try later", State.QUEUED),
        ("RCPT", "421 closing", State.QUEUED),
        ("DATA", "554 looks like spam", State.REJECTED),
        ("DATA", "451 local error", State.QUEUED),
    ],
)
def test_it_understands_a_refusal(write, smtp, step, line, state):
    smtp.refusals[step] = line
    message = write()

    drain()
    assert state_of(message) == (state, f"The mail server answered {line[:3]}: {line[4:]}")


def test_it_goes_on_after_one_bad_address(write, smtp):
    smtp.refusals["RCPT"] = "550 no such mailbox"
    first, second = write(), write()

    drain()
    assert state_of(first)[0] == state_of(second)[0] == State.REJECTED


def test_it_does_not_know_when_the_line_breaks_after_the_message(write, smtp):
    smtp.vanishes_after_data = True
    message = write()

    drain()
    assert state_of(message)[0] == State.UNKNOWN
    assert len(smtp.accepted) == 1


def test_it_queues_again_when_the_server_is_away(write, settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    message = write()

    drain()
    assert state_of(message)[0] == State.QUEUED
    assert "could not be reached" in message.reason


def test_it_rejects_an_address_that_no_server_takes(write, smtp):
    message = write(to_email="a@example.com>\r\nRCPT TO:<b@example.com")

    drain()
    assert state_of(message)[0] == State.REJECTED
    assert not smtp.accepted


def test_it_writes_to_a_domain_in_another_script(write, smtp):
    write(to_email="ada@bücher.example")

    drain()
    assert parseaddr(str(smtp.accepted[0]["To"]))[1] == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", Server("localhost", 587, "", "", False, False)),
        ("smtp://me%40x.org:p%2Fw@mail.example.com", Server("mail.example.com", 587, "me@x.org", "p/w", False, True)),
        ("smtp://mail.example.com:25?starttls=no", Server("mail.example.com", 25, "", "", False, False)),
        ("smtps://u:p@mail.example.com", Server("mail.example.com", 465, "u", "p", True, False)),
    ],
)
def test_it_reads_the_address_of_a_server(url, server):
    assert Server.parse(url) == server


@pytest.mark.parametrize(
    "url",
    ["mail.example.com", "http://x", "smtp://", "smtp://h:port", "smtp://h?starttls=maybe", "smtp://me:p%C3%A4ss@h"],
)
def test_it_refuses_an_address_it_cannot_use(url):
    with pytest.raises(BadAddress):
        Server.parse(url)


def test_it_refuses_to_start_with_an_address_it_cannot_use(settings):
    settings.SMTP_URL = "mail.example.com"
    assert [problem.id for problem in mail_server_is_an_address(None)] == ["rapport.E010"]

    settings.SMTP_URL, settings.CLIENT_MAIL_URL = "smtp://mail.example.com", "smtp://["
    assert [problem.id for problem in mail_server_is_an_address(None)] == ["rapport.E013"]

    settings.CLIENT_MAIL_URL = ""
    assert mail_server_is_an_address(None) == []
