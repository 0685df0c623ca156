"""A letter says once, and in a form that mail programs act on, how to get no more of them (RFC 2369, RFC 8058)."""

import re
from email import policy
from email.parser import BytesParser

import pytest

from crm.mail import mime
from crm.mail.actions import drain
from crm.mail.links import message_of, token_of
from crm.mail.models import MessageClass
from crm.mail.render import render
from crm.people.models import Contact, Purpose

pytestmark = pytest.mark.django_db
NAMES = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id")


@pytest.fixture
def public(settings):
    settings.BASE_URL = "https://rapport.a-rather-long-practice-name.example.com"
    settings.INBOUND_HOST = "in.a-rather-long-practice-name.example.com"
    return settings


def test_it_offers_a_post_first_and_a_mail_second(public, write):
    letter = write(MessageClass.PARTNER)
    token = token_of(letter.pk)

    assert render(letter).headers["List-Unsubscribe"] == (
        f"<{public.BASE_URL}/u/{token}/>, <mailto:unsubscribe@{public.INBOUND_HOST}?subject={token}>"
    )


def test_it_offers_no_mail_where_none_comes_in(public, write):
    public.INBOUND_HOST = ""

    assert "mailto" not in render(write(MessageClass.PARTNER)).headers["List-Unsubscribe"]


def test_it_sends_each_header_once_and_whole(public, write):
    letter = write(MessageClass.MARKETING)
    rendered = render(letter)
    sent = BytesParser(policy=policy.default).parsebytes(mime.build(rendered))

    for name in NAMES:
        assert [value.strip() for value in sent.get_all(name)] == [rendered.headers[name]]
    assert b"=?" not in mime.build(rendered).split(b"\r\n\r\n")[0]


def test_it_breaks_no_link_over_two_lines(public, write):
    lines = mime.build(render(write(MessageClass.MARKETING))).split(b"\r\n")

    assert all(len(line) < 998 for line in lines)
    assert any(re.search(rb"<https://[^>]+/u/[\w-]{32}/>", line) for line in lines)
    assert any(re.search(rb"<mailto:[^>]+\?subject=[\w-]{32}>", line) for line in lines)


def test_it_gives_each_reader_their_own_through_sendgrid(public, write, ada, sendgrid):
    bo = Contact.objects.create(name="Bo", email="bo@example.com")
    bo.consents.create(purpose=Purpose.NEWS, state="granted", source="in person")
    first = write(MessageClass.MARKETING)
    second = write(MessageClass.MARKETING, contact=bo)
    second.content = first.content
    second.save(update_fields=["content"])
    drain()

    people = [person for body in sendgrid.accepted for person in body["personalizations"]]
    found = {person["to"][0]["email"]: person["headers"] for person in people}
    assert set(found) == {"ada@example.com", "bo@example.com"}
    for message in (first, second):
        headers = found[message.to_email]
        token = re.search(r"/u/([\w-]{32})/", headers["List-Unsubscribe"])[1]
        assert message_of(token) == message
        assert [name for name in headers if name.lower().startswith("list-unsubscribe")] == list(NAMES[:2])
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("message_class", [MessageClass.TRANSACTIONAL, MessageClass.SYSTEM])
def test_it_offers_nothing_where_nothing_can_be_stopped(public, write, message_class):
    assert not [name for name in render(write(message_class)).headers if name.startswith("List-")]
