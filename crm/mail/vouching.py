"""Does a mail come from where it says? What the provider checked, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm.mail.models import InboundMail

SIGNED = re.compile(r"@([\w.-]+)\s*:\s*(\w+)")


@dataclass(frozen=True)
class Verdict:
    is_vouched: bool
    words: str
    is_refuted: bool = False


def verdict(mail: InboundMail) -> Verdict:
    """DKIM counts where it is the sender's own domain that signed; SPF, where the envelope names that domain too.

    SPF is about the server and the envelope's sender, which readers never see: anybody passes it with a domain of their
    own there, whatever name they write into the mail.
    """
    noted = mail.envelope if isinstance(mail.envelope, dict) else {}
    around = noted.get("envelope")
    domain = mail.sender.rpartition("@")[2]
    envelope_domain = str(around.get("from", "")).lower().rpartition("@")[2] if isinstance(around, dict) else ""
    signatures = SIGNED.findall(str(noted.get("dkim", "")).lower())
    spf = str(noted.get("SPF", "")).lower().strip()
    if domain and any(result == "pass" and _is_of(domain, by) for by, result in signatures):
        return Verdict(True, f"Signed by {domain}: it comes from where it says.")
    if spf in ("fail", "softfail", "permerror") or any(result == "fail" for _by, result in signatures):
        return Verdict(
            False,
            "It may be forged: the checks of its sender failed (SPF, DKIM). Do not trust what it says.",
            is_refuted=True,
        )
    if spf == "pass" and domain and envelope_domain and _is_of(domain, envelope_domain):
        return Verdict(True, "It came from a server that its sender's domain allows (SPF), but it is not signed.")
    return Verdict(False, "Nothing vouches for its sender. Ask in another way before you act on it.")


def _is_of(domain: str, by: str) -> bool:
    return domain == by or domain.endswith(f".{by}") or by.endswith(f".{domain}")
