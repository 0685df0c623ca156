"""What a letter of ours looked like to its reader: only one that came back to us can show it."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import Message as Mail
from email.parser import BytesHeaderParser

from django.conf import settings
from django.db.models import BinaryField
from django.db.models.functions import Substr

from crm.mail.doctor.case import Case
from crm.mail.doctor.domain import tags
from crm.mail.doctor.findings import Finding, fit, not_needed, unfit, unsure
from crm.mail.models import InboundMail

HEAD_BYTES = 64 * 1024
LATEST = 20
MUST_BE_SIGNED = {"list-unsubscribe", "list-unsubscribe-post"}
HOW = "Send a letter to an address at the host of your inbound mail, as the handbook shows, then run the doctor again."


def unsubscribe_button(case: Case) -> Finding:
    """A mail program shows its own unsubscribe button only where the headers behind it are signed (RFC 8058)."""
    if not settings.SENDGRID_INBOUND_KEY:
        return not_needed("Whether mail programs show their own unsubscribe button, only a letter in one can tell.")
    letter = next(_letters(case.sender), None)
    if letter is None:
        return not_needed("No letter of ours has come back here yet.", HOW)
    signed = [set(each["h"].replace(" ", "").split(":")) for each in _signatures(letter) if _is_ours(each, case.domain)]
    if not signed:
        return unfit(f"A letter came back without a signature of {case.domain}.", "Mend DKIM, then send another.")
    missing = min((MUST_BE_SIGNED - names for names in signed), key=len)
    if missing:
        return unsure(
            f"SendGrid's signature leaves out {' and '.join(sorted(missing))}.",
            "Ask SendGrid's support to sign it. Until then Gmail may not show its own button; the link in letters works.",
        )
    return fit("A letter that came back had all that mail programs need for their own unsubscribe button.")


def _letters(sender: str) -> Iterator[Mail]:
    """Our letters among the mail that came in, the latest first."""
    heads = (
        InboundMail.objects.filter(sender__iexact=sender)
        .order_by("-received_at")
        .values_list(Substr("raw", 1, HEAD_BYTES, output_field=BinaryField()), flat=True)
    )
    for head in heads[:LATEST]:
        mail = BytesHeaderParser(policy=policy.compat32).parsebytes(bytes(head))
        if mail["List-Unsubscribe-Post"]:
            yield mail


def _signatures(mail: Mail) -> Iterator[dict[str, str]]:
    for value in mail.get_all("DKIM-Signature", []):
        yield {"h": "", "d": "", **dict(tags("".join(str(value).split())))}


def _is_ours(signature: dict[str, str], domain: str) -> bool:
    """Signed by the sender's domain, or by one above it."""
    return bool(signature["d"]) and f".{domain}".endswith(f".{signature['d']}")
