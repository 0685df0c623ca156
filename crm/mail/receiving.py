"""SendGrid's Inbound Parse posts the mail that comes in: signed, capped, and kept before anything is made of it."""

from __future__ import annotations

import hashlib
import json
import logging
import re

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_q.tasks import async_task

from crm.mail.models import InboundMail
from crm.mail.reading import clean, clean_text, read_envelope
from crm.mail.signatures import signed_body

logger = logging.getLogger(__name__)

LARGEST = 30 * 1024 * 1024  # SendGrid takes no larger mail itself
CONTENT_HEADERS = re.compile(rb"(?im)^content-[\w-]+:.*\r?\n(?:[ \t].*\r?\n)*")
NOTED = ("SPF", "dkim", "sender_ip", "spam_score", "from", "to", "subject", "charsets")


class NotAForm(ValueError):
    """A post that is not multipart/form-data."""


@csrf_exempt  # the signature is the proof
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Keep one mail that came in. 200 means that it is kept; anything else, and SendGrid brings it again."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST:
        return HttpResponse("This mail is too large.\n", status=413, content_type="text/plain")
    body = signed_body(request, keys=settings.SENDGRID_INBOUND_KEY, at_most=LARGEST)
    if body is None:
        return HttpResponse("Not signed with a key of ours.\n", status=403, content_type="text/plain")
    try:
        fields = fields_of(body, request.headers.get("Content-Type", ""))
    except NotAForm:
        logger.warning("A signed post to /mail/inbound/ was no form. Inbound Parse must send to this address.")
        return HttpResponse("Not a form.\n", status=400, content_type="text/plain")
    keep(fields)
    return HttpResponse("Kept.\n", content_type="text/plain")


def fields_of(body: bytes, content_type: str) -> dict[str, bytes]:
    """The fields of a form, byte for byte.

    Django's own parser would read them as text, which a raw mail is not, and stop at a size meant for people's forms.
    """
    kind, options = parse_header_parameters(content_type)
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    if kind.lower() != "multipart/form-data" or not boundary:
        raise NotAForm
    fields: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return fields
        head, gap, value = part.partition(b"\r\n\r\n")
        if gap and (name := _field_name(head)):
            fields.setdefault(name, value)
    raise NotAForm


def keep(fields: dict[str, bytes]) -> InboundMail:
    """Store one mail and wake a worker to look at it; the same mail twice is one."""
    raw = fields.get("email") or _rebuilt(fields)
    envelope, around = read_envelope(raw), _around(fields)
    reached = [address for address in around.get("envelope", {}).get("to", []) if address] or envelope.recipients
    with transaction.atomic():
        mail, is_new = InboundMail.objects.get_or_create(
            fingerprint=hashlib.sha256(raw).digest(),
            defaults={
                "raw": raw,
                "sender": envelope.sender,
                "recipient": reached[0] if reached else "",
                "subject": envelope.subject,
                "envelope": around,
            },
        )
        if is_new:
            transaction.on_commit(lambda: async_task("crm.mail.inbound.look_through", group="inbound"))
    return mail


def _field_name(head: bytes) -> str:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return parse_header_parameters(value)[1].get("name", "")
    return ""


def _around(fields: dict[str, bytes]) -> dict:
    """What SendGrid noted beside the mail, in words that a database takes."""
    noted: dict = {name: clean(clean_text(fields[name]), most=500) for name in NOTED if fields.get(name)}
    try:
        envelope = json.loads(fields.get("envelope", b"{}"))
        reached = envelope.get("to") or []
        noted["envelope"] = {
            "from": clean(str(envelope.get("from") or ""), most=254),
            "to": [clean(address, most=254) for address in reached[:50] if isinstance(address, str)],
        }
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass  # the headers name sender and recipient too
    return noted


def _rebuilt(fields: dict[str, bytes]) -> bytes:
    """A mail made of its parts, where Inbound Parse was not told to post the raw one. Its files are lost."""
    logger.warning("Inbound Parse posts mails in parts. Tick “POST the raw, full MIME message” to keep their files.")
    head = CONTENT_HEADERS.sub(b"", fields.get("headers", b"")).strip()
    kind, words = ("plain", fields["text"]) if fields.get("text") else ("html", fields.get("html", b""))
    return head + f"\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n".encode() + words
