"""Answers to invites as calendars write them, and as somebody might who means no good."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path

from crm.mail.inbound import look_through
from crm.mail.models import InboundMail
from crm.mail.receiving import keep
from workshops.models import Invite

FOLDER = Path(__file__).parent / "answers"
PROGRAMS = ("gmail", "outlook", "apple")
WORDS = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentative"}
STAMP = datetime(2026, 11, 2, 10, 0)  # noqa: DTZ001 - written as UTC below


def answer(invite: Invite, partstat: str, *, program: str = "gmail", stamp=STAMP, **more) -> bytes:
    """The whole mail in which this program answers for Ada."""
    words = {
        "uid": invite.uid,
        "sequence": invite.sequence,
        "attendee": "ada@example.com",
        "partstat": partstat,
        "word": WORDS.get(partstat, partstat),
        "stamp": f"{stamp:%Y%m%dT%H%M%SZ}",
        **more,
    }
    if program == "outlook":
        calendar = _filled("outlook.ics", words)
        words["calendar64"] = base64.encodebytes(calendar).decode().replace("\n", "\r\n")
    return _filled(f"{program}.eml", words)


def with_calendar(calendar: bytes, *, sender: str = "Ada <ada@example.com>") -> bytes:
    """A mail whose calendar part is whatever somebody made of it."""
    return (
        f"From: {sender}\r\nTo: invites@in.harbour.example.com\r\nSubject: Accepted\r\nMessage-ID: <1@example.com>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + base64.encodebytes(calendar)


def calendar_of(invite: Invite, *lines: str, method: str = "REPLY", events: int = 1) -> bytes:
    """A bare answer with these lines in place of, or beside, those that it needs."""
    known = {"UID": f"UID:{invite.uid}", "DTSTAMP": "DTSTAMP:20261102T100000Z", "SEQUENCE": "SEQUENCE:0"}
    known["ATTENDEE"] = "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com"
    own = {line.partition(":")[0].partition(";")[0] for line in lines}
    event = [line for name, line in known.items() if name not in own] + [line for line in lines if line[-1] != ":"]
    body = ["BEGIN:VEVENT", *event, "END:VEVENT"] * events
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *body, "END:VCALENDAR", ""]).encode()


def arrive(raw: bytes, *, dkim: str = "{@example.com : pass}", spf: str = "pass", around: str = "") -> InboundMail:
    """Let this mail come in as Inbound Parse brings it, and be looked at."""
    envelope = {"to": ["invites@in.harbour.example.com"], "from": around or "ada@example.com"}
    fields = {"dkim": dkim.encode(), "SPF": spf.encode(), "envelope": json.dumps(envelope).encode()}
    kept = keep({"email": raw, **fields})
    look_through()
    kept.refresh_from_db()
    return kept


def _filled(name: str, words: dict) -> bytes:
    text = (FOLDER / name).read_bytes().decode()
    for word, value in words.items():
        text = text.replace(f"%({word})s", str(value))
    return text.encode()
