from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm.mail.doctor import Verdict

pytestmark = pytest.mark.django_db


def test_it_sees_a_public_address(account, look):
    found = look("site-address")

    assert (found.verdict, found.sentence) == (
        Verdict.FIT,
        "Links in letters lead to https://rapport.harbourphysio.ca.",
    )


@pytest.mark.parametrize(
    ("address", "is_local", "said"),
    [
        ("http://localhost:8000", True, "Only this machine"),
        ("http://rapport.harbourphysio.ca", False, "must be https"),
        ("https://raport.harbourphysio.ca", False, "does not know raport.harbourphysio.ca"),
        ("https://home.harbourphysio.ca", False, "only your own network"),
    ],
)
def test_it_sees_that_links_would_be_dead(account, look, settings, dns, address, is_local, said):
    settings.BASE_URL, settings.IS_LOCAL = address, is_local
    dns.records["home.harbourphysio.ca", "A"] = ["192.168.1.20"]

    found = look("site-address")
    assert found.verdict is Verdict.UNFIT
    assert said in found.sentence
    assert "BASE_URL" in found.what_to_do


def test_it_sees_that_nothing_leaves_a_public_site(public, look):
    found = look("way-out")

    assert found.verdict is Verdict.UNFIT
    assert "SENDGRID_API_KEY" in found.what_to_do


def test_it_says_which_way_mail_leaves(account, look, settings):
    assert look("way-out").sentence == "Mail leaves through SendGrid."

    settings.SENDGRID_API_KEY, settings.SMTP_URL = "", "smtp://mail.example.net"
    assert look("way-out").sentence == "Mail leaves through a mail server."


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("hello@example.com", "nobody's address"),
        ("hello@harbour.example.com", "nobody's address"),
        ("hello@clinic.test", "nobody's address"),
        ("harbourphysio@gmail.com", "refuse mail from gmail.com"),
        ("hello@harbour physio.ca", "not an address"),
    ],
)
def test_it_sees_a_sender_nobody_believes(account, public, look, email, said):
    public.email = email
    public.save()

    found = look("sender-address")
    assert found.verdict is Verdict.UNFIT
    assert said in found.sentence
    assert "practice profile" in found.what_to_do


@pytest.mark.parametrize("email", ["hello@harbourphysio.ca", "hello@myexample.com", "hello@contest.ca"])
def test_it_believes_a_domain_of_ones_own(account, public, look, email):
    public.email = email
    public.save()

    assert look("sender-address").verdict is Verdict.FIT


def test_it_asks_for_a_postal_address(account, public, look):
    assert "12 Quay Street" in look("postal-address").sentence

    public.street = ""
    public.save()
    assert look("postal-address").verdict is Verdict.UNFIT


def test_it_asks_for_no_agreement_while_nobody_writes_to_clients(account, look):
    found = look("client-letters")

    assert found.verdict is Verdict.NOT_NEEDED
    assert "SENDGRID_BAA_SIGNED_ON" in found.what_to_do


def test_it_sees_the_agreement(account, look, settings):
    settings.SENDGRID_BAA_SIGNED_ON = date(2026, 3, 31)

    assert look("client-letters").verdict is Verdict.FIT
    assert "2026-03-31" in look("client-letters").sentence


def test_it_believes_no_agreement_of_tomorrow(account, look, settings):
    settings.SENDGRID_BAA_SIGNED_ON = timezone.localdate() + timedelta(days=1)

    assert look("client-letters").verdict is Verdict.UNFIT


def test_it_asks_for_the_agreement_of_the_clients_own_server(account, look, settings):
    settings.CLIENT_MAIL_URL, settings.SENDGRID_BAA_SIGNED_ON = "smtp://mail.example.net", date(2026, 3, 31)
    assert look("client-letters").verdict is Verdict.UNFIT

    settings.CLIENT_MAIL_BAA_SIGNED_ON = date(2026, 3, 31)
    assert look("client-letters").verdict is Verdict.FIT


def test_it_knows_that_the_common_mail_server_carries_no_care_letter(account, look, settings):
    settings.SENDGRID_API_KEY, settings.SMTP_URL = "", "smtp://mail.example.net"
    settings.SENDGRID_BAA_SIGNED_ON = settings.CLIENT_MAIL_BAA_SIGNED_ON = date(2026, 3, 31)

    assert look("client-letters").verdict is Verdict.NOT_NEEDED
    assert "CLIENT_MAIL_URL" in look("client-letters").what_to_do
