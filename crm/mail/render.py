"""What the recipient sees: one message with its places filled. Pure, apart from reading what belongs to the message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import escape

from crm.mail import links
from crm.mail.letterheads import Letterhead
from crm.mail.models import Content, Message, MessageClass
from crm.people.models import PracticeProfile

PLACE = re.compile(r"\[\[\s*([a-z][a-z0-9_]*)\s*(?:\|([^\[\]]*))?\]\]")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
PUNCTUATION = str.maketrans("‘’“”–—", "''\"\"--")
BY_A_MACHINE = (MessageClass.TRANSACTIONAL, MessageClass.CARE, MessageClass.SYSTEM)


class CannotRender(Exception):
    """This message cannot be written as it stands; the sentence says why."""


class UnknownPlace(CannotRender):
    """A place has neither a value nor a fallback."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nothing is known for the place [[{name}]], and it has no fallback.")


class NoWayOut(CannotRender):
    """A letter without its unsubscribe link."""

    def __init__(self) -> None:
        super().__init__("This letter has no unsubscribe link, so it may not leave.")


class AddressUnusable(CannotRender):
    """Not an address that a mail server takes."""

    def __init__(self, email: str) -> None:
        super().__init__(f"“{one_line(email)}” is not an address that can be written to.")


@dataclass(frozen=True)
class Enclosure:
    """One file that goes with a message."""

    filename: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Rendered:
    """One e-mail, complete: all that a transport needs, and all that the office shows."""

    subject: str
    html: str
    text: str
    from_name: str
    from_email: str
    to_name: str
    to_email: str
    headers: dict[str, str] = field(default_factory=dict)
    calendar: str = ""
    calendar_method: str = ""
    has_calendar_file: bool = False
    attachments: tuple[Enclosure, ...] = ()


def render(message: Message, *, practice: PracticeProfile | None = None) -> Rendered:
    """Fill every place once and add the headers; a message that cannot be written raises CannotRender."""
    practice = practice or PracticeProfile.load()
    content = message.content
    if message.is_letter:
        require_way_out(content)
    values = values_of(message)
    letterhead = Letterhead.of(message, practice)
    return Rendered(
        subject=one_line(_filled(content.subject, values, one_line)),
        html=_filled(content.html, values, escape),
        text=_filled(content.text, values, _plain),
        from_name=one_line(letterhead.name),
        from_email=mailbox(letterhead.sender),
        to_name=one_line(message.to_name),
        to_email=mailbox(message.to_email),
        headers=headers_of(message, practice),
        calendar=message.calendar,
        calendar_method=message.calendar_method.upper(),
        has_calendar_file=letterhead.has_file,
        attachments=enclosures_of(content),
    )


def enclosures_of(content: Content) -> tuple[Enclosure, ...]:
    """The files that go with every message of this content."""
    return tuple(
        Enclosure(one_line(file.filename), file.content_type, bytes(file.body))
        for file in (content.attachments.all() if content.pk else ())
    )


def subject_line(message: Message) -> str:
    """The subject as its reader sees it, or as it was written where a place cannot be filled: for lists."""
    try:
        return one_line(_filled(message.content.subject, message.values, one_line))
    except UnknownPlace:
        return message.content.subject


def values_of(message: Message) -> dict[str, str]:
    """What fills the places of this message: what was queued with it, and the links that are its own."""
    return {
        **message.values,
        **links.own_links(message.id),
        "open_brackets": "[[",
    }


@dataclass(frozen=True)
class Slot:
    """One place of a shared content: how a value is written there, and the tag that stands for it."""

    tag: str
    name: str
    fallback: str | None
    written: Callable[[str], str]

    @property
    def empty(self) -> str:
        """What stands here where nothing is known: the author's words, so already fit for the part they stand in."""
        if self.fallback is None:
            raise UnknownPlace(self.name)
        return self.fallback


@dataclass(frozen=True)
class Pattern:
    """A content with a tag for each place, for a provider that puts in each recipient's values itself."""

    subject: str
    text: str
    html: str
    slots: tuple[Slot, ...]

    def fill(self, values: dict[str, str]) -> dict[str, str]:
        """What stands for each tag with these values; each is looked up once, however often it is written."""
        known = {name: _known(name, values) for name in self.names}
        return {slot.tag: slot.written(value) if (value := known[slot.name]) else slot.empty for slot in self.slots}

    @cached_property
    def names(self) -> set[str]:
        return {slot.name for slot in self.slots}


def pattern(content: Content, *, is_letter: bool, mark: str) -> Pattern:
    """Cut the places out of a content; ``mark`` makes the tags so that no value can contain one.

    The same place in subject, text and HTML gets three tags, because a value is written differently in each.
    """
    if is_letter:
        require_way_out(content)
    slots: dict[tuple, Slot] = {}

    def cut(part: str, template: str, written: Callable[[str], str]) -> str:
        def tag_of(place: re.Match[str]) -> str:
            name, fallback = place.groups()
            key = (part, name, fallback)
            if key not in slots:
                slots[key] = Slot(f"%{part}{mark}.{len(slots)}%", name, fallback, written)
            return slots[key].tag

        return PLACE.sub(tag_of, template)

    subject = cut("s", one_line(content.subject), one_line)
    text, html = cut("t", content.text, _plain), cut("h", content.html, escape)
    return Pattern(subject, text, html, tuple(slots.values()))


def one_line(words: str) -> str:
    """The words without line breaks and control characters: safe in a header."""
    return " ".join((words if words.isprintable() else CONTROL.sub(" ", words)).split())


def ascii_words(words: str) -> str:
    """One line in ASCII, accents left off: for those places in a header that take nothing else."""
    plain = unicodedata.normalize("NFKD", one_line(words).translate(PUNCTUATION))
    return " ".join(plain.encode("ascii", "ignore").decode().split())


@lru_cache(maxsize=4096)  # a batch asks several times for each address
def mailbox(email: str) -> str:
    """The address in ASCII, as every mail server takes it; a foreign-script domain in its xn-- form."""
    local, at, domain = email.strip().rpartition("@")
    try:
        ascii_form = f"{local}{at}{_domain(domain)}"
        ascii_form.encode("ascii")
    except UnicodeError as problem:
        raise AddressUnusable(email) from problem
    if not local or CONTROL.search(ascii_form) or " " in ascii_form:
        raise AddressUnusable(email)
    return ascii_form


@lru_cache(maxsize=1024)  # many readers share theirs
def _domain(name: str) -> str:
    return name.encode("idna").decode()


def _plain(words: str) -> str:
    return words if words.isprintable() else CONTROL_IN_TEXT.sub("", words)


def _known(name: str, values: dict) -> str:
    return str(values.get(name) or "").strip()


def _filled(template: str, values: dict, written: Callable[[str], str]) -> str:
    """Replace each place in one pass, so that a value is never read as a place itself."""

    def filling(place: re.Match[str]) -> str:
        value = _known(place[1], values)
        return written(value) if value else Slot(place[0], place[1], place[2], written).empty

    return PLACE.sub(filling, template)


def require_way_out(content: Content) -> None:
    """Refuse a letter that lacks its unsubscribe link in any part."""
    if not all("[[unsubscribe_url]]" in part for part in (content.html, content.text) if part):
        raise NoWayOut


@lru_cache(maxsize=16)
def _list_id(name: str, domain: str) -> str:
    return f"{ascii_words(name)} <letters.{domain}>".strip()


def headers_of(message: Message, practice: PracticeProfile) -> dict[str, str]:
    """The headers this message travels with, beside those that every message has."""
    reply_to = mailbox(message.letterhead["answers_to"] if message.letterhead else practice.email)
    domain = reply_to.rpartition("@")[2]
    headers = {"Message-ID": f"<{message.id}@{domain}>", "Reply-To": reply_to}
    if message.is_letter:
        headers["List-Unsubscribe"] = ", ".join(f"<{way}>" for way in links.ways_out(message.id))
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["List-Id"] = _list_id(practice.name, domain)
    elif message.message_class in BY_A_MACHINE:
        headers["Auto-Submitted"] = "auto-generated"
    return headers
