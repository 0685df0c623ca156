"""An e-mail that came in, read. Whoever sent it may have meant harm: nothing in it raises, and nothing in it runs.

The structure is read by the standard library's older rules, which take headers as they come; the newer ones parse every
header they meet, and some hostile ones make them raise or work for minutes. A header's words are decoded by the newer
rules, one at a time and cut to a length.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message as Mime
from email.parser import BytesParser
from email.utils import getaddresses
from enum import StrEnum
from uuid import UUID

from crm.mail.render import one_line

HEADER = 4_000  # characters of a header that are looked at
HEAD = 200_000  # bytes in which the headers must end
MOST_PARTS = 200
MOST_TEXT = 200_000
LONGEST_NAME = 100
# What the parsers of the standard library raise when they are lied to.
FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, MessageError)
# Codecs that are no writing of any language, and slow or strange.
NO_CHARSETS = {"punycode", "idna", "unicode-escape", "unicode_escape", "raw-unicode-escape", "undefined"}
OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
QUOTED_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{36,200}>)", re.IGNORECASE | re.MULTILINE)
TAG = re.compile(r"/?[a-z][a-z0-9:-]*|[!?]", re.IGNORECASE)
NO_WORDS = {"script", "style", "title"}
LINE_ENDS = {
    "br",
    "br/",
    "/p",
    "/div",
    "/tr",
    "/li",
    "/ul",
    "/ol",
    "/table",
    "/blockquote",
    *(f"/h{n}" for n in range(1, 7)),
}


class ShortHeaders(policy.Compat32):
    """The older rules, but no header of any part is longer than one would write: some are parsed at a square's cost."""

    def header_source_parse(self, sourcelines):
        name, value = super().header_source_parse(sourcelines)
        return name, value[:HEADER]


PARSER = BytesParser(policy=ShortHeaders())


class Author(StrEnum):
    """Who wrote it: a person, or which sort of machine."""

    PERSON = "person"
    ABSENCE = "an automatic reply"
    REPORT = "a report from a mail server"
    RECEIPT = "a receipt"
    BULK = "a mail to many"
    MACHINE = "a mail that a machine wrote"


@dataclass(frozen=True)
class File:
    """One file that came with a mail. Its name is only a name, and its kind what the sender calls it."""

    filename: str
    body: bytes
    kind: str = ""


@dataclass(frozen=True)
class Envelope:
    """What the headers say."""

    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    author: Author
    answered: tuple[UUID, ...]


@dataclass(frozen=True)
class Incoming:
    """One mail, read whole. The text is plain; HTML was only ever turned into text."""

    envelope: Envelope
    text: str
    is_cut: bool
    was_html: bool
    files: tuple[File, ...]


def read(raw: bytes) -> Incoming:
    """The whole mail: its headers, its words as plain text, its files."""
    mime = _structure(raw)
    parts = list(_parts(mime)) if mime else []
    body = _body(parts)
    text = _text(body) if body else "" if mime else clean_text(raw[:MOST_TEXT])
    files = [_file(number, part) for number, part in enumerate(parts, 1) if part is not body]
    return Incoming(
        envelope=read_envelope(raw),
        text=text[:MOST_TEXT],
        is_cut=len(text) > MOST_TEXT or bool(body and len(_bytes(body)) > MOST_TEXT * 4),
        was_html=body is not None and _kind(body) == "text/html",
        files=tuple(files),
    )


def read_envelope(raw: bytes) -> Envelope:
    """What the headers say, without reading further than them."""
    head = _head(raw)
    senders = list(_addresses(head, "from")) or list(_addresses(head, "sender"))
    name, sender = senders[0] if senders else ("", "")
    named = ("to", "cc", "delivered-to", "x-original-to")
    author = _author(head)
    named_ids = "".join(value for header in ("in-reply-to", "references") for value in _values(head, header))
    return Envelope(
        sender=sender.lower(),
        sender_name=_decoded(name)[:120],
        recipients=tuple(dict.fromkeys(address for header in named for _, address in _addresses(head, header))),
        subject=_decoded(next(_values(head, "subject"), "")),
        author=author,
        answered=tuple(dict.fromkeys(_ids([named_ids, *(_quoted(raw) if author == Author.REPORT else [])]))),
    )


def message_id_of(raw: bytes) -> str:
    """What the mail calls itself, the same for every copy of it; nothing where it says nothing."""
    return clean(next(_values(_head(raw), "message-id"), ""), most=300)


def head_of(raw: bytes) -> bytes:
    """The headers alone: a mail without its words and files."""
    raw = raw.lstrip(b"\r\n")
    return raw[: _head_end(raw) or 0]


def clean(words: str, *, most: int) -> str:
    """One line that a database takes, without control characters and half characters."""
    return one_line(_whole(words))[:most]


def clean_text(body: bytes, charset: str = "utf-8") -> str:
    """Words of any charset as lines of text; what cannot be read becomes a sign that says so."""
    try:
        words = body.decode("utf-8" if codecs.lookup(charset).name in NO_CHARSETS else charset, "replace")
    except FAULTS:
        words = body.decode("utf-8", "replace")
    words = _whole(words).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", words)


def _head(raw: bytes) -> Mime:
    try:
        return PARSER.parsebytes(raw.lstrip(b"\r\n")[: _head_end(raw) or HEAD], headersonly=True)
    except FAULTS:
        return Mime()


def _head_end(raw: bytes) -> int | None:
    """Where the headers end; None where they go on for longer than anybody's do."""
    start = raw.lstrip(b"\r\n")[:HEAD]
    end = re.search(rb"\r?\n\r?\n", start)
    return end.end() if end else len(start) if len(start) < HEAD else None


def _structure(raw: bytes) -> Mime | None:
    if raw.lower().count(b"boundary=") > MOST_PARTS or _head_end(raw) is None:  # made to keep us busy
        return None
    try:
        return PARSER.parsebytes(raw.lstrip(b"\r\n"))
    except FAULTS:
        return None


def _values(mime: Mime, name: str) -> Iterator[str]:
    for header, value in mime.raw_items():
        if header.lower() == name:
            yield _whole(str(value)[:HEADER])


def _addresses(mime: Mime, name: str) -> Iterator[tuple[str, str]]:
    try:
        pairs = getaddresses([one_line(value) for value in _values(mime, name)])
    except FAULTS:
        return
    for words, address in pairs[:50]:
        address = clean(address, most=HEADER)  # its case is kept: a token may stand in it
        if 3 <= len(address) <= 254 and address.count("@") == 1 and " " not in address:
            yield words, address


def _decoded(value: str) -> str:
    try:
        words = str(policy.default.header_factory("subject", one_line(value)[:HEADER]))
    except FAULTS:
        words = value
    return clean(words, most=300)


def _whole(words: str) -> str:
    """Bytes that were no ASCII, read as UTF-8; and no half characters."""
    try:
        return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return words.encode("utf-8", "replace").decode()


def _author(head: Mime) -> Author:
    kind = next(_values(head, "content-type"), "").lower()
    if kind.startswith("multipart/report"):
        return Author.RECEIPT if "disposition-notification" in kind else Author.REPORT
    submitted = next(_values(head, "auto-submitted"), "no").lower().strip()
    if submitted.startswith("auto-generated"):
        return Author.MACHINE
    if not submitted.startswith("no") or any(head.get_all(name) for name in ("x-autoreply", "x-autorespond")):
        return Author.ABSENCE
    precedence = next(_values(head, "precedence"), "").lower().strip()
    if precedence == "auto_reply":
        return Author.ABSENCE
    return Author.BULK if precedence in ("bulk", "junk") else Author.PERSON


def _quoted(raw: bytes) -> Iterator[str]:
    """The ids of the mails that a report quotes."""
    yield from (found.decode("ascii", "replace") for found in QUOTED_ID.findall(raw[: 10 * HEAD])[:20])


def _ids(texts: Iterable[str]) -> Iterator[UUID]:
    for text in texts:
        yield from (UUID(found) for found in OUR_ID.findall(text)[:50])


def _parts(mime: Mime) -> Iterator[Mime]:
    try:
        for number, part in enumerate(mime.walk()):
            if number >= MOST_PARTS:
                return
            if not part.is_multipart():
                yield part
    except FAULTS:
        return


def _body(parts: list[Mime]) -> Mime | None:
    """The first plain text that is not a file; else the first HTML."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if _kind(part) == kind and not _name(part) and not _is_attached(part):
                return part
    return None


def _kind(part: Mime) -> str:
    try:
        return part.get_content_type()
    except FAULTS:
        return "application/octet-stream"


def _is_attached(part: Mime) -> bool:
    return next(_values(part, "content-disposition"), "").lower().strip().startswith("attachment")


def _name(part: Mime) -> str:
    try:
        name = part.get_filename() or ""
    except FAULTS:
        return ""
    return re.split(r"[\\/]", _decoded(str(name)))[-1].strip(" .")


def _file(number: int, part: Mime) -> File:
    stem, dot, end = (_name(part) or f"part-{number}").rpartition(".")
    name = f"{stem[: LONGEST_NAME - 11]}{dot}{end[:10]}" if dot else end[:LONGEST_NAME]
    return File(name, _bytes(part), _kind(part))


def _bytes(part: Mime) -> bytes:
    try:
        body = part.get_payload(decode=True)
    except FAULTS:
        return b""
    return body if isinstance(body, bytes) else b""


def _text(part: Mime) -> str:
    try:
        charset = part.get_content_charset() or "utf-8"
    except FAULTS:
        charset = "utf-8"
    words = clean_text(_bytes(part)[: MOST_TEXT * 4], charset)
    if _kind(part) != "text/html":
        return words
    lines = "\n".join(" ".join(line.split()) for line in words_of_page(words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def words_of_page(page: str) -> str:
    """The words of a web page. Each tag is looked at once: the tree that a parser makes can be made to grow for minutes."""
    start, *pieces = _without_comments(page).split("<")
    words, hidden_until = [start], ""
    for piece in pieces:
        tag, _, rest = piece.partition(">")
        found = TAG.match(tag)
        name = found[0].lower() if found else ""
        if hidden_until and name != hidden_until:
            continue
        if not name:
            words.append(f"<{piece}")  # a sign, not a tag
        elif name in NO_WORDS:
            hidden_until = f"/{name}"
        else:
            hidden_until = ""
            words += ["\n" if name in LINE_ENDS else "", rest]
    return html.unescape("".join(words))


def _without_comments(page: str) -> str:
    start, *pieces = page.split("<!--")
    return start + "".join(piece.partition("-->")[2] for piece in pieces)
