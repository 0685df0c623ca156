"""A key pair as SendGrid keeps one, and posts signed with it."""

from __future__ import annotations

import base64
import json
from functools import cached_property

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client


class Signer:
    """Signs bodies; ``public`` is what the owner copies into the setting."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def public(self) -> str:
        return base64.b64encode(
            self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()

    def headers(self, body: bytes, *, timestamp: str = "1700000000") -> dict[str, str]:
        proof = self.key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(proof).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }

    def post(self, events: list | bytes, *, client: Client | None = None):
        """Post events to the webhook as SendGrid does: JSON, and a line end that is signed too."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode() + b"\r\n"
        return (client or Client()).post(
            "/mail/events/", data=body, content_type="application/json", headers=self.headers(body)
        )
