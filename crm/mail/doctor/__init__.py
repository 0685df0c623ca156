"""Is this installation fit to send? A list of small checks; each says how one thing stands and what to do about it.

Nothing here changes anything, sends anything or waits longer than a few seconds for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils.text import slugify

from crm.mail.doctor import coming_back, domain, installation, invites, provider, server, webhooks
from crm.mail.doctor.case import SENDGRID, SMTP, Case
from crm.mail.doctor.findings import Finding, Told, Verdict, not_needed

__all__ = ["CHECKS", "Case", "Check", "Finding", "Verdict", "check_named", "examine"]

EVERYWHERE = frozenset({SENDGRID, SMTP, ""})
WITH_SENDGRID, WITH_SMTP = frozenset({SENDGRID}), frozenset({SMTP})
SENDING = WITH_SENDGRID | WITH_SMTP


@dataclass(frozen=True)
class Check:
    """One thing to look at, for installations that send in one of these ways."""

    name: str
    look: Callable[[Case], Finding]
    ways: frozenset[str]
    before_sending: str

    @property
    def slug(self) -> str:
        return slugify(self.name)

    def run(self, case: Case) -> Finding:
        """Look, and say what was found; a network that is away is a finding too."""
        if case.is_at_home:
            found = not_needed(self.before_sending)
        elif case.way not in self.ways:
            found = not_needed("Not needed, because mail leaves another way.")
        else:
            try:
                found = self.look(case)
            except Told as told:
                found = told.finding
        return replace(found, name=self.name)


CHECKS = (
    Check("Way out", installation.way_out, EVERYWHERE, "Set SENDGRID_API_KEY, or SMTP_URL for a mail server."),
    Check("Site address", installation.site_address, EVERYWHERE, installation.SET_BASE_URL),
    Check("Sender address", installation.sender_address, EVERYWHERE, "Write an address of your own domain into the practice profile."),
    Check("Postal address", installation.postal_address, EVERYWHERE, "Write the practice's postal address into the practice profile."),
    Check("API key", provider.key, WITH_SENDGRID, "Make an API key at SendGrid that may send mail."),
    Check("Sender at SendGrid", provider.sender, WITH_SENDGRID, domain.AUTHENTICATE),
    Check("SPF", domain.spf, SENDING, "Add the records that SendGrid or your mail server's provider names to your DNS."),
    Check("DKIM", domain.dkim, SENDING, "Add the records that SendGrid or your mail server's provider names to your DNS."),
    Check("DMARC", domain.dmarc, SENDING, "Add a DMARC record to your DNS."),
    Check("Replies", domain.replies, SENDING, "Have a mailbox for the sender's address."),
    Check("Event webhook key", webhooks.event_key, WITH_SENDGRID, "Put the event webhook's public key into SENDGRID_WEBHOOK_KEY."),
    Check("Event webhook", webhooks.event_webhook, WITH_SENDGRID, "Make an event webhook at SendGrid that leads here."),
    Check("Last report", webhooks.last_report, WITH_SENDGRID, "Write the first letter to yourself, and see that a report comes back."),
    Check("Inbound mail key", webhooks.inbound_key, WITH_SENDGRID, "If mail shall come in here, put its public key into SENDGRID_INBOUND_KEY."),
    Check("Inbound mail", webhooks.inbound_mail, WITH_SENDGRID, "If mail shall come in here, set up Inbound Parse at SendGrid."),
    Check("Sender of invites", invites.sender, SENDING, "Nothing to do: until mail comes in here, invites leave from the practice's own address."),
    Check("Unsubscribe button", coming_back.unsubscribe_button, WITH_SENDGRID, "Nothing to do: a letter that comes back here shows it."),
    Check("Tracking", provider.tracking, WITH_SENDGRID, "Switch tracking off at SendGrid."),
    Check("Trial letter", provider.trial_letter, WITH_SENDGRID, "Nothing to do: it is tried once a key is there."),
    Check("Mail server", server.mail_server, WITH_SMTP, "Only without SendGrid: put the address of a mail server into SMTP_URL."),
    Check("Client mail server", server.client_server, EVERYWHERE, "Only where clients' letters leave another way: set CLIENT_MAIL_URL."),
    Check("Client letters", installation.client_letters, EVERYWHERE, "Before you write to clients: have your provider sign an agreement (BAA)."),
)  # fmt: skip


def examine(case: Case | None = None) -> Iterator[Finding]:
    """Every check in turn, each yielded as soon as it is known; what one has asked the others need not ask again."""
    case = case or Case()
    for check in CHECKS:
        yield check.run(case)


def check_named(slug: str) -> Check | None:
    return next((check for check in CHECKS if check.slug == slug), None)
