"""What is put together from encoded pieces reads as it was meant, and as Django's own writer would have put it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import formataddr, parseaddr

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mail import mime
from crm.mail.models import Message, MessageClass
from crm.mail.render import Enclosure, Rendered, one_line, render

FIELDS = ["Subject", "From", "To", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type"]
TRICKS = (
    *(".", "..", "=", "=20", "=\n", " ", "\t", "\n", "\r", "\r\n", "\n.\n", " \n", "x" * 80, "é" * 40, "y" * 1200),
    *("--=_mixed", "--=_alternative--", "=?utf-8?q?=0D=0ABcc:x?=", '"', "\\", "<a@b.c>", ",", ";", "Bcc: x@y.z", "😀"),
)
words = st.lists(st.text(max_size=20) | st.sampled_from(TRICKS), max_size=8).map("".join)
lines = words.map(one_line)
examples = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def letter(subject: str = "Hi", to_name: str = "Ada", text: str = "Hi", html: str = "<p>Hi</p>", **more) -> Rendered:
    headers = {"Message-ID": "<1@example.com>", "Reply-To": "hello@example.com"}
    people = {
        "from_name": "Harbour",
        "from_email": "hello@example.com",
        "to_name": to_name,
        "to_email": "ada@example.com",
    }
    return Rendered(subject=subject, html=html, text=text, headers=headers, **people, **more)


def told(field: str | None) -> str:
    """A field as a mail program shows it."""
    return str(make_header(decode_header(re.sub(r"\r?\n(?=[ \t])", "", str(field))))).strip()


def seen(raw: bytes) -> dict[str, object]:
    """What a reader gets to see."""
    mail = message_from_bytes(raw)
    person, email = parseaddr(re.sub(r"\r?\n(?=[ \t])", "", str(mail["To"])))
    parts = [part for part in mail.walk() if not part.is_multipart()]
    return {
        "subject": told(mail["Subject"]),
        "to": (told(person), email),
        "parts": [(part.get_content_type(), _even(part.get_payload(decode=True).decode())) for part in parts],
    }


def _even(text: str) -> str:
    """With one kind of line end, and one at the end."""
    lines = re.sub(r"\r\n?", "\n", text)
    return lines if lines.endswith("\n") else f"{lines}\n"


def fit_for_the_wire(raw: bytes) -> bool:
    return raw.isascii() and not re.search(rb"\r(?!\n)|(?<!\r)\n", raw) and max(map(len, raw.split(b"\r\n"))) <= 998


@examples
@given(subject=lines, name=lines, text=words, html=words)
def test_it_reads_as_it_was_meant(subject, name, text, html):
    raw = mime.build(letter(subject, name, text, html))

    parts = [("text/plain", _even(text)), ("text/html", _even(html))]
    assert seen(raw) == {
        "subject": subject,
        "to": (name, "ada@example.com"),
        "parts": [part for part, there in zip(parts, (text or not html, html), strict=True) if there],
    }
    assert fit_for_the_wire(raw)
    assert message_from_bytes(raw).keys()[:7] == FIELDS[:7]


@pytest.mark.parametrize("subject", ["Hello", "Grüße aus dem Hafen " * 8, "x" * 200, "one, two " * 20, ""])
@pytest.mark.parametrize("name", ["Ada", "Ada, Ökafor", 'The "Boss"', "Dr. A. (Bo) <b@c.d>", "名前" * 30, ""])
def test_it_reads_as_django_writes_it(subject, name):
    rendered = letter(one_line(subject), name, "One.\n.two\n" + "long " * 300, "<p>Grüße</p>")
    person = formataddr((name, rendered.to_email))
    by_django = EmailMultiAlternatives(
        rendered.subject, rendered.text, "hello@example.com", [person], headers=rendered.headers
    )
    by_django.attach_alternative(rendered.html, "text/html")

    assert seen(mime.build(rendered)) == seen(by_django.message().as_bytes())


@pytest.mark.django_db
@examples
@given(name=st.text(max_size=30) | st.sampled_from(TRICKS), partner=words, to_name=words)
def test_a_press_prints_what_would_have_been_built(practice, content, name, partner, to_name):
    message = Message(
        message_class=MessageClass.PARTNER, to_email="ada@example.com", to_name=to_name, content=content,
        values={"first_name": name, "partner": partner},
    )  # fmt: skip
    raw = mime.Press(content, is_letter=True, practice=practice).printed(message)
    alone = mime.build(render(message, practice=practice))

    assert seen(raw) == seen(alone)
    assert fit_for_the_wire(raw)
    assert message_from_bytes(raw).keys() == message_from_bytes(alone).keys()


@pytest.mark.django_db
def test_it_prints_the_same_bytes_each_time(practice, write):
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    for message in (write(MessageClass.PARTNER), write(calendar="BEGIN:VCALENDAR\r\n", calendar_method="request")):
        presses = [mime.Press(message.content, is_letter=message.is_letter, practice=practice) for _ in range(2)]
        assert len({press.printed(message, date=at) for press in presses}) == 1


@pytest.mark.django_db
def test_a_press_is_for_one_content_and_one_kind_of_reader(practice, content):
    press = mime.Press(content, is_letter=True, practice=practice)

    assert press.suits(Message(content=content, message_class=MessageClass.PARTNER), practice)
    assert not press.suits(Message(content=content, message_class=MessageClass.TRANSACTIONAL), practice)


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028"])
def test_it_lets_no_value_begin_another_field(line_end):
    with pytest.raises(ValueError, match="may not hold a line break: Subject"):
        mime.build(letter(f"Hi{line_end}Bcc: all@example.com"))
    with pytest.raises(ValueError, match="may not hold a line break: To"):
        mime.build(letter(to_name=f"Hi{line_end}Bcc: all@example.com"))


@pytest.mark.parametrize(
    ("kind", "sent_as"),
    [
        ("application/pdf", "application/pdf"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("message/rfc822", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("text/x\r\nBcc: all@example.com", "text/x bcc: all@example.com"),
    ],
)
def test_it_leaves_the_bytes_of_a_file_as_they_are(kind, sent_as):
    body = "Grüße\r\n.\n--=_mixed--\r".encode()
    mail = message_from_bytes(mime.build(letter(attachments=(Enclosure("Übung.dat", kind, body),))))

    *_, file = mail.walk()
    assert file.get_payload(decode=True) == body
    assert file["Content-Type"].partition(";")[0].lower() == sent_as
    assert file.get_filename() == "Übung.dat"
    assert "Bcc" not in mail and "Bcc" not in file
