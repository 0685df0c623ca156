"""Who signs a message: all of its bytes that come from the practice's profile and from settings.

A letter is signed by the practice as it is when it leaves. What carries a calendar object keeps its letterhead from
when it was written, so that a second try sends the very bytes of the first, whatever was changed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings

from crm.mail.models import Message
from crm.people.models import PracticeProfile

INVITES_BOX = "invites"  # the mailbox at INBOUND_HOST where the answers of calendars are read


@dataclass(frozen=True)
class Letterhead:
    """Under which name and from which address, where a person's answer goes, and whether a calendar is a file too."""

    name: str
    sender: str
    answers_to: str
    has_file: bool

    @classmethod
    def now(cls, practice: PracticeProfile, *, sender: str = "") -> Self:
        return cls(practice.name, sender or practice.email, practice.email, settings.INVITE_AS_FILE)

    @classmethod
    def of(cls, message: Message, practice: PracticeProfile) -> Self:
        """The one it was written on, or else that of now."""
        return cls(**message.letterhead) if message.letterhead else cls.now(practice)

    def kept(self) -> dict[str, Any]:
        return {**vars(self)}


def invites_address() -> str:
    """Where calendars answer our invites, where answers are read; else empty, and they answer to the practice's own."""
    return f"{INVITES_BOX}@{settings.INBOUND_HOST}" if settings.INBOUND_HOST else ""


def sender_of_invites(organizer: str, practice: PracticeProfile) -> str:
    """The organizer's own address, as calendars like it best, if its host is known to be fit to send; else ours.

    That it is fit, the owner says in INVITES_FROM_INBOUND, and the doctor looks whether it is so: mail in the name of a
    host that nothing vouches for would be turned away, and every confirmation with it.
    """
    is_fit = settings.INVITES_FROM_INBOUND and organizer.lower() == invites_address().lower() != ""
    return organizer if is_fit else practice.email


def has_own_sender(message: Message) -> bool:
    """Does it leave from another address than the practice's?"""
    kept = message.letterhead
    return kept is not None and kept["sender"] != kept["answers_to"]
