from __future__ import annotations

import pytest

from crm.mail.doctor import Verdict
from tests.mail.doctor.conftest import DOMAIN

pytestmark = pytest.mark.django_db
HOST = f"in.{DOMAIN}"
ADDRESS, OURS = f"invites@{HOST}", f"hello@{DOMAIN}"


@pytest.fixture
def fit_host(account):
    """SendGrid sends for the host of the answers too."""
    account.senders = {DOMAIN, HOST}
    return account


def test_it_says_that_the_host_may_send_and_how_to_let_it(fit_host, look):
    found = look("sender-of-invites")

    assert found.verdict is Verdict.FIT
    assert found.sentence == (
        f"Invites leave from {OURS}, while calendars answer to {ADDRESS}. That host may send too."
    )
    assert found.what_to_do.endswith("set INVITES_FROM_INBOUND=1.")


def test_it_is_content_where_sender_and_organizer_are_one(fit_host, look, settings):
    settings.INVITES_FROM_INBOUND = True

    found = look("sender-of-invites")
    assert (found.verdict, found.sentence) == (
        Verdict.FIT,
        f"Invites leave from {ADDRESS}, where calendars answer them.",
    )
    assert [mail["from"]["email"] for mail in fit_host.looked_at] == [ADDRESS]
    assert fit_host.accepted == []


def break_sender(account, dns, settings):
    account.senders = {DOMAIN}


def break_dkim(account, dns, settings):
    del dns.records[f"s1._domainkey.{DOMAIN}", "CNAME"]


def break_dmarc(account, dns, settings):
    dns.records.pop((f"_dmarc.{DOMAIN}", "TXT"))
    dns.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject; adkim=s")


def break_mx(account, dns, settings):
    dns.records[HOST, "MX"] = ["10 first.mail.example.net."]


def break_key(account, dns, settings):
    settings.SENDGRID_INBOUND_KEY = ""


def break_domain(account, dns, settings):
    account.account["/v3/whitelabel/domains"] = []


BREAKS = {
    break_sender: "does not match a verified Sender Identity",
    break_dkim: "does not show 1 of the records",
    break_dmarc: f"signatures of exactly {HOST}",
    break_mx: "does not go to SendGrid",
    break_key: "turned away",
    break_domain: f"may not send for {HOST}",
}


@pytest.mark.parametrize("is_said", [False, True])
@pytest.mark.parametrize("break_one", BREAKS)
def test_it_says_why_the_host_may_not_send_and_what_to_do(fit_host, dns, settings, look, break_one, is_said):
    settings.INVITES_FROM_INBOUND = is_said
    break_one(fit_host, dns, settings)

    found = look("sender-of-invites")

    assert BREAKS[break_one] in found.sentence
    if is_said:
        assert found.verdict is Verdict.UNFIT
        assert found.sentence.startswith(f"Invites leave from {ADDRESS}, but: ")
        assert found.what_to_do.endswith("Until then unset INVITES_FROM_INBOUND.")
    else:
        assert found.verdict is Verdict.FIT  # today's way is no fault
        assert found.sentence.startswith(f"Invites leave from {OURS}, while calendars answer to {ADDRESS}, because")
        assert found.what_to_do.endswith("Then set INVITES_FROM_INBOUND=1.")


def test_it_is_unsure_while_sendgrid_is_away(fit_host, settings, look):
    settings.INVITES_FROM_INBOUND, settings.SENDGRID_API_URL = True, "http://127.0.0.1:1"

    assert look("sender-of-invites").verdict is Verdict.UNSURE


def test_it_has_nothing_to_say_where_no_mail_comes_in(fit_host, settings, look):
    settings.INBOUND_HOST = ""

    found = look("sender-of-invites")
    assert (found.verdict, found.sentence) == (
        Verdict.NOT_NEEDED,
        f"Invites leave from {OURS}, and calendars answer there.",
    )


def test_it_wants_a_host_where_invites_shall_leave_from_one(fit_host, settings, look):
    settings.INBOUND_HOST, settings.INVITES_FROM_INBOUND = "", True

    assert look("sender-of-invites").verdict is Verdict.UNFIT
    assert "Set INBOUND_HOST too" in look("sender-of-invites").what_to_do
