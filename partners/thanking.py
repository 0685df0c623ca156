"""Words of thanks for a referral: drafted by kind of partner and by what may be said, sent by a person, never by itself.

Without the patient's signature thanks never say that anybody came, nor who: “thank you for thinking of us” is true
whatever became of it. What a patient has signed for is said in person, by card or from one's own mail program:
Rapport keeps no names, so it sends none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from crm.mail import actions as mail
from crm.mail.letters import compose, literal
from crm.mail.models import Message, MessageClass
from crm.people.models import Contact, PracticeProfile, User
from partners.actions import Refused, thank, unthank
from partners.conversions import Share
from partners.loop import permission_of
from partners.models import THANKS_LATE, Group, Partner, Referral, Touch, WordPermission

GRACE = timedelta(minutes=2)  # in which a letter sent by a slip is still here
SUBJECT = "Thank you for thinking of us"
# What a kind of partner does for its people, and what we can give back: knowledge, never a thing of value.
WORDS = {
    Group.FITNESS: (
        "You know your people, and it means a lot that you think of us when one of them needs more than training. "
        "If there is a movement you would like a second pair of eyes on, call me any time."
    ),
    Group.DPC: (
        "Your patients go by what you say, so it means a lot that you would name us. "
        "If you would like to talk something through, call me any time: you get me, not a queue."
    ),
    Group.FUNCTIONAL: (
        "You look at the whole person, and it means a lot that you count us in. "
        "If there is something about movement or load you would like to talk through, call me any time."
    ),
    Group.OTHER: (
        "That you think of us when somebody needs help means a lot. If there is something I can help you with, "
        "call me any time."
    ),
}


class NotTheirAddress(Refused):
    sentence = "Choose one of their people who has an e-mail address."


class SaysTooLittle(Refused):
    sentence = "Write a few words first."


class LetterHasLeft(Refused):
    sentence = "The letter has left already and cannot be called back, so the thank-you stands."


@dataclass(frozen=True)
class Draft:
    """Words to begin with. What was signed for is listed, to be said by hand and nowhere kept."""

    subject: str
    words: str
    permission: WordPermission | None

    def mailto(self, address: str) -> str:
        """The link that opens one's own mail program with these words."""
        return f"mailto:{quote(address)}?subject={quote(self.subject)}&body={quote(self.words)}"


def draft(referral: Referral, *, to: Contact | None, by: User | None = None) -> Draft:
    """Draft thanks that are true and allowed whether or not anybody came."""
    practice = PracticeProfile.load()
    name = " ".join(part for part in (getattr(by, "first_name", ""), getattr(by, "last_name", "")) if part)
    close = "\n".join(line for line in (name, practice.name) if line)
    words = f"{greeting(referral, to)}\n\nThank you for thinking of us. {WORDS[referral.partner.group]}\n\n{close}"
    return Draft(SUBJECT, words, permission_of(referral))


def greeting(referral: Referral, to: Contact | None) -> str:
    """How the draft begins for this person, or for all of them."""
    first = to.first_name if to else ""
    return f"Hello {first}," if first else f"Hello everybody at {referral.partner},"


def greeted_as(referral: Referral, words: str, *, to: Contact) -> str:
    """These words with the greeting of this person, where they begin with the draft's greeting of another one."""
    right = greeting(referral, to)
    for other in (None, *addressees(referral)):
        wrong = greeting(referral, other)
        if words.startswith(wrong) and wrong != right:
            return right + words.removeprefix(wrong)
    return words


def addressees(referral: Referral) -> list[Contact]:
    """Their people who have an e-mail address; who sent somebody comes first, then the main person."""
    people = [role.contact for role in referral.partner.roles.select_related("contact") if role.contact.email]
    return sorted(people, key=lambda person: person.pk != referral.referred_by_id)


@transaction.atomic
def send(referral: Referral, *, to: Contact, subject: str, words: str, by: User) -> Message:
    """Send these words to one of their people, once; a person has read them, and they leave after two minutes."""
    if not to.email or not referral.partner.roles.filter(contact=to).exists():
        raise NotTheirAddress
    if not words.strip() or not subject.strip():
        raise SaysTooLittle
    touch = thank(referral, by=by)
    content = compose("thanks", {"headline": literal(subject.strip()), "words": literal(words.strip())})
    return mail.queue(
        to,
        message_class=MessageClass.TRANSACTIONAL,
        dedupe_key=f"thanks:{touch.pk}",
        content=content,
        not_before=timezone.now() + GRACE,
    )


@transaction.atomic
def take_back(referral: Referral, *, touch: Touch, by: User) -> None:
    """Undo thank() or send(): the thank-you is owed again. A letter that has left is refused with LetterHasLeft."""
    letter = Message.objects.filter(dedupe_key=f"thanks:{touch.pk}").first()
    try:
        if letter:
            mail.cancel(letter, by=by)
    except mail.NotWaiting as gone:
        raise LetterHasLeft from gone
    unthank(referral, touch=touch, by=by)


def on_time(partner: Partner | None = None, *, since: datetime | None = None, now: datetime | None = None) -> Share:
    """How many were thanked for within 48 hours, of all that were or should have been by now."""
    now = now or timezone.now()
    real = Referral.objects.standing()
    if partner:
        real = real.filter(partner=partner)
    if since:
        real = real.filter(received_at__gte=since)
    in_time, late = Q(thanked_at__lte=F("received_at") + THANKS_LATE), Q(thanked_at__gt=F("received_at") + THANKS_LATE)
    missed = late | Q(thanked_at=None, received_at__lt=now - THANKS_LATE)
    sums = real.order_by().aggregate(in_time=Count("pk", filter=in_time), missed=Count("pk", filter=missed))
    return Share(sums["in_time"], sums["in_time"] + sums["missed"])
