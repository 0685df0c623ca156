"""The settings that hold the public keys under which SendGrid signs what it posts to us, read for people's mistakes."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from crm.mail.signatures import public_key

MOST = 2  # the one in use, and the one that replaces it


class BadKey(Exception):
    """A setting holds something that is no key; the sentence says which one and what is wrong."""


def public_keys(value: str, *, setting: str) -> list[EllipticCurvePublicKey]:
    """Read one key, or two with a comma between them while one replaces the other. An empty value has none."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) > MOST:
        raise BadKey(f"{setting} holds {len(parts)} keys, but at most {MOST} are in use at a time.")
    keys = [key for part in parts if (key := public_key(part)) is not None]
    if len(keys) < len(parts):
        raise BadKey(f"{setting} is not a public key as SendGrid shows it: base64, on the curve P-256.")
    return keys
