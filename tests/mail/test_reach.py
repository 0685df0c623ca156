"""Whether mail can reach a domain: asked of a name server on this machine."""

from __future__ import annotations

import dns.rcode
import pytest

from crm.mail import reach
from crm.mail.reach import takes_mail
from tests.fakes.dns import FakeDns


@pytest.fixture
def dns_server(settings, monkeypatch):
    monkeypatch.setattr(reach, "memory", reach.Memory())
    monkeypatch.setattr(reach, "SECONDS", 0.2)
    with FakeDns() as fake:
        settings.DNS_SERVER, settings.ASK_MAIL_DOMAINS = fake.address, True
        yield fake


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        ({"MX": ["10 mx.somewhere.example."]}, True),
        ({"A": ["192.0.2.1"]}, True),
        ({"AAAA": ["2001:db8::1"]}, True),
        ({"MX": ["0 ."], "A": ["192.0.2.1"]}, False),
        ({"TXT": ['"parked"']}, False),
        ({}, False),
    ],
)
def test_it_knows_by_mail_server_or_address(dns_server, records, answer):
    dns_server.records = {("somewhere.example", kind): lines for kind, lines in records.items()}

    assert takes_mail("Somewhere.Example.") is answer


def test_it_asks_once(dns_server):
    dns_server.records = {("somewhere.example", "MX"): ["10 mx.somewhere.example."]}

    for _ in range(3):
        assert takes_mail("somewhere.example")

    assert len(dns_server.asked) == 1


def test_it_says_yes_and_asks_nobody_for_a_while_where_nobody_answers(dns_server):
    dns_server.is_silent = True
    assert takes_mail("somewhere.example")
    dns_server.is_silent = False

    assert takes_mail("elsewhere.example")
    assert dns_server.asked == []


def test_it_says_yes_where_the_name_server_is_in_trouble(dns_server):
    dns_server.rcode = dns.rcode.SERVFAIL

    assert takes_mail("somewhere.example")


def test_it_says_yes_without_a_name_server(dns_server, settings):
    settings.DNS_SERVER = "not an address"

    assert takes_mail("somewhere.example")


def test_it_asks_nobody_where_it_is_turned_off(dns_server, settings):
    settings.ASK_MAIL_DOMAINS = False

    assert takes_mail("somewhere.example")
    assert dns_server.asked == []


@pytest.mark.parametrize("domain", ["", "x" * 64 + ".example", "a..b"])
def test_it_survives_what_is_no_domain(dns_server, domain):
    assert takes_mail(domain)


def test_it_remembers_only_so_many(dns_server, monkeypatch):
    monkeypatch.setattr(reach, "MOST", 2)
    dns_server.records = {(f"d{n}.example", "MX"): ["10 mx.example."] for n in range(5)}

    assert all(takes_mail(f"d{n}.example") for n in range(5))
    assert len(reach.memory.told) <= 2
