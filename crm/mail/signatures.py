"""Who posted this? SendGrid signs what it posts: ECDSA (P-256, SHA-256) over a timestamp and the body's bytes.

Asked before any parser touches the body. Whatever is missing or malformed is a plain no. An old timestamp is no
reason to refuse: reports are repeated for a day, and each event and each mail is taken in once, however often it comes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from django.http import HttpRequest
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader


def signed_body(request: HttpRequest, *, keys: str, at_most: int) -> bytes | None:
    """The body exactly as it came, if it is signed with one of the keys; None for anything else, or for too much.

    ``keys`` are public keys as SendGrid shows them, with a comma between two while one replaces the other. Nothing is
    read that is not signed at all, nor more than ``at_most`` bytes.
    """
    signature = request.headers.get(EventWebhookHeader.SIGNATURE, "")
    timestamp = request.headers.get(EventWebhookHeader.TIMESTAMP, "")
    length = request.headers.get("Content-Length", "")
    if not (keys and signature and timestamp and length.isdecimal() and int(length) <= at_most):
        return None
    body = request.read(int(length))
    return body if is_signed(body, signature=signature, timestamp=timestamp, keys=keys) else None


def is_signed(body: bytes, *, signature: str, timestamp: str, keys: str) -> bool:
    """Was this signed with one of these keys? A malformed signature, timestamp or key is a no, never an error."""
    try:
        proof = base64.b64decode(signature, validate=True)
        message = timestamp.encode("ascii") + body
    except ValueError:
        return False
    return any(_is_by(key, proof, message) for key in _keys(keys))


def _is_by(key: EllipticCurvePublicKey, proof: bytes, message: bytes) -> bool:
    # EventWebhook.verify_signature takes text only, and a mail in a post need not be UTF-8: so the bytes themselves.
    try:
        key.verify(proof, message, ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _keys(keys: str) -> Iterator[EllipticCurvePublicKey]:
    for text in keys.split(","):
        if (key := public_key(text.strip())) is not None:
            yield key


@lru_cache(maxsize=8)
def public_key(text: str) -> EllipticCurvePublicKey | None:
    """A key as SendGrid shows it, in one line; None for what is no such key."""
    try:
        key = EventWebhook(text).public_key
    except (ValueError, UnsupportedAlgorithm):
        return None
    is_right = isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    return key if is_right else None
