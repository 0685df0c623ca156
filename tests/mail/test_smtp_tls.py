"""A letter goes to a mail server under TLS, and to none that cannot prove who it is."""

from pathlib import Path
from uuid import uuid4

import pytest

from crm.mail.actions import drain
from crm.mail.models import Message
from crm.mail.transports.smtp import Letter, SmtpTransport
from tests.fakes.certificates import Certificate
from tests.fakes.smtp import FakeSmtp

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize(("is_smtps", "query"), [(True, ""), (False, "?starttls=yes")])


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path)


@BOTH
def test_it_hands_over_to_a_server_it_trusts(write, settings, certificate, monkeypatch, is_smtps, query):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    letter = write()

    with FakeSmtp(tls=certificate.context(), is_smtps=is_smtps) as server:
        settings.SMTP_URL = server.url + query
        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.reason) == (Message.State.HANDED_OVER, "")
        assert len(server.accepted) == 1


@BOTH
def test_it_shows_nothing_to_a_server_it_does_not_trust(write, settings, certificate, is_smtps, query):
    letter = write()

    with FakeSmtp(tls=certificate.context(), is_smtps=is_smtps) as server:
        settings.SMTP_URL = server.url + query
        drain()

        letter.refresh_from_db()
        assert letter.state == Message.State.QUEUED
        assert "is not to be trusted" in letter.reason
        assert server.accepted == []


def test_it_shows_nothing_to_a_server_without_encryption(write, settings):
    letter = write()

    with FakeSmtp() as server:
        settings.SMTP_URL = f"{server.url}?starttls=yes"
        drain()

        letter.refresh_from_db()
        assert letter.state == Message.State.QUEUED
        assert "STARTTLS" in letter.reason
        assert server.accepted == []


def test_it_says_which_setting_names_the_server(settings, certificate, tmp_path):
    with FakeSmtp(tls=certificate.context(), is_smtps=True) as server, SmtpTransport(server.url, name="client") as way:
        outcome = way._deliver(Letter(uuid4(), "a@example.com", "b@example.com", b"Hello.\r\n"))

    assert outcome.reason.endswith("Check CLIENT_MAIL_URL.")
