"""An installation that is fit to send, on loopback: a test breaks one thing and looks what the doctor says."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crm.mail.doctor import Case, Finding, check_named
from crm.people.models import PracticeProfile
from tests.fakes.dns import FakeDns
from tests.fakes.sendgrid import FakeSendGrid, Rule

DOMAIN = "harbourphysio.ca"
SITE = f"https://rapport.{DOMAIN}"


def made_key(curve: ec.EllipticCurve | None = None) -> str:
    """A public key as SendGrid shows it."""
    key = ec.generate_private_key(curve or ec.SECP256R1()).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


class Watched(FakeSendGrid):
    """A SendGrid that also remembers what it checked and threw away."""

    def reset(self) -> None:
        super().reset()
        self.looked_at: list[dict] = []

    def rule_for(self, payload: dict | None) -> Rule:
        self.looked_at += [payload] if payload else []
        return super().rule_for(payload)


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    """The DNS of a practice that has done everything right."""
    with FakeDns() as fake:
        fake.records[f"rapport.{DOMAIN}", "A"] = ["93.184.215.14"]
        fake.records[f"em1.{DOMAIN}", "CNAME"] = ["u1.wl.sendgrid.net."]
        for selector in ("s1", "s2"):
            fake.records[f"{selector}._domainkey.{DOMAIN}", "CNAME"] = [f"{selector}.domainkey.u1.wl.sendgrid.net."]
            fake.text(f"{selector}._domainkey.{DOMAIN}", "k=rsa; t=s; p=" + "MIIB" * 90)
        fake.text(DOMAIN, "google-site-verification=1", "v=spf1 include:mail.example.net ~all")
        fake.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=quarantine; rua=mailto:dmarc@harbourphysio.ca")
        fake.records[DOMAIN, "MX"] = ["20 second.mail.example.net.", "10 first.mail.example.net."]
        fake.records[f"in.{DOMAIN}", "MX"] = ["10 mx.sendgrid.net."]
        yield fake


def sendgrid_answers(key: str) -> dict[str, object]:
    """What SendGrid says about an account that is set up right."""
    cnames = {
        "mail_cname": (f"em1.{DOMAIN}", "u1.wl.sendgrid.net"),
        "dkim1": (f"s1._domainkey.{DOMAIN}", "s1.domainkey.u1.wl.sendgrid.net"),
        "dkim2": (f"s2._domainkey.{DOMAIN}", "s2.domainkey.u1.wl.sendgrid.net"),
    }
    return {
        "/v3/scopes": {"scopes": ["mail.send", "whitelabel.read"]},
        "/v3/whitelabel/domains": [
            {
                "domain": DOMAIN,
                "valid": True,
                "dns": {
                    name: {"type": "cname", "host": host, "data": data, "valid": True}
                    for name, (host, data) in cnames.items()
                },
            }
        ],
        "/v3/verified_senders": {"results": []},
        "/v3/user/webhooks/event/settings/all": {
            "webhooks": [
                {
                    "enabled": True,
                    "url": f"{SITE}/mail/events/",
                    "public_key": key,
                    **dict.fromkeys(("processed", "deferred", "delivered", "bounce", "dropped", "spam_report"), True),
                    "open": False,
                    "click": False,
                }
            ]
        },
        "/v3/user/webhooks/parse/settings": {
            "result": [
                {"url": f"{SITE}/mail/inbound/", "hostname": f"in.{DOMAIN}", "send_raw": True, "spam_check": False}
            ]
        },
        "/v3/tracking_settings": {"result": [{"name": "open", "title": "Open Tracking", "enabled": False}]},
    }


@pytest.fixture
def public(db, settings, dns) -> PracticeProfile:
    """An installation at a public address, whose practice has said who it is."""
    settings.BASE_URL, settings.IS_LOCAL = SITE, False
    settings.DNS_SERVER = dns.address
    practice = PracticeProfile.load()
    practice.name, practice.email = "Harbour Physio", f"hello@{DOMAIN}"
    practice.street, practice.city, practice.region = "12 Quay Street", "Ottawa", "ON"
    practice.save()
    return practice


@pytest.fixture
def account(public, settings) -> Iterator[Watched]:
    """The same, with SendGrid set up to the last tick."""
    with Watched() as fake:
        settings.SENDGRID_API_KEY, settings.SENDGRID_API_URL = fake.key, fake.url
        settings.SENDGRID_WEBHOOK_KEY, settings.SENDGRID_INBOUND_KEY = fake.public_key, made_key()
        settings.INBOUND_HOST = f"in.{DOMAIN}"
        fake.account, fake.senders = sendgrid_answers(fake.public_key), {DOMAIN}
        yield fake


@pytest.fixture
def look(db):
    """look("dmarc"): what one check says now."""

    def run(slug: str) -> Finding:
        check = check_named(slug)
        assert check
        return check.run(Case())

    return run
