"""Can mail reach a domain at all? Asked of the DNS once an hour and process, and never for long: somebody waits for it."""

from __future__ import annotations

import time

from django.conf import settings

from crm.mail.doctor.findings import Told
from crm.mail.doctor.names import Names

SECONDS = 0.5  # for each question
YES_KEPT, NO_KEPT = 3600, 600  # seconds
SILENT_FOR = 60  # seconds in which a name server that did not answer is not asked again, by anybody
MOST = 5_000  # domains to remember
NULL_MX = ["."]  # “this domain takes no mail” (RFC 7505)


class Memory:
    """What this process was told; a loss of it costs a question."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[float, bool]] = {}
        self.silent_until = 0.0

    def of(self, domain: str) -> bool | None:
        until, takes_mail = self.told.get(domain, (0.0, True))
        return takes_mail if until > time.monotonic() else None

    def keep(self, domain: str, takes_mail: bool) -> bool:
        if len(self.told) >= MOST:
            self.told.clear()
        self.told[domain] = (time.monotonic() + (YES_KEPT if takes_mail else NO_KEPT), takes_mail)
        return takes_mail


memory = Memory()


def takes_mail(domain: str) -> bool:
    """False where the DNS says that no mail can reach this domain. What it does not say, or not in time, is a yes."""
    domain = domain.strip().rstrip(".").lower()
    if not settings.ASK_MAIL_DOMAINS or not domain:
        return True
    known = memory.of(domain)
    if known is not None or memory.silent_until > time.monotonic():
        return known is not False
    try:
        return memory.keep(domain, _asked(domain))
    except Told:
        memory.silent_until = time.monotonic() + SILENT_FOR
        return True


def _asked(domain: str) -> bool:
    """By its mail servers; where it names none, its own address counts as one (RFC 5321, 5.1)."""
    names = Names(seconds=SECONDS)
    servers = names.mail_servers(domain)
    return servers != NULL_MX if servers else bool(names.addresses(domain))
