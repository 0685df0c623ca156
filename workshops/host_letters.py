"""Letters to a workshop's host: drafted here, read and sent by a person. They hold counts and never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote

from crm.mail.models import Message, MessageClass
from crm.people.models import Contact, PracticeProfile, User
from workshops import links
from workshops.models import Workshop


class Letter(StrEnum):
    """What there is to tell a host, and about when."""

    COUNT = "count"
    THANKS = "thanks"

    @property
    def label(self) -> str:
        return {Letter.COUNT: "Tell the host how many", Letter.THANKS: "Thank the host"}[self]

    @property
    def days(self) -> int:
        """When it is due, counted from the workshop's day."""
        return {Letter.COUNT: -7, Letter.THANKS: 1}[self]

    @property
    def message_class(self) -> MessageClass:
        """Thanks answer what they did for us; a count is a letter, and needs their yes."""
        return {Letter.COUNT: MessageClass.PARTNER, Letter.THANKS: MessageClass.TRANSACTIONAL}[self]

    def fits(self, workshop: Workshop) -> bool:
        """Is this the time for it?"""
        if workshop.host is None or workshop.state not in (Workshop.State.OPEN, Workshop.State.HELD):
            return False
        return workshop.is_over if self == Letter.THANKS else workshop.is_open


@dataclass(frozen=True)
class Draft:
    subject: str
    words: str

    def mailto(self, address: str) -> str:
        """The link that opens one's own mail program with these words."""
        return f"mailto:{quote(address)}?subject={quote(self.subject)}&body={quote(self.words)}"


def draft(workshop: Workshop, letter: Letter, *, to: Contact | None, by: User | None = None) -> Draft:
    """Words to begin with, with the counts of this moment."""
    first = to.first_name if to else ""
    hello = f"Hello {first}," if first else f"Hello everybody at {workshop.host},"
    subject, body = _thanks(workshop) if letter == Letter.THANKS else _count(workshop)
    name = " ".join(part for part in (getattr(by, "first_name", ""), getattr(by, "last_name", "")) if part)
    close = "\n".join(line for line in (name, PracticeProfile.load().name) if line)
    return Draft(subject[:150], f"{hello}\n\n{body}\n\n{close}")


def addressees(workshop: Workshop) -> list[Contact]:
    """The host's people who have an e-mail address, the main one first."""
    if workshop.host is None:
        return []
    roles = workshop.host.roles.select_related("contact")
    return [role.contact for role in roles if role.contact.email]


def named_in(words: str, workshop: Workshop) -> list[str]:
    """Registrants whose whole name stands in these words, the host's own people apart."""
    own = {person.name.lower() for person in addressees(workshop)}
    names = set(workshop.registrations.values_list("name", flat=True))
    text = " ".join(words.lower().split())
    return sorted(name for name in names if " " in name and name.lower() in text and name.lower() not in own)


def key(workshop: Workshop, letter: Letter, number: int) -> str:
    return f"workshop:{workshop.pk}:{letter}:{number}"


def keys(workshop: Workshop, letter: Letter) -> list[str]:
    """Of every time that it may have been sent, as each one called back counts too."""
    return [key(workshop, letter, number) for number in range(1, 21)]


def sent(workshop: Workshop, letter: Letter) -> list[Message]:
    """Every time this letter was sent, the last one first; one that was called back is among them."""
    return list(Message.objects.filter(dedupe_key__in=keys(workshop, letter)).order_by("-created_at", "-pk"))


def due_on(workshop: Workshop, letter: Letter):
    return workshop.local_start.date() + timedelta(days=letter.days)


def _count(workshop: Workshop) -> tuple[str, str]:
    taken, left = workshop.seats_taken, max(0, workshop.seats_left)
    waiting = workshop.registrations.waiting().count()
    people = (
        "Nobody has signed up yet" if not taken else f"{headcount(taken)} {'has' if taken == 1 else 'have'} signed up"
    )
    room = f"{left} of {workshop.capacity} seats {'is' if left == 1 else 'are'} free"
    if not left:
        room = "all seats are taken"
        if waiting:
            room += f", and {headcount(waiting)} {'is' if waiting == 1 else 'are'} on the waiting list"
    kept = max(0, workshop.host_seats - workshop.host_seats_taken)
    ours = f" {kept} of them wait for your own people." if kept and left else ""
    link = links.address(workshop, partner=workshop.host)
    ask = f"If you know somebody who would like to come, this is your own link:\n{link}"
    ask = ask if left else f"Who would still like to come can join the waiting list by your own link:\n{link}"
    subject = f"“{workshop.title}”: {taken} signed up so far"
    return subject, f"{people} for “{workshop.title}” on {workshop.day}, {workshop.hours}, and {room}.{ours}\n\n{ask}"


def _thanks(workshop: Workshop) -> tuple[str, str]:
    came = workshop.registrations.came().count()
    many = f" {headcount(came)} came." if came else ""
    body = (
        f"Thank you for having us. You opened your doors for “{workshop.title}” on {workshop.day}, and that was the "
        f"larger half of the work.{many}\n\nHow was it for you, and what shall we do differently next time?"
    )
    return "Thank you for having us", body


def headcount(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
