"""What one examination is about: the practice, its way out, and the two sources that it asks."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.conf import settings

from crm.mail.doctor.account import Account, rows
from crm.mail.doctor.findings import Told, unfit
from crm.mail.doctor.names import Names
from crm.mail.render import AddressUnusable, mailbox
from crm.people.models import PracticeProfile

SENDGRID, SMTP, NOWHERE = "sendgrid", "smtp", ""
RECORD = {"type", "host", "data"}
LOOK_AT_DOMAIN = "Look under Settings, Sender Authentication at SendGrid: your domain must stand there as verified."


@dataclass
class Case:
    practice: PracticeProfile = field(default_factory=PracticeProfile.load)
    names: Names = field(default_factory=Names)
    account: Account = field(default_factory=Account)

    @property
    def way(self) -> str:
        """How mail leaves this installation."""
        return SENDGRID if settings.SENDGRID_API_KEY else SMTP if settings.SMTP_URL else NOWHERE

    @property
    def is_at_home(self) -> bool:
        """A demo or a trial on somebody's own machine, that sends nothing and need not be fit to."""
        return settings.IS_LOCAL and not self.way and not settings.CLIENT_MAIL_URL

    @property
    def sender(self) -> str:
        try:
            return mailbox(self.practice.email).lower()
        except AddressUnusable as problem:
            raise Told(unfit(str(problem), "Write another e-mail address into the practice profile.")) from problem

    def sending_from(self, address: str) -> Case:
        """The same examination, asking about another sender; what is known already is not asked again."""
        practice = copy(self.practice)
        practice.email = address
        return replace(self, practice=practice)

    @property
    def domain(self) -> str:
        """The domain that letters come from."""
        return self.sender.rpartition("@")[2]

    @cached_property
    def signed_domain(self) -> dict[str, Any] | None:
        """The domain, as SendGrid lists it, under which it signs our letters; None if there is none."""
        listed = rows(self.account.read("/v3/whitelabel/domains", by_hand=LOOK_AT_DOMAIN))
        ours = [entry for entry in listed if f".{self.domain}".endswith(f".{entry.get('domain') or '?'}")]
        ours.sort(key=lambda entry: (not entry.get("valid"), entry["domain"] != self.domain))
        return ours[0] if ours else None

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        """The DNS records that SendGrid wants to see for that domain."""
        wanted = (self.signed_domain or {}).get("dns")
        named = wanted.items() if isinstance(wanted, dict) else ()
        return {name: record for name, record in named if isinstance(record, dict) and record.keys() >= RECORD}
