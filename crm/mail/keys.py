"""The public keys under which SendGrid signs what it posts to us."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

MOST = 2  # the one in use, and the one that replaces it


class BadKey(Exception):
    """A setting holds something that is no key; the sentence says which one and what is wrong."""


def public_keys(value: str, *, setting: str) -> list[ec.EllipticCurvePublicKey]:
    """Read one key, or two with a comma between them while one replaces the other. An empty value has none."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) > MOST:
        raise BadKey(f"{setting} holds {len(parts)} keys, but at most {MOST} are in use at a time.")
    return [_read(part, setting) for part in parts]


def _read(part: str, setting: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode("".join(part.split()), validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as problem:
        raise BadKey(f"{setting} is not a public key as SendGrid shows it, in base64.") from problem
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey(f"{setting} is a key of another kind than SendGrid's, which are on the curve P-256.")
    return key
