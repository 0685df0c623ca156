"""The events SendGrid posts back, signed as it signs them, in whatever order and number a test asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from urllib.error import HTTPError

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
MORE = {
    "processed": {"smtp-id": "<fake@ismtpd>"},
    "deferred": {"response": "450 4.2.1 Try again later.", "attempt": "3"},
    "delivered": {"response": "250 OK", "smtp-id": "<fake@ismtpd>", "tls": 1},
    "bounce": {
        "type": "bounce",
        "status": "5.1.1",
        "reason": "550 5.1.1 There is no such mailbox.",
        "bounce_classification": "Invalid Address",
    },
    "blocked": {
        "event": "bounce",
        "type": "blocked",
        "status": "5.7.1",
        "reason": "550 5.7.1 Blocked by the receiving server.",
        "bounce_classification": "Reputation",
    },
    "dropped": {"status": "5.0.0", "reason": "Bounced Address"},
    "open": {"useragent": "Mozilla/5.0", "ip": "203.0.113.9", "sg_machine_open": False},
    "click": {"url": "https://example.com/", "url_offset": {"index": 0, "type": "html"}},
    "spamreport": {},
    "unsubscribe": {},
}


class Signer:
    """One webhook's key pair: P-256, as SendGrid makes it when signing is switched on."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """The verification key in the form SendGrid shows it: base64 of the DER."""
        return base64.b64encode(
            self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()

    def headers(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """What goes with this body: ECDSA with SHA-256 over the timestamp and the raw bytes."""
        moment = str(int(time.time()) if timestamp is None else timestamp)
        signature = self.private.sign(moment.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json",
            SIGNATURE: base64.b64encode(signature).decode(),
            TIMESTAMP: moment,
        }


def written(events: list[dict]) -> bytes:
    """The body as it comes over the wire: one event a line, and a line break at the end that is part of what is signed."""
    return ("[" + ",\r\n".join(json.dumps(event, separators=(",", ":")) for event in events) + "]\r\n").encode()


def event_of(part: dict, provider_id: str, kind: str, *, at: int, number: int) -> dict:
    """One event of this kind about one accepted personalization; custom arguments lie flat among the rest."""
    email = part["to"][0]["email"]
    digest = hashlib.sha256(f"{provider_id}:{email}:{kind}:{number}".encode()).digest()
    event = {
        "email": email,
        "timestamp": at,
        "event": kind,
        "sg_event_id": base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(),
        "sg_message_id": f"{provider_id}.recvd-fake-0-{number}",
        **part.get("custom_args", {}),
        **MORE.get(kind, {}),
    }
    return event


def arranged(events: Iterable[dict], *, order: str, copies: int, seed: int) -> list[dict]:
    """The same events, each ``copies`` times, given, reversed or shuffled."""
    events = list(events) * copies
    if order == "reversed":
        events.reverse()
    elif order == "shuffled":
        random.Random(seed).shuffle(events)
    elif order != "given":
        raise ValueError(f"“{order}” is none of given, reversed, shuffled.")
    return events


def slices(events: list[dict], size: int | None) -> Iterator[list[dict]]:
    for start in range(0, len(events), size or max(len(events), 1)):
        yield events[start : start + (size or len(events))]


def poster(to: object, path: str) -> Callable[[bytes, dict[str, str]], int]:
    """How a body gets there: over HTTP where ``to`` is an address, else through Django's test client."""
    if isinstance(to, str):
        return lambda body, headers: _post(to, body, headers)

    def through_client(body: bytes, headers: dict[str, str]) -> int:
        kept = {name: value for name, value in headers.items() if name != "Content-Type"}
        return to.post(path, data=body, content_type=headers["Content-Type"], headers=kept).status_code

    return through_client


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except HTTPError as refusal:
        with refusal:
            return refusal.code
