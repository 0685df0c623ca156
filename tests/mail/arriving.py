"""Mail on its way in: written as its senders would write it, and posted as SendGrid posts it."""

from __future__ import annotations

import json

from tests.fakes.sendgrid.events import Signer

BOUNDARY = "xYzZY"


def mail(
    words: str | bytes = "Thank you!",
    *,
    subject="Hello",
    sender="Ada <ada@example.com>",
    to="hello@in.example.com",
    **headers,
) -> bytes:
    """One plain mail as bytes."""
    lines = {
        "From": sender,
        "To": to,
        "Subject": subject,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    body = words if isinstance(words, bytes) else words.encode()
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n" + body


def form(raw: bytes | None, **fields) -> bytes:
    """The body that Inbound Parse posts in raw mode."""
    known = {
        "headers": "From: somebody",
        "dkim": "{@example.com : pass}",
        "SPF": "pass",
        "envelope": json.dumps({"to": ["hello@in.example.com"], "from": "ada@example.com"}),
        "charsets": json.dumps({"to": "UTF-8", "subject": "UTF-8"}),
        **({"email": raw} if raw is not None else {}),
        **fields,
    }
    parts = []
    for name, value in known.items():
        value = value if isinstance(value, bytes) else value.encode()
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        )
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(client, body: bytes, *, by: Signer | None, **headers):
    """Post it to the webhook, signed by somebody or by nobody."""
    signed = {name: value for name, value in (by.headers(body) if by else {}).items() if name != "Content-Type"}
    return client.generic(
        "POST",
        "/mail/inbound/",
        body,
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        headers={**signed, **headers},
    )
