"""An invite as it travels: the parts that calendars look for, over SMTP and through SendGrid, and twice the same."""

from __future__ import annotations

import base64
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone

from crm.mail.actions import drain
from crm.mail.mime import Press
from tests.workshops.conftest import fill, letters_to
from workshops import actions

pytestmark = pytest.mark.django_db
OFF = {"enable": False}


def tree(part) -> object:
    kind = part.get_content_type()
    return [kind, *(tree(child) for child in part.iter_parts())] if part.is_multipart() else kind


def sent_over(smtp) -> list:
    drain()
    return [message_from_bytes(raw, policy=policy.default) for raw in smtp.raw]


def test_it_lays_out_every_step_of_an_invite_alike(smtp, workshop):
    fill(workshop, "Ada")
    actions.move(
        workshop, starts_at=workshop.starts_at + timedelta(hours=1), ends_at=workshop.ends_at + timedelta(hours=1)
    )
    actions.cancel_workshop(workshop, reason="Flood.")

    mails = sent_over(smtp)

    assert len(mails) == 3
    for mail, method, sequence in zip(mails, ("REQUEST", "REQUEST", "CANCEL"), (0, 1, 2), strict=True):
        assert tree(mail) == [
            "multipart/mixed",
            ["multipart/alternative", "text/plain", "text/html", "text/calendar"],
            "application/ics",
        ]
        calendar, file = (next(each for each in mail.walk() if each.get_content_type() == kind) for kind in
                          ("text/calendar", "application/ics"))  # fmt: skip
        assert calendar["Content-Type"].params == {"method": method, "charset": "utf-8"}
        assert calendar["Content-Disposition"] is None
        assert file["Content-Type"].params == {"name": "invite.ics"}
        assert (file.get_content_disposition(), file.get_filename()) == ("attachment", "invite.ics")
        assert f"METHOD:{method}\r\n".encode() in file.get_content()
        assert f"SEQUENCE:{sequence}\r\n".encode() in file.get_content()
        assert calendar.get_payload(decode=True).strip() == file.get_content().strip()
        assert mail["To"].addresses[0].addr_spec == "ada@example.com"


def test_it_sends_the_very_same_bytes_on_a_second_try(smtp, workshop, practice, time_machine_at):
    (ada,) = fill(workshop, "Ada")
    drain()
    actions.move(workshop, place="Elsewhere 1")  # what was written stays as it was written
    time_machine_at(timezone.now() + timedelta(hours=3))

    message = letters_to(ada)[0]
    again = Press(message.content, is_letter=False, practice=practice).printed(message)
    assert again == smtp.raw[0]


@pytest.mark.parametrize("way", ["smtp", "sendgrid"])
def test_it_leaves_the_file_out_where_the_setting_says_so(request, settings, workshop, way):
    fake = request.getfixturevalue(way)
    settings.INVITE_AS_FILE = False
    fill(workshop, "Ada")
    drain()

    if way == "smtp":
        mail = message_from_bytes(fake.raw[0], policy=policy.default)
        assert tree(mail) == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    else:
        (mail,) = fake.accepted
        assert "attachments" not in mail
        assert len(mail["content"]) == 3


def test_it_gives_sendgrid_the_parts_in_their_order_and_lets_it_track_nothing(sendgrid, workshop):
    (ada,) = fill(workshop, "Ada")
    drain()

    (mail,) = sendgrid.accepted
    calendar = letters_to(ada)[0].calendar
    assert [part["type"] for part in mail["content"]] == ["text/plain", "text/html", "text/calendar; method=REQUEST"]
    assert mail["content"][2]["value"] == calendar
    assert mail["attachments"] == [
        {
            "content": base64.b64encode(calendar.encode()).decode(),
            "type": "application/ics",
            "filename": "invite.ics",
            "disposition": "attachment",
        }
    ]
    assert mail["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": OFF,
        "subscription_tracking": OFF,
    }
    assert mail["personalizations"][0]["to"] == [{"email": "ada@example.com", "name": "Ada"}]


def test_it_tells_sendgrid_of_a_cancellation(sendgrid, workshop):
    (ada,) = fill(workshop, "Ada")
    actions.cancel(ada)
    drain()

    kinds = [mail["content"][2]["type"] for mail in sendgrid.accepted]
    assert sorted(kinds) == ["text/calendar; method=CANCEL", "text/calendar; method=REQUEST"]
