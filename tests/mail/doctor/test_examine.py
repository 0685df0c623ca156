from __future__ import annotations

import pytest

from crm.mail.doctor import CHECKS, Verdict, examine
from tests.fakes.certificates import Certificate
from tests.fakes.smtp import FakeSmtp

pytestmark = pytest.mark.django_db


def verdicts() -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in examine()}


def test_it_finds_nothing_wrong_where_nothing_is(account):
    findings = list(examine())

    assert {finding.name: finding.sentence for finding in findings if finding.verdict is Verdict.UNFIT} == {}
    assert {finding.name for finding in findings if finding.verdict is not Verdict.FIT} == {
        "Mail server",
        "Client letters",
        "Last report",
        "Unsubscribe button",
        "Client mail server",
    }
    assert len(findings) == len(CHECKS)


def test_it_asks_nothing_of_a_machine_at_home(db, settings, dns):
    settings.DNS_SERVER = dns.address

    assert set(verdicts().values()) == {Verdict.NOT_NEEDED}
    assert dns.asked == []
    assert all(finding.sentence for finding in examine())


def test_it_asks_no_question_twice(account, dns):
    list(examine())

    assert len(dns.asked) == len(set(dns.asked))


@pytest.mark.parametrize("rcode", [2, 5])
def test_it_is_unsure_when_the_dns_fails(account, dns, rcode):
    dns.rcode = rcode

    found = {finding.name: finding for finding in examine()}
    assert [found[name].verdict for name in ("SPF", "DKIM", "DMARC", "Replies")] == [Verdict.UNSURE] * 4
    assert "No name server" in found["DMARC"].sentence
    assert found["API key"].verdict is Verdict.FIT


def test_it_waits_once_for_a_dns_that_is_silent(account, dns, monkeypatch):
    monkeypatch.setattr("crm.mail.doctor.names.SECONDS", 0.2)
    dns.is_silent = True

    assert verdicts()["DMARC"] is Verdict.UNSURE
    assert len(set(dns.asked)) == 0


def test_it_is_unsure_when_sendgrid_is_away(account, settings):
    settings.SENDGRID_API_URL = "http://127.0.0.1:1"

    found = {finding.name: finding for finding in examine()}
    for name in ("API key", "Sender at SendGrid", "Event webhook", "Inbound mail", "Tracking", "Trial letter"):
        assert found[name].verdict is Verdict.UNSURE, name
        assert "did not answer" in found[name].sentence
    assert found["DMARC"].verdict is Verdict.FIT


def test_it_says_what_only_a_person_can_see(account):
    account.account_status = {path: 403 for path in account.account if path != "/v3/scopes"}

    found = {finding.name: finding for finding in examine()}
    for name in ("Sender at SendGrid", "Event webhook", "Inbound mail", "Tracking"):
        assert found[name].verdict is Verdict.UNSURE, name
        assert found[name].what_to_do.startswith("Look under Settings")
    assert found["DKIM"].verdict is Verdict.FIT
    assert found["SPF"].verdict is Verdict.UNSURE


def test_it_says_that_the_key_is_unknown(account, settings):
    settings.SENDGRID_API_KEY = "SG.deleted"

    found = {finding.name: finding for finding in examine()}
    for name in ("API key", "Sender at SendGrid", "Trial letter"):
        assert (found[name].verdict, found[name].sentence) == (Verdict.UNFIT, "SendGrid does not know the API key.")


def test_it_is_unsure_when_sendgrid_is_unwell(account):
    account.account_status = {"/v3/scopes": 500}
    account.status = 503

    found = {finding.name: finding for finding in examine()}
    assert found["API key"].verdict is found["Trial letter"].verdict is Verdict.UNSURE
    assert "503" in found["Trial letter"].sentence


JUNK = [None, [], {}, "words", 7, [None], [{}], {"result": None}, {"result": [None, {}]}, {"webhooks": [{"url": 1}]}]


@pytest.mark.parametrize("junk", [*JUNK, [{"domain": "harbourphysio.ca", "valid": True, "dns": {"dkim1": {}}}]])
def test_it_survives_whatever_sendgrid_answers(account, junk):
    account.account = dict.fromkeys(account.account, junk)

    assert len(list(examine())) == len(CHECKS)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SENDGRID_API_URL", "api.sendgrid.com"),
        ("SENDGRID_API_URL", "https://api.sendgrid.com:x"),
        ("SENDGRID_API_URL", "https://["),
        ("SENDGRID_API_URL", "http://api.sendgrid.com"),
        ("SENDGRID_API_KEY", "SG.two\nlines"),
        ("SENDGRID_API_KEY", "SG.ключ"),
    ],
)
def test_it_shows_the_key_to_nobody_else(account, settings, setting, value):
    setattr(settings, setting, value)

    found = {finding.name: finding for finding in examine()}
    assert found["API key"].verdict is found["Trial letter"].verdict is Verdict.UNFIT
    assert found["API key"].sentence.startswith(setting)


def test_it_shows_the_key_to_no_server_that_nobody_vouches_for(account, settings, tmp_path):
    with FakeSmtp(tls=Certificate(tmp_path).context(), is_smtps=True) as somebody:
        settings.SENDGRID_API_URL = somebody.url.replace("smtps:", "https:")
        found = {finding.name: finding for finding in examine()}

    assert found["API key"].verdict is found["Trial letter"].verdict is Verdict.UNFIT
    assert "not to be trusted" in found["API key"].sentence


@pytest.mark.parametrize("server", ["dns.example.net", "1.1.1.1:port", "::"])
def test_it_says_that_the_name_server_is_none(account, settings, server):
    settings.DNS_SERVER = server

    found = {finding.name: finding for finding in examine()}
    assert found["DMARC"].verdict is Verdict.UNFIT
    assert found["DMARC"].sentence.startswith("DNS_SERVER")
