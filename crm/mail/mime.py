"""One message as the bytes that travel: made here alone, for SMTP and for the office's raw view alike.

multipart/mixed holds multipart/alternative (text, HTML, calendar last) and the files. The calendar goes twice: as an
alternative, which mail programs act on, and as invite.ics for those that look at files only (INVITE_AS_FILE).

A content that many read is set once (``Press``): its parts are encoded, and cut where a reader's values go, so that
for each reader only the head and the values are written. Quoted-printable allows it, for it may break a line anywhere.
No value can end its part: a “=_”, as it stands in the boundaries, comes out of no encoding used here.
"""

from __future__ import annotations

import re
import secrets
import time
from binascii import b2a_qp
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.utils import format_datetime, formataddr, formatdate
from functools import lru_cache

from crm.mail.letterheads import Letterhead
from crm.mail.models import Content, Message
from crm.mail.render import (
    Enclosure,
    Rendered,
    enclosures_of,
    headers_of,
    mailbox,
    one_line,
    pattern,
    render,
    values_of,
)
from crm.people.models import PracticeProfile

INVITE = "invite.ics"
INVITE_TYPE = "application/ics"
UNKNOWN_TYPE = "application/octet-stream"
LINE, LONGEST = 78, 900  # characters: RFC 5322 asks for no more in a line, and takes no more than 998
OTHER_LINE_END = re.compile(r"\r\n?")


class Tag(str):
    """Where a reader's value goes, among the pieces of a part that is encoded already."""

    __slots__ = ()


Piece = bytes | Tag


def build(rendered: Rendered, *, date: datetime | None = None) -> bytes:
    """The message in full, with CRLF line ends and nothing beyond ASCII."""
    sender = address("From", rendered.from_name, rendered.from_email)
    to = address("To", rendered.to_name, rendered.to_email)
    body = Body.of(
        text=rendered.text,
        html=rendered.html,
        calendar=rendered.calendar,
        method=rendered.calendar_method,
        files=[*invite_files(rendered), *rendered.attachments],
    )
    return _head(rendered.subject, sender + to, rendered.headers, date) + body.filled({})


class Press:
    """One content, set once; prints what ``build`` makes of each rendered message, many times as fast."""

    def __init__(self, content: Content, *, is_letter: bool, practice: PracticeProfile) -> None:
        """Set it; raises CannotRender where these words may be sent to nobody."""
        self.words = pattern(content, is_letter=is_letter, mark=secrets.token_hex(4))
        self.content, self.is_letter, self.practice = content, is_letter, practice
        self.from_email = mailbox(practice.email)
        self.sender = address("From", one_line(practice.name), self.from_email)
        tags = [slot.tag for slot in self.words.slots]
        self.subject = _cut(self.words.subject, tags)
        self.body = Body.of(text=self.words.text, html=self.words.html, files=enclosures_of(content), tags=tags)

    def suits(self, message: Message, practice: PracticeProfile) -> bool:
        """Is it set for this very content, this kind of reader and this sender?"""
        return self.content is message.content and self.practice is practice and self.is_letter == message.is_letter

    def sender_of(self, message: Message) -> str:
        """From which address this one leaves, as its envelope says."""
        return mailbox(Letterhead.of(message, self.practice).sender) if message.letterhead else self.from_email

    def printed(self, message: Message, *, date: datetime | None = None) -> bytes:
        """The message in full; raises CannotRender.

        A calendar is the reader's own, so it is set by itself; on the letterhead it was written on and with the date of
        the row, so that a second try sends the very bytes of the first.
        """
        if message.calendar:
            return build(render(message, practice=self.practice), date=message.created_at)
        values = self.words.fill(values_of(message))
        subject = one_line("".join(values.get(piece, piece) for piece in self.subject))
        to = address("To", one_line(message.to_name), mailbox(message.to_email))
        return _head(subject, self.sender + to, headers_of(message, self.practice), date) + self.body.filled(values)


class Body:
    """The parts of a message from the first Content-Type on: encoded once, and cut where values go."""

    def __init__(self, parts: list[Piece]) -> None:
        self.pieces = [b"" if isinstance(piece, Tag) else piece for piece in parts]
        self.places = [(place, piece) for place, piece in enumerate(parts) if isinstance(piece, Tag)]
        self.tags = {tag for _, tag in self.places}

    @classmethod
    def of(
        cls,
        *,
        text: str,
        html: str,
        tags: Sequence[str] = (),
        calendar: str = "",
        method: str = "",
        files: Sequence[Enclosure] = (),
    ) -> Body:
        """The body for this text and HTML, which may hold tags, and for this calendar and these files."""
        parts = [_text("plain", text, tags)] if text or not html else []
        if html:
            parts.append(_text("html", html, tags))
        if calendar:
            parts.append(_text("calendar", calendar, method=method))
        body = _multipart("alternative", parts) if len(parts) > 1 or calendar else parts[0]
        return cls(_multipart("mixed", [body, *map(_file, files)]) if files else body)

    def filled(self, values: Mapping[str, str]) -> bytes:
        """The body with these values in place of their tags."""
        coded = {tag: _open(values[tag]) for tag in self.tags}
        pieces = self.pieces.copy()
        for place, tag in self.places:
            pieces[place] = coded[tag]
        return b"".join(pieces)


def invite_files(rendered: Rendered) -> list[Enclosure]:
    """The calendar once more as a file, unless the setting left it out when the message was written."""
    is_there = rendered.calendar and rendered.has_calendar_file
    return [Enclosure(INVITE, INVITE_TYPE, rendered.calendar.encode())] if is_there else []


def _multipart(kind: str, parts: Iterable[list[Piece]]) -> list[Piece]:
    boundary = f"=_{kind}"
    pieces: list[Piece] = [f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()]
    for part in parts:
        pieces += [f"\r\n--{boundary}\r\n".encode(), *part]
    return [*pieces, f"\r\n--{boundary}--\r\n".encode()]


def _text(kind: str, words: str, tags: Sequence[str] = (), **parameters: str) -> list[Piece]:
    """A part of words, which ends in a line end."""
    fields = "".join(f"; {name}={value}" for name, value in {**parameters, "charset": "utf-8"}.items())
    head = field("Content-Type", f"text/{kind}{fields}") + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    *most, last = _cut(words, tags)
    pieces = [piece if isinstance(piece, Tag) else _open(piece) for piece in most]
    return [head.encode(), *pieces, _quoted(last if last.endswith("\n") else f"{last}\n")]


def _cut(words: str, tags: Sequence[str]) -> list[str]:
    """The words in pieces: what all read, a tag, what all read, and so on."""
    pieces = re.split(f"({'|'.join(map(re.escape, tags))})", words) if tags else [words]
    return [Tag(piece) if place % 2 else piece for place, piece in enumerate(pieces)]


def _open(words: str) -> bytes:
    """Encoded so that more may follow on the same line. The x holds the end open, as a letter that comes next does."""
    coded = _quoted(f"{words}x")[:-1]
    return coded if not coded or coded.endswith(b"\r\n") else coded + b"=\r\n"


def _quoted(words: str) -> bytes:
    return b2a_qp(OTHER_LINE_END.sub("\n", words).encode()).replace(b"\n", b"\r\n")


def _file(file: Enclosure) -> list[Piece]:
    """A part that is a file, with its bytes untouched."""
    kind, _, detail = one_line(file.content_type).partition("/")
    if not detail or kind in {"message", "multipart"}:  # these may not be in base64
        kind, detail = UNKNOWN_TYPE.split("/")
    name = file.filename
    part = MIMEBase(kind, detail)
    if name.isascii():
        part.set_param("name", name)
    del part["MIME-Version"]
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    part.set_payload(file.body)
    encode_base64(part)
    return [part.as_bytes(policy=part.policy.clone(linesep="\r\n"))]


def _head(subject: str, parties: str, headers: Mapping[str, str], date: datetime | None) -> bytes:
    """The fields of a message, but for what its body says of itself."""
    on = format_datetime(date) if date else _at(int(time.time()))
    own = "".join(field(name, value) for name, value in headers.items())
    return f"{field('Subject', subject)}{parties}Date: {on}\r\n{own}MIME-Version: 1.0\r\n".encode("ascii")


@lru_cache(maxsize=1)
def _at(second: int) -> str:
    return formatdate(second)


def address(name: str, person: str, email: str) -> str:
    """A field that holds one person's address."""
    if _is_plain(person):
        return field(name, formataddr((person, email)))
    _refuse_line_breaks(name, email)
    return f"{name}: {_encoded(name, person)}\r\n <{email}>\r\n"


def field(name: str, value: str) -> str:
    """One field of a head, folded."""
    if not _is_plain(value):
        return f"{name}: {_encoded(name, value)}\r\n"
    whole = f"{name}: {value}"
    return f"{whole}\r\n" if len(whole) <= LINE else _folded(whole)


def _is_plain(value: str) -> bool:
    """May it stand as it is, and be broken at its spaces? What looks encoded would be read as something else."""
    if not value.isascii() or not value.isprintable() or "=?" in value or "  " in value or value != value.strip():
        return False
    return len(value) <= LONGEST or max(map(len, value.split(" "))) <= LONGEST


def _encoded(name: str, value: str) -> str:
    _refuse_line_breaks(name, value)
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def _refuse_line_breaks(name: str, value: str) -> None:
    """What follows a line break could pass for another field."""
    if len(value.splitlines()) > 1:
        raise ValueError(f"A header may not hold a line break: {name}.")


def _folded(whole: str) -> str:
    """Broken before such words as would run over the line. The name keeps its first word, for no line may be blank."""
    name, first, *words = whole.split(" ")
    lines = [f"{name} {first}"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join([*lines, ""])
