"""Questions to the DNS, with a time limit, and answers as plain strings."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from django.conf import settings

from crm.mail.doctor.findings import Told, unfit, unsure

SECONDS = 5
DNS_PORT = 53


@dataclass
class Names:
    """One examination's questions: none is asked twice, and after one that nobody answered no other is asked."""

    server: str = field(default_factory=lambda: settings.DNS_SERVER)
    known: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    is_silent: bool = False
    seconds: float = field(default_factory=lambda: SECONDS)

    def texts(self, name: str) -> list[str]:
        return self._ask(name, "TXT")

    def aliases(self, name: str) -> list[str]:
        return self._ask(name, "CNAME")

    def addresses(self, name: str) -> list[str]:
        return self._ask(name, "A") or self._ask(name, "AAAA")

    def mail_servers(self, name: str) -> list[str]:
        """The hosts that take this name's mail, the preferred one first; ``.`` stands for a name that takes none."""
        ranked = sorted(self._ask(name, "MX"), key=lambda line: int(line.split()[0]))
        return [line.split()[1].rstrip(".").lower() or "." for line in ranked]

    def _ask(self, name: str, kind: str) -> list[str]:
        if (name, kind) not in self.known:
            self.known[name, kind] = self._asked(name, kind)
        return self.known[name, kind]

    def _asked(self, name: str, kind: str) -> list[str]:
        if self.is_silent:
            raise _no_answer()
        try:
            answer = self._resolver().resolve(dns.name.from_text(name), kind, lifetime=self.seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return []
        except (dns.name.NameTooLong, dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.IDNAException) as problem:
            raise Told(
                unfit(f"{name} is not a name that the DNS can know.", "Look for a slip of the pen.")
            ) from problem
        except (dns.exception.DNSException, OSError) as problem:
            self.is_silent = True
            raise _no_answer() from problem
        return [_plain(record, kind) for record in answer]

    def _resolver(self) -> dns.resolver.Resolver:
        if not self.server:
            return dns.resolver.Resolver()
        resolver = dns.resolver.Resolver(configure=False)
        try:
            where = urlsplit(f"//{self.server}")
            resolver.nameservers, resolver.port = [where.hostname or ""], where.port or DNS_PORT
        except ValueError as problem:
            raise Told(
                unfit("DNS_SERVER is not the address of a name server.", "Write one as 1.1.1.1, or unset it.")
            ) from problem
        return resolver


def _plain(record, kind: str) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")
    return record.to_text().rstrip(".").lower() if kind == "CNAME" else record.to_text()


def _no_answer() -> Told:
    return Told(
        unsure(
            "No name server (DNS) answered, so nothing is known about it.",
            "Look whether this machine reaches the internet, then run the doctor again.",
        )
    )
