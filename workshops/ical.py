"""Lines of an iCalendar object (RFC 5545): escaped, folded at 75 octets, ended with CRLF.

The icalendar package reads what comes back to us, and checks in the tests what we write. It does not write it, because
it takes a millisecond for each event: a feed of some hundred workshops would take half a second each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

PRODID = "-//Rapport//Workshops//EN"
OCTETS = 75
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]+")
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def line(name: str, value: str | int, **parameters: str) -> str:
    """One property whose value is no text: an address, a number, a word of the standard."""
    more = "".join(f";{key}={_parameter(key, detail)}" for key, detail in parameters.items())
    return _folded(f"{name}{more}:{plain(str(value))}")


def text(name: str, value: str) -> str:
    """One property that a person reads; line breaks are kept, other control characters are not."""
    words = CONTROL_BUT_BREAKS.sub(" ", value.replace("\r\n", "\n")).strip()
    return _folded(f"{name}:{words.translate(ESCAPES)}")


def moment(name: str, at: datetime) -> str:
    """One instant, in UTC, which every calendar shows on its own clock."""
    if at.utcoffset() is None:
        raise ValueError("A time without a zone would be another instant for every reader.")
    written = at.astimezone(UTC).isoformat(timespec="seconds")[:19]  # strftime takes ten times as long
    return f"{name}:{written.replace('-', '').replace(':', '')}Z"


def component(name: str, lines: Iterable[str]) -> list[str]:
    return [f"BEGIN:{name}", *lines, f"END:{name}"]


def calendar(lines: Iterable[str]) -> str:
    """The whole object; the same lines give the same bytes."""
    return "\r\n".join([*component("VCALENDAR", ["VERSION:2.0", f"PRODID:{PRODID}", *lines]), ""])


def plain(words: str) -> str:
    """One line without control characters."""
    return (words if words.isprintable() else CONTROL.sub(" ", words)).strip()


def _parameter(key: str, value: str) -> str:
    """Names go in quotes, and without any: encoded ones (RFC 6868) are printed as they stand by older programs."""
    return f'"{plain(value).replace(chr(34), "")}"' if key in ("CN", "LABEL") else value


def _folded(whole: str) -> str:
    if len(whole) <= OCTETS and (whole.isascii() or len(whole.encode()) <= OCTETS):
        return whole
    raw, pieces, start, room = whole.encode(), [], 0, OCTETS
    while start < len(raw):
        end = min(start + room, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        pieces.append(raw[start:end].decode())
        start, room = end, OCTETS - 1
    return "\r\n ".join(pieces)
