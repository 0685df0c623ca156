"""What SendGrid refuses, in one pass over a payload.

Sources: the limits and error tables of SendGrid's public documentation (“Mail Send API Overview” and “Errors”, 2026)
and its OpenAPI description of POST /v3/mail/send. Where those disagree, the stricter rule holds here: whatever passes
this must pass there. A request is refused whole, however many of its recipients are fine.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Iterator
from typing import NamedTuple

MOST_RECIPIENTS = 1000
MOST_BYTES = 30_000_000
MOST_VALUE_BYTES = 10_000  # of custom arguments, and of substitutions, for each personalization
MOST_SUBSTITUTIONS = 150
MOST_CATEGORIES, LONGEST_CATEGORY = 10, 255
FARTHEST_SECONDS = 72 * 3600

RESERVED_HEADERS = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding",
    "to", "from", "subject", "reply-to", "cc", "bcc",
}  # fmt: skip
FIELDS = {
    "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
    "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
    "tracking_settings", "sections",
}  # fmt: skip
PART_FIELDS = {
    "to", "cc", "bcc", "from", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args", "send_at",
}  # fmt: skip

ADDRESS = re.compile(r"(?=.{3,254}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.I | re.A)  # fmt: skip
BREAKS = re.compile(r"[\r\n]")
NAME_BREAKERS = re.compile(r"[;,\r\n]")
NO_ADDRESS = "Does not contain a valid address."


class Problem(NamedTuple):
    """One line of a refusal."""

    message: str
    field: str | None = None


class Refused(Exception):
    """The request is refused; the problem says why."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(message, field)


def first_problem(payload: object) -> Problem | None:
    """Why SendGrid would answer 400, or None where it would take the request."""
    try:
        check(payload)
    except Refused as refused:
        return refused.problem
    except (TypeError, AttributeError, KeyError):
        return Problem("Bad Request")  # what the real one says where a type is wrong: no field, no hint
    return None


def check(payload: object) -> None:
    """Raise Refused, or TypeError and the like where something is of another type than it must be."""
    if not isinstance(payload, dict):
        raise Refused("Bad Request")
    for name in payload.keys() - FIELDS:
        raise Refused("Additional property is not allowed.", name)
    if "from" not in payload:
        raise Refused("The from object must be provided for every email send.", "from")
    _check_sender(payload["from"], "from")
    _check_people(payload)
    _check_subject(payload)
    _check_content(payload)
    for number, file in enumerate(payload.get("attachments", ())):
        _check_attachment(file, f"attachments.{number}")
    if "reply_to" in payload:
        _check_mailbox(payload["reply_to"], "reply_to")
    _check_headers(payload.get("headers"), "headers")
    _check_send_at(payload.get("send_at"), "send_at")
    _check_categories(payload.get("categories", []))
    _check_switches(payload)


def _check_people(payload: dict) -> None:
    parts = payload.get("personalizations")
    if not isinstance(parts, list) or not parts:
        raise Refused("You must have at least one personalization.", "personalizations")
    if len(parts) > MOST_RECIPIENTS:
        raise Refused(f"There may be {MOST_RECIPIENTS} personalizations, not {len(parts)}.", "personalizations")
    shared = payload.get("custom_args") or {}
    _check_strings(shared, MOST_VALUE_BYTES, "custom_args")
    seen: set[str] = set()
    for number, part in enumerate(parts):
        if part.keys() - PART_FIELDS:
            raise Refused("Additional property is not allowed.", f"personalizations.{number}")
        _check_recipients(part, number, seen)
        _check_values(part, number, shared)
    if len(seen) > MOST_RECIPIENTS:
        raise Refused(f"There is a limit of {MOST_RECIPIENTS} recipients (to, cc and bcc).", "personalizations")


def _check_recipients(part: dict, number: int, seen: set[str]) -> None:
    if not isinstance(part.get("to"), list) or not part["to"]:
        raise Refused("The to array is required.", f"personalizations.{number}.to")
    for kind in ("to", "cc", "bcc"):
        for place, mailbox in enumerate(part.get(kind, ())):
            email = mailbox.get("email")
            if not isinstance(email, str) or not ADDRESS.fullmatch(email):
                raise Refused(NO_ADDRESS, f"personalizations.{number}.{kind}.{place}.email")
            name = mailbox.get("name", "")
            if NAME_BREAKERS.search(name):
                raise Refused("A name cannot hold ; or ,", f"personalizations.{number}.{kind}.{place}.name")
            lower = email.lower()
            if lower in seen:
                said = f"Each address should be included once. You have included [{lower}] more than once."
                raise Refused(said, "personalizations")
            seen.add(lower)


def _check_values(part: dict, number: int, shared: dict) -> None:
    if custom := part.get("custom_args"):
        _check_strings({**shared, **custom}, MOST_VALUE_BYTES, f"personalizations.{number}.custom_args")
    elif custom is not None:
        raise Refused("custom_args cannot be empty.", f"personalizations.{number}.custom_args")
    if values := part.get("substitutions"):
        field = f"personalizations.{number}.substitutions"
        if len(values) > MOST_SUBSTITUTIONS:
            raise Refused(f"Substitutions are limited to {MOST_SUBSTITUTIONS} items.", field)
        if "" in values or " " in "".join(values):
            raise Refused("A substitution tag is empty or holds a space.", field)
        _check_strings(values, MOST_VALUE_BYTES, field)
    if headers := part.get("headers"):
        _check_headers(headers, f"personalizations.{number}.headers")
    if "subject" in part and not (isinstance(part["subject"], str) and part["subject"]):
        raise Refused("The subject must be at least one character long.", f"personalizations.{number}.subject")
    if "send_at" in part:
        _check_send_at(part["send_at"], f"personalizations.{number}.send_at")


def _check_strings(values: dict, most: int, field: str) -> None:
    """Only strings, and not too many bytes of them; characters are counted first, for that is quicker."""
    try:
        words = "".join(values) + "".join(values.values())
    except TypeError as problem:
        raise Refused("Bad Request") from problem  # the real one is as silent about the field
    if 4 * len(words) > most and len(words.encode()) > most:
        raise Refused(f"The values may not exceed {most} bytes.", field)


def _check_headers(headers: dict | None, field: str) -> None:
    for name, value in (headers or {}).items():
        if not name or not name.isascii() or " " in name or ":" in name:
            raise Refused("Header keys cannot contain non-ASCII characters or spaces.", field)
        if name.lower() in RESERVED_HEADERS:
            raise Refused("Header cannot be one of the reserved keys.", f"{field}.{name}")
        if not isinstance(value, str):
            raise Refused("The header values must be strings.", f"{field}.{name}")
        if BREAKS.search(value) or not value.isascii():
            raise Refused("Header values cannot hold line breaks or unencoded characters.", f"{field}.{name}")


def _check_sender(mailbox: dict, field: str) -> None:
    _check_mailbox(mailbox, field)
    if not mailbox.get("name", "").isascii():
        raise Refused("Unicode is not supported in the from field.", f"{field}.name")


def _check_mailbox(mailbox: dict, field: str) -> None:
    email = mailbox.get("email")
    if not isinstance(email, str) or not ADDRESS.fullmatch(email):
        raise Refused(NO_ADDRESS, f"{field}.email")
    if NAME_BREAKERS.search(mailbox.get("name", "")):
        raise Refused("A name cannot hold ; or ,", f"{field}.name")


def _check_subject(payload: dict) -> None:
    if payload.get("template_id") or all(part.get("subject") for part in payload["personalizations"]):
        return
    if not isinstance(payload.get("subject"), str) or not payload["subject"]:
        raise Refused("The subject is required.", "subject")


def _check_content(payload: dict) -> None:
    parts = payload.get("content")
    if not parts:
        if payload.get("template_id"):
            return
        raise Refused("There must be at least one defined content block.", "content")
    for number, part in enumerate(parts):
        if not isinstance(part.get("type"), str) or not part["type"] or BREAKS.search(part["type"]):
            raise Refused("The content type must be a string without line breaks.", f"content.{number}.type")
        if not isinstance(part.get("value"), str) or not part["value"]:
            raise Refused("The content value must be at least one character long.", f"content.{number}.value")
    kinds = [part["type"].partition(";")[0].strip().lower() for part in parts]
    if kinds != sorted(kinds, key=_rank) or len(kinds) != len(set(kinds)):
        raise Refused("text/plain needs to be first, then text/html, then any other content.", "content")


def _rank(kind: str) -> int:
    return {"text/plain": 0, "text/html": 1}.get(kind, 2)


def _check_attachment(file: dict, field: str) -> None:
    if not isinstance(file.get("filename"), str) or not file["filename"] or BREAKS.search(file["filename"]):
        raise Refused("A filename without line breaks is required.", f"{field}.filename")
    kind = file.get("type", "text/plain")
    if not isinstance(kind, str) or not kind or NAME_BREAKERS.search(kind):
        raise Refused("The type cannot contain ‘;’ or line breaks.", f"{field}.type")
    if file.get("disposition", "attachment") not in ("attachment", "inline"):
        raise Refused("The disposition is either inline or attachment.", f"{field}.disposition")
    try:
        if not base64.b64decode(file.get("content", ""), validate=True):
            raise Refused("The attachment content must be at least one character long.", f"{field}.content")
    except binascii.Error as problem:
        raise Refused("The attachment content must be base64 encoded.", f"{field}.content") from problem


def _check_send_at(moment: object, field: str) -> None:
    if moment is None:
        return
    if not isinstance(moment, int) or isinstance(moment, bool):
        raise Refused("The send_at parameter is expecting a Unix timestamp as an integer.", field)
    if moment > time.time() + FARTHEST_SECONDS:
        raise Refused("Scheduling more than 72 hours in advance is forbidden.", field)


def _check_categories(categories: list) -> None:
    if not isinstance(categories, list) or not all(isinstance(name, str) for name in categories):
        raise Refused("Categories must be an array of strings.", "categories")
    if len(categories) > MOST_CATEGORIES or len(categories) != len(set(categories)):
        raise Refused(f"There may be {MOST_CATEGORIES} categories, each once.", "categories")
    if any(len(name) > LONGEST_CATEGORY or not name.isascii() for name in categories):
        raise Refused(f"A category is ASCII and {LONGEST_CATEGORY} characters at most.", "categories")


def _check_switches(payload: dict) -> None:
    for group in ("mail_settings", "tracking_settings"):
        for name, setting in payload.get(group, {}).items():
            if not isinstance(setting.get("enable", False), bool):
                raise Refused("The enable param should be a boolean value.", f"{group}.{name}.enable")


def addresses(payload: dict) -> Iterator[tuple[int, str]]:
    """Everybody a checked payload writes to, with the number of their personalization."""
    for number, part in enumerate(payload["personalizations"]):
        for kind in ("to", "cc", "bcc"):
            for mailbox in part.get(kind, ()):
                yield number, mailbox["email"].lower()
