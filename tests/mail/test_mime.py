from email import message_from_bytes, policy

import pytest

from crm.mail import mime
from crm.mail.models import Attachment
from crm.mail.render import render

pytestmark = pytest.mark.django_db
ICS = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Yoga für Läufer\r\nEND:VCALENDAR\r\n"


def tree(part) -> object:
    kind = part.get_content_type()
    return [kind, *(tree(child) for child in part.iter_parts())] if part.is_multipart() else kind


def parsed(message):
    return message_from_bytes(mime.build(render(message)), policy=policy.default)


def test_it_lays_out_an_invite_as_mail_programs_want_it(write):
    message = write(calendar=ICS, calendar_method="request")
    Attachment.objects.create(content=message.content, filename="map.pdf", content_type="application/pdf", body=b"%PDF")
    mail = parsed(message)

    assert tree(mail) == [
        "multipart/mixed",
        ["multipart/alternative", "text/plain", "text/html", "text/calendar"],
        "application/ics",
        "application/pdf",
    ]
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert calendar["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
    assert calendar["Content-Disposition"] is None
    assert calendar.get_content().replace("\r\n", "\n") == ICS.replace("\r\n", "\n")
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert files == {"invite.ics": ICS.encode(), "map.pdf": b"%PDF"}


@pytest.mark.parametrize(
    ("html", "expected"), [("<p>Hi</p>", ["multipart/alternative", "text/plain", "text/html"]), ("", "text/plain")]
)
def test_it_adds_no_more_parts_than_it_has(write, html, expected):
    assert tree(parsed(write(content={"html": html}))) == expected


def test_it_ends_every_line_as_smtp_wants_it(write):
    raw = mime.build(render(write(calendar=ICS, calendar_method="REQUEST")))

    assert b"\n" not in raw.replace(b"\r\n", b"")
