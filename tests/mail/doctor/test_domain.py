import pytest

from crm.mail.doctor import Verdict
from tests.mail.doctor.conftest import DOMAIN

pytestmark = pytest.mark.django_db
DOMAINS = "/v3/whitelabel/domains"


@pytest.fixture
def over_smtp(account, settings):
    settings.SENDGRID_API_KEY, settings.SMTP_URL = "", "smtp://mail.example.net"


def test_it_finds_spf_where_sendgrid_sends_from(account, look):
    assert f"em1.{DOMAIN}" in look("spf").sentence
    assert look("spf").verdict is Verdict.FIT


def test_it_misses_the_alias_that_carries_spf(account, look, dns):
    dns.records[f"em1.{DOMAIN}", "CNAME"] = ["elsewhere.example.net."]

    found = look("spf")
    assert found.verdict is Verdict.UNFIT
    assert f"em1.{DOMAIN} to u1.wl.sendgrid.net" in found.what_to_do


def test_it_misses_the_domain_at_sendgrid(account, look):
    account.account[DOMAINS] = []

    assert look("spf").verdict is look("dkim").verdict is Verdict.UNFIT
    assert "Sender Authentication" in look("dkim").what_to_do


@pytest.mark.parametrize(("line", "verdict"), [("v=spf1 include:sendgrid.net -all", Verdict.FIT), ("", Verdict.UNFIT)])
def test_it_understands_records_that_are_kept_by_hand(account, look, dns, line, verdict):
    by_hand = {"subdomain_spf": {"type": "txt", "host": f"em1.{DOMAIN}", "data": "v=spf1 include:sendgrid.net ~all"}}
    account.account[DOMAINS][0]["dns"] = by_hand
    if line:
        dns.text(f"em1.{DOMAIN}", line)

    assert look("spf").verdict is verdict


@pytest.mark.parametrize("slug", ["spf", "dkim"])
def test_it_looks_in_the_dns_alone_when_the_key_may_not_read(account, look, dns, slug):
    account.account_status[DOMAINS] = 403
    dns.text(DOMAIN, "v=spf1 include:sendgrid.net ~all")

    assert look(slug).verdict is Verdict.FIT


def test_it_sees_two_spf_records(account, look, dns):
    dns.text(DOMAIN, "v=spf1 include:a.example.net ~all", "v=spf1 include:b.example.net ~all")

    assert look("spf").verdict is Verdict.UNFIT
    assert "2 SPF records" in look("spf").sentence


def test_it_sees_spf_that_lets_everybody_send(account, look, dns):
    dns.text(DOMAIN, "v=spf1 +all")

    assert "everybody" in look("spf").sentence


def test_it_asks_for_spf_of_a_mail_server(over_smtp, look, dns):
    assert look("spf").verdict is Verdict.FIT

    dns.text(DOMAIN, "v=spf10 something else")
    assert look("spf").verdict is Verdict.UNFIT


def test_it_finds_the_keys_that_sendgrid_signs_with(account, look):
    assert (look("dkim").verdict, look("dkim").sentence) == (
        Verdict.FIT,
        f"SendGrid signs letters in the name of {DOMAIN}.",
    )


def test_it_misses_one_of_them(account, look, dns):
    del dns.records[f"s2._domainkey.{DOMAIN}", "CNAME"]

    assert look("dkim").verdict is Verdict.UNFIT
    assert "1 of the records" in look("dkim").sentence
    assert f"s2._domainkey.{DOMAIN}" in look("dkim").what_to_do


def test_it_sees_that_the_keys_were_withdrawn(account, look, dns):
    for selector in ("s1", "s2"):
        dns.text(f"{selector}._domainkey.{DOMAIN}", "v=DKIM1; p=")

    assert look("dkim").verdict is Verdict.UNFIT
    assert "no DKIM key" in look("dkim").sentence


def test_it_guesses_the_key_of_a_mail_server(over_smtp, look, dns):
    dns.text(f"google._domainkey.{DOMAIN}", "v=DKIM1; p=MIIB")
    for selector in ("s1", "s2"):
        del dns.records[f"{selector}._domainkey.{DOMAIN}", "TXT"]
    assert "google._domainkey" in look("dkim").sentence

    del dns.records[f"google._domainkey.{DOMAIN}", "TXT"]
    assert look("dkim").verdict is Verdict.UNSURE
    assert "dkim=pass" in look("dkim").what_to_do


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("v=DMARC1; p=none", Verdict.FIT),
        ("v=DMARC1;p=reject;adkim=s", Verdict.FIT),
        ("V=DMARC1; P=Quarantine", Verdict.FIT),
        ("v=DMARC1", Verdict.UNFIT),
        ("v=DMARC1; p=maybe", Verdict.UNFIT),
        ("nothing of that kind", Verdict.UNFIT),
    ],
)
def test_it_reads_dmarc(account, look, dns, record, verdict):
    dns.text(f"_dmarc.{DOMAIN}", record)

    assert look("dmarc").verdict is verdict


def test_it_misses_dmarc(account, look, dns):
    del dns.records[f"_dmarc.{DOMAIN}", "TXT"]

    assert look("dmarc").verdict is Verdict.UNFIT
    assert f"_dmarc.{DOMAIN}" in look("dmarc").what_to_do


def test_it_sees_two_dmarc_records(account, look, dns):
    dns.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none", "v=DMARC1; p=reject")

    assert look("dmarc").verdict is Verdict.UNFIT


def test_a_parents_dmarc_covers_a_subdomain(account, public, look):
    public.email = f"hello@letters.{DOMAIN}"
    public.save()

    assert (look("dmarc").verdict, look("sender-at-sendgrid").verdict) == (Verdict.FIT, Verdict.FIT)
    assert f"_dmarc.{DOMAIN}" in look("dmarc").sentence


def test_it_sees_that_dmarc_asks_for_another_name_in_the_signature(account, public, look, dns):
    public.email = f"hello@letters.{DOMAIN}"
    public.save()
    dns.text(f"_dmarc.letters.{DOMAIN}", "v=DMARC1; p=reject; adkim=s")

    assert look("dmarc").verdict is Verdict.UNFIT
    assert f"signs as {DOMAIN}" in look("dmarc").sentence


def test_it_sees_where_replies_go(account, look):
    assert "first.mail.example.net" in look("replies").sentence


@pytest.mark.parametrize("servers", [[], ["0 ."]])
def test_it_sees_that_replies_go_nowhere(account, look, dns, servers):
    dns.records[DOMAIN, "MX"] = servers

    assert look("replies").verdict is Verdict.UNFIT


def test_it_sees_that_replies_reach_no_mailbox(account, look, dns):
    dns.records[DOMAIN, "MX"] = ["10 mx.sendgrid.net."]

    assert look("replies").verdict is Verdict.UNSURE


def test_it_knows_a_domain_in_another_script(account, public, look, dns):
    public.email = "hallo@bücher-physio.ch"
    public.save()
    dns.records["xn--bcher-physio-dlb.ch", "MX"] = ["10 mail.example.net."]

    assert look("replies").verdict in (Verdict.FIT, Verdict.UNFIT)
    assert any(name.startswith("xn--") for name, _kind in dns.asked)
