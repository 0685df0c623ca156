"""What stands in our own settings and in the practice profile."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from crm.mail.doctor.case import SENDGRID, SMTP, Case
from crm.mail.doctor.findings import Finding, fit, not_needed, unfit

NOBODYS = (".example.com", ".example.net", ".example.org", ".example", ".test", ".invalid", ".localhost", ".local")
MAILBOXES_OF_OTHERS = {
    "aol.com", "gmail.com", "gmx.com", "googlemail.com", "hotmail.com", "icloud.com", "live.com", "me.com", "msn.com",
    "outlook.com", "proton.me", "protonmail.com", "yahoo.ca", "yahoo.com", "ymail.com",
}  # fmt: skip
SET_BASE_URL = "Set BASE_URL to the https:// address under which people reach the site."
PROFILE = "the practice profile, under Settings in the office."


def site_address(case: Case) -> Finding:
    """Links in letters must work from the reader's own machine."""
    url = urlsplit(settings.BASE_URL)
    if settings.IS_LOCAL:
        return unfit(
            f"BASE_URL is {settings.BASE_URL}. Only this machine can open the links in a letter.", SET_BASE_URL
        )
    if url.scheme != "https":
        return unfit(f"BASE_URL is {settings.BASE_URL}. Links in letters must be https.", SET_BASE_URL)
    found = case.names.addresses(url.hostname or "")
    if not found:
        return unfit(f"The DNS does not know {url.hostname}, so no link in a letter works.", SET_BASE_URL)
    if not any(ip_address(address).is_global for address in found):
        return unfit(f"{url.hostname} leads to {found[0]}, which only your own network can reach.", SET_BASE_URL)
    return fit(f"Links in letters lead to {settings.BASE_URL}.")


def way_out(case: Case) -> Finding:
    if case.way == SENDGRID:
        return fit("Mail leaves through SendGrid.")
    if case.way == SMTP:
        return fit("Mail leaves through a mail server.", "Only SendGrid reports what became of each letter.")
    return unfit("No mail leaves: neither SendGrid nor a mail server is set up.", "Set SENDGRID_API_KEY, or SMTP_URL.")


def sender_address(case: Case) -> Finding:
    """Letters come from the practice's own domain: nobody can prove to own another."""
    if f".{case.domain}".endswith(NOBODYS):
        return unfit(
            f"Letters would come from {case.sender}, which is nobody's address.",
            f"Write one of your own domain into {PROFILE}",
        )
    if case.domain in MAILBOXES_OF_OTHERS:
        return unfit(
            f"Letters would come from {case.sender}. Receivers refuse mail from {case.domain} that did not leave there.",
            f"Write an address of the practice's own domain into {PROFILE}",
        )
    return fit(f"Letters come from {case.sender}.")


def postal_address(case: Case) -> Finding:
    """The law asks for the sender's postal address in every letter."""
    if not (case.practice.street and case.practice.city):
        return unfit(
            "The practice has no postal address, and the law asks for it in every letter.",
            f"Write street and city into {PROFILE}",
        )
    return fit(f"Letters end with {case.practice.sender}, {case.practice.postal_address}.")


def client_letters(case: Case) -> Finding:
    """Letters to clients leave only under an agreement about their data."""
    setting, signed_on = _agreement(case)
    if signed_on and signed_on <= timezone.localdate():
        return fit(f"An agreement about clients' data (BAA) is on record since {signed_on:%Y-%m-%d}.")
    if signed_on:
        return unfit(
            f"{setting} is {signed_on:%Y-%m-%d}, a day to come. Until then no care letter leaves.",
            "Write the day on which it was signed.",
        )
    if settings.CLIENT_MAIL_URL:
        return unfit(
            "A mail server for clients is set up, but no agreement about their data (BAA), so care letters stay here.",
            f"Have its provider sign one, then set {setting} to that day.",
        )
    return not_needed(
        "No agreement about clients' data (BAA) is on record, so no care letter leaves.",
        f"Before you write to clients: have your provider sign one, then set {setting} to that day.",
    )


def _agreement(case: Case) -> tuple[str, date | None]:
    """Which setting tells that the transport of care letters is under an agreement, and what it says."""
    if settings.CLIENT_MAIL_URL:
        return "CLIENT_MAIL_BAA_SIGNED_ON", settings.CLIENT_MAIL_BAA_SIGNED_ON
    if case.way == SENDGRID:
        return "SENDGRID_BAA_SIGNED_ON", settings.SENDGRID_BAA_SIGNED_ON
    return (
        "CLIENT_MAIL_URL, and CLIENT_MAIL_BAA_SIGNED_ON",
        None,
    )  # the server of all other letters carries none of these
