from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import RequestFactory

from crm.mail.signatures import is_signed, signed_body
from tests.mail.signing import Signer

BODY = b'[{"event": "processed"}]\r\n'
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
signer = Signer()


def ask(body=BODY, *, keys=signer.public, at_most=1000, **changed) -> bytes | None:
    headers = {name: value for name, value in {**signer.headers(BODY), **changed}.items() if value is not None}
    request = RequestFactory().post("/mail/events/", data=body, content_type="application/json", headers=headers)
    return signed_body(request, keys=keys, at_most=at_most)


def public(key) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def test_it_takes_what_is_signed_byte_for_byte():
    assert ask() == BODY


def test_it_takes_bytes_that_are_not_text():
    body = b"\xff\xfe\x00 mail"

    assert ask(body, **signer.headers(body)) == body


def test_it_takes_an_old_timestamp():
    assert ask(**signer.headers(BODY, timestamp="1")) == BODY


def test_it_takes_either_of_two_keys():
    assert ask(keys=f"{Signer().public}, {signer.public}") == BODY
    assert ask(keys=f"{signer.public},{Signer().public}") == BODY
    assert ask(keys=f"no key,{signer.public},") == BODY


@pytest.mark.parametrize(
    "body", [BODY.rstrip(), BODY + b" ", b"", BODY.replace(b"processed", b"delivered"), b"\xff\xfe"]
)
def test_it_refuses_any_other_body(body):
    assert ask(body) is None


@pytest.mark.parametrize("name", [SIGNATURE, TIMESTAMP])
@pytest.mark.parametrize("value", [None, "", "%%%", "AAAA", "é", "1700000001", "A"])
def test_it_refuses_a_missing_or_malformed_header(name, value):
    assert ask(**{name: value}) is None


@pytest.mark.parametrize(
    "keys",
    [
        "",
        ",",
        "no key",
        "AAAA",
        "é",
        Signer().public,
        public(ec.generate_private_key(ec.SECP384R1())),
        public(rsa.generate_private_key(65537, 2048)),
    ],
)
def test_it_refuses_without_a_key_that_fits(keys):
    assert ask(keys=keys) is None


def test_it_refuses_what_is_too_large_without_reading_it():
    assert ask(at_most=len(BODY) - 1) is None


def test_it_tells_without_a_request_too():
    headers = signer.headers(BODY)
    proof = {"signature": headers[SIGNATURE], "timestamp": headers[TIMESTAMP]}

    assert is_signed(BODY, keys=signer.public, **proof)
    assert not is_signed(BODY + b"\n", keys=signer.public, **proof)
