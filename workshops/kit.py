"""What a host needs to bring people: words to forward, each fit for where it is read, and the link that is theirs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import quote

import segno

from workshops import links
from workshops.models import Workshop


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


def _mail(workshop: Workshop, link: str) -> str:
    parts = [
        f"“{workshop.title}”",
        workshop.summary,
        f"{workshop.day}, {workshop.hours}\n{where(workshop)}",
        f"There are {workshop.capacity} seats. Sign up here:\n{link}",
    ]
    return "\n\n".join(part for part in parts if part)


def _chat(workshop: Workshop, link: str) -> str:
    return f"{workshop.title}: {workshop.day}, {workshop.hours}, {where(workshop)}. {workshop.capacity} seats, sign up here: {link}"


def _post(workshop: Workshop, link: str) -> str:
    short = link.partition("://")[2]
    parts = [
        workshop.title,
        workshop.summary,
        f"{workshop.day}\n{workshop.hours}\n{where(workshop)}",
        f"Sign up: {short}",
    ]
    return "\n\n".join(part for part in parts if part)
