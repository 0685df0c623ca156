"""What comes in is kept before anything is made of it, and junk costs nothing."""

import pytest
from django.test import Client

from crm.mail import receiving
from crm.mail.models import InboundMail
from tests.fakes.sendgrid.events import Signer
from tests.mail.arriving import BOUNDARY, form, mail, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def signer(settings) -> Signer:
    signer = Signer()
    settings.SENDGRID_INBOUND_KEY = signer.public_key
    return signer


@pytest.fixture
def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def test_it_keeps_a_mail_as_it_came(stranger, signer):
    raw = mail("Très bien\r\n\r\n".encode("latin-1") + bytes(range(256)), subject="=?utf-8?q?Sch=C3=B6n?=")
    answer = post(stranger, form(raw), by=signer)

    assert answer.status_code == 200
    assert not answer.cookies
    kept = InboundMail.objects.get()
    assert bytes(kept.raw) == raw
    assert (kept.sender, kept.recipient, kept.subject) == ("ada@example.com", "hello@in.example.com", "Schön")
    assert kept.state == InboundMail.State.NEW
    assert kept.envelope["SPF"] == "pass"
    assert kept.envelope["envelope"] == {"from": "ada@example.com", "to": ["hello@in.example.com"]}


def test_it_keeps_the_same_mail_once(stranger, signer):
    for _ in range(3):
        assert post(stranger, form(mail()), by=signer).status_code == 200

    assert InboundMail.objects.count() == 1


def test_it_accepts_two_keys_while_one_replaces_the_other(stranger, signer, settings):
    settings.SENDGRID_INBOUND_KEY = f"{Signer().public_key},{signer.public_key}"

    assert post(stranger, form(mail()), by=signer).status_code == 200


@pytest.mark.parametrize("by", [None, Signer()], ids=["nobody", "somebody else"])
def test_it_leaves_junk_outside_without_any_work(stranger, signer, by, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert post(stranger, form(mail()), by=by).status_code == 403
    assert not InboundMail.objects.exists()


def test_it_is_shut_while_no_key_is_set(stranger, signer, settings):
    settings.SENDGRID_INBOUND_KEY = ""

    assert post(stranger, form(mail()), by=signer).status_code == 403


def test_it_refuses_a_body_that_was_changed(stranger, signer):
    body = form(mail())
    signed = signer.headers(body)

    assert post(stranger, body.replace(b"Thank", b"Spank"), by=None, **signed).status_code == 403


def test_it_refuses_what_is_too_large_before_reading_it(stranger, signer, monkeypatch):
    monkeypatch.setattr(receiving, "LARGEST", 1000)

    answer = post(stranger, form(mail("x" * 1000)), by=signer)
    assert answer.status_code == 413
    assert not InboundMail.objects.exists()


def test_it_takes_five_megabytes(stranger, signer):
    raw = mail("A line of words.\r\n" * 300_000)

    assert post(stranger, form(raw), by=signer).status_code == 200
    assert len(InboundMail.objects.get().raw) == len(raw)


def test_it_refuses_other_methods(stranger):
    assert stranger.get("/mail/inbound/").status_code == 405


@pytest.mark.parametrize("body", [b"", b"--xYzZY", b"nothing", b"{}", f"--{BOUNDARY}\r\n\r\n".encode()])
def test_it_refuses_what_is_no_form(stranger, signer, body):
    assert post(stranger, body, by=signer).status_code == (400 if body else 403)
    assert not InboundMail.objects.exists()


@pytest.mark.parametrize(
    "envelope",
    [
        "",
        "null",
        "[]",
        "{",
        '{"to": 3}',
        '{"to": [null, {}, "a@b.example.com"]}',
        '{"to": ["\\u0000\\ud800"]}',
        "[" * 3000,
    ],
)
def test_it_keeps_a_mail_whatever_its_envelope_says(stranger, signer, envelope):
    assert post(stranger, form(mail(), envelope=envelope, dkim="\0", SPF=b"\xff"), by=signer).status_code == 200
    assert InboundMail.objects.get().recipient


@pytest.mark.parametrize(
    "raw",
    [
        b"\0",
        b"no header and no end",
        b"\xff\xfe",
        b"\r\n\r\n",
        mail(subject="\0\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
    ],
)
def test_it_keeps_what_is_hardly_a_mail(stranger, signer, raw):
    assert post(stranger, form(raw), by=signer).status_code == 200
    assert bytes(InboundMail.objects.get().raw) == raw


def test_it_makes_a_mail_of_its_parts_where_no_raw_one_is_posted(stranger, signer):
    headers = (
        "From: Ada <ada@example.com>\nSubject: Hi\nIn-Reply-To: <x@y>\n"
        'Content-Type: multipart/alternative;\n boundary="z"\nTo: hello@in.example.com\n'
    )
    answer = post(stranger, form(None, headers=headers, text="Thänk you!"), by=signer)

    assert answer.status_code == 200
    kept = InboundMail.objects.get()
    assert (kept.sender, kept.subject) == ("ada@example.com", "Hi")
    assert "boundary" not in bytes(kept.raw).decode()
    assert bytes(kept.raw).endswith("\r\n\r\nThänk you!".encode())
