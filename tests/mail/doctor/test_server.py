from datetime import timedelta
from pathlib import Path

import pytest

from crm.mail.doctor import Verdict
from tests.fakes.certificates import Certificate
from tests.fakes.smtp import FakeSmtp

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]
LOGIN = ("me@harbourphysio.ca", "p/w")


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path)


@pytest.fixture
def trusted(certificate, monkeypatch) -> Certificate:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    return certificate


@pytest.fixture
def knock(public, settings, look):
    def at(server: FakeSmtp, *, login: tuple[str, str] | None = None, query: str = ""):
        who = f"{login[0].replace('@', '%40')}:{login[1].replace('/', '%2F')}@" if login else ""
        settings.SMTP_URL = server.url.replace("://", f"://{who}") + query
        return look("mail-server")

    return at


@pytest.mark.parametrize("is_smtps", [True, False])
def test_it_is_let_in_under_tls(knock, trusted, is_smtps):
    with FakeSmtp(tls=trusted.context(), is_smtps=is_smtps, login=LOGIN) as server:
        found = knock(server, login=LOGIN, query="" if is_smtps else "?starttls=yes")

        assert (found.verdict, found.sentence) == (Verdict.FIT, "127.0.0.1 lets us in, under TLS.")
        assert server.logins == [LOGIN[0]]
        assert server.accepted == []


@pytest.mark.parametrize("is_smtps", [True, False])
def test_it_trusts_no_certificate_that_nobody_vouches_for(knock, certificate, is_smtps):
    with FakeSmtp(tls=certificate.context(), is_smtps=is_smtps, login=LOGIN) as server:
        found = knock(server, login=LOGIN, query="" if is_smtps else "?starttls=yes")

        assert found.verdict is Verdict.UNFIT
        assert found.sentence.startswith("The certificate of 127.0.0.1 is not to be trusted: ")
        assert server.logins == []


def test_it_trusts_no_certificate_that_has_run_out(knock, tmp_path, monkeypatch):
    old = Certificate(tmp_path, valid_for=-timedelta(days=1))
    monkeypatch.setenv("SSL_CERT_FILE", str(old.path))
    with FakeSmtp(tls=old.context(), is_smtps=True) as server:
        assert "expired" in knock(server).sentence


def test_it_is_refused(knock, trusted):
    with FakeSmtp(tls=trusted.context(), is_smtps=True, login=LOGIN) as server:
        found = knock(server, login=(LOGIN[0], "wrong"))

    assert found.verdict is Verdict.UNFIT
    assert "refused our login" in found.sentence


def test_it_shows_no_password_to_a_server_without_encryption(knock):
    with FakeSmtp() as server:
        found = knock(server, query="?starttls=yes")

    assert found.verdict is Verdict.UNFIT
    assert "no encryption" in found.sentence


def test_it_sees_that_a_port_speaks_no_tls(knock, settings, look):
    with FakeSmtp() as server:
        settings.SMTP_URL = server.url.replace("smtp:", "smtps:")
        found = look("mail-server")

    assert found.verdict is Verdict.UNFIT
    assert "speaks no TLS" in found.sentence


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "mail.example.net"])
def test_it_sees_that_nobody_is_there(public, settings, look, url):
    settings.SMTP_URL = url

    assert look("mail-server").verdict is Verdict.UNFIT
    assert "SMTP_URL" in look("mail-server").what_to_do


def test_it_knocks_at_the_clients_own_server(account, settings, look):
    with FakeSmtp() as server:
        settings.CLIENT_MAIL_URL = server.url
        assert look("client-mail-server").verdict is Verdict.FIT

    settings.CLIENT_MAIL_URL = "smtp://127.0.0.1:1"
    assert look("client-mail-server").what_to_do == "Check CLIENT_MAIL_URL."
