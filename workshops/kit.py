"""What a host needs to bring people: words to forward, each fit for where it is read, and the link that is theirs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import quote

import segno

from crm.mail.letterheads import sender_of_invites
from crm.people.models import PracticeProfile
from workshops import links
from workshops.models import Workshop, answered_at


@dataclass(frozen=True)
class Words:
    """One text to copy, and the program it opens in where there is one."""

    key: str
    name: str
    text: str
    open_url: str = ""
    open_words: str = ""


def texts(workshop: Workshop) -> list[Words]:
    """The same invitation for a mail, for a message and for a picture."""
    link = links.address(workshop, partner=workshop.host)
    mail, chat = _mail(workshop, link), _chat(workshop, link)
    subject = f"{workshop.title}, {workshop.day}"
    return [
        Words(
            "mail",
            "A mail to their people",
            mail,
            f"mailto:?subject={quote(subject)}&body={quote(mail)}",
            "Open as a mail",
        ),
        Words("chat", "WhatsApp or a text", chat, f"https://wa.me/?text={quote(chat)}", "Open in WhatsApp"),
        Words("post", "Instagram or the notice board", _post(workshop, link)),
    ]


def png(address: str) -> bytes:
    """The code to scan as a picture, large enough for a poster."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(out, kind="png", scale=24, border=4)
    return out.getvalue()


def where(workshop: Workshop) -> str:
    return workshop.place or "online, by video"


def seats(workshop: Workshop) -> str:
    return "1 seat" if workshop.capacity == 1 else f"{workshop.capacity} seats"


def hours(workshop: Workshop) -> str:
    """On whose clock is said to those alone who may sit anywhere."""
    return workshop.hours if workshop.place else f"{workshop.hours}, {workshop.zone_name}"


def print_size(workshop: Workshop, *, practice: str) -> str:
    """How large the words of the flyer may be, so that the longest of them still fit one sheet beside the code."""
    brand = len(practice) + len(str(workshop.host or ""))
    room = 0.53 * len(workshop.title) + 0.11 * (len(workshop.summary) + len(where(workshop))) + 0.07 * brand
    return "large" if room <= 34 else "medium" if room <= 64 else "small"


def _mail(workshop: Workshop, link: str) -> str:
    parts = [
        f"“{workshop.title}”",
        workshop.summary,
        f"{workshop.day}, {hours(workshop)}\n{where(workshop)}",
        f"There {'is' if workshop.capacity == 1 else 'are'} {seats(workshop)}. Sign up here:\n{link}",
        f"The confirmation comes from {_sender()}. Put this address into your contacts, and your calendar knows whose "
        "invite it is.",
    ]
    return "\n\n".join(part for part in parts if part)


def _sender() -> str:
    """From which address invites leave: calendars ask less of somebody they know."""
    practice = PracticeProfile.load()
    return sender_of_invites(answered_at(practice), practice)


def _chat(workshop: Workshop, link: str) -> str:
    return f"{workshop.title}: {workshop.day}, {hours(workshop)}, {where(workshop)}. {seats(workshop)}, sign up here: {link}"


def _post(workshop: Workshop, link: str) -> str:
    short = link.partition("://")[2]
    parts = [
        workshop.title,
        workshop.summary,
        f"{workshop.day}\n{hours(workshop)}\n{where(workshop)}",
        f"Sign up: {short}",
    ]
    return "\n\n".join(part for part in parts if part)
