"""A letter to the host: sent by a person, once, noted as a touch, and taken back for as long as it is still here."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from crm.mail import actions as mail
from crm.mail.letters import compose, literal
from crm.mail.models import Message
from crm.people.models import Contact, User
from partners import actions as partners
from partners.models import FollowUp, Touch
from workshops import host_letters
from workshops.actions.preparing import steps_of
from workshops.actions.refusals import AlreadyTold, LetterHasLeft, NamesSomebody, NotTheirAddress, NotTheTime
from workshops.actions.seats import lock
from workshops.host_letters import Letter
from workshops.models import Workshop

GRACE = timedelta(minutes=2)  # in which a letter sent by a slip is still here
KIT = range(-41, -13)  # days of the plan's steps at which the host gets what brings people
NEAR = {Letter.COUNT: range(-13, -1), Letter.THANKS: range(1, 2)}  # days of the plan's step that it does


@transaction.atomic
def tell_host(
    workshop: Workshop, letter: Letter, *, to: Contact, subject: str, words: str, by: User
) -> tuple[Message, Touch]:
    """Send words that a person has read to one of the host's people, once; the touch is noted, and the to do is done."""
    workshop = lock(workshop)
    host = workshop.host
    if host is None or not letter.fits(workshop):
        raise NotTheTime
    if not to.email or not host.roles.filter(contact=to).exists():
        raise NotTheirAddress
    if named := host_letters.named_in(f"{subject}\n{words}", workshop):
        raise NamesSomebody(f"{named[0]} is registered, and hosts get counts and no names. Take the name out.")
    before = host_letters.sent(workshop, letter)
    if any(message.state != Message.State.SKIPPED for message in before):
        raise AlreadyTold
    body = {"headline": literal(subject.strip()), "words": literal(words.strip())}
    message = mail.queue(
        to,
        message_class=letter.message_class,
        dedupe_key=host_letters.key(workshop, letter, len(before) + 1),
        content=compose("thanks", body, message_class=letter.message_class),
        not_before=timezone.now() + GRACE,
    )
    return message, _note(workshop, letter, to=to, by=by)


@transaction.atomic
def take_back_letter(workshop: Workshop, letter: Letter, *, touch: Touch, by: User) -> None:
    """Undo tell_host(): nothing leaves, and it is still to do. A letter that has left is refused with LetterHasLeft."""
    workshop = lock(workshop)
    last = next(iter(host_letters.sent(workshop, letter)), None)
    try:
        if last is None:
            raise LetterHasLeft
        mail.cancel(last, by=by)
    except mail.NotWaiting as gone:
        raise LetterHasLeft from gone
    partners.take_back(touch, by=by)
    for todo in steps_of(workshop).filter(outcome=_outcome(letter), done_at__isnull=False):
        partners.reopen(todo, by=by)


def todo_of(workshop: Workshop, letter: Letter) -> FollowUp | None:
    """The open step of the plan that this letter does."""
    return _step_in(workshop, NEAR[letter])


def kit_todo_of(workshop: Workshop) -> FollowUp | None:
    """The open step of the plan that is done when the host has the kit."""
    return _step_in(workshop, KIT)


def _step_in(workshop: Workshop, days: range) -> FollowUp | None:
    steps = steps_of(workshop).open().select_related("step")
    return next((todo for todo in steps if todo.step and todo.step.days in days), None)


def _note(workshop: Workshop, letter: Letter, *, to: Contact, by: User) -> Touch:
    assert workshop.host is not None  # noqa: S101 - asked before
    is_thanks = letter == Letter.THANKS
    kind = Touch.TouchKind.THANKS if is_thanks else Touch.TouchKind.EMAIL
    words = f"Thanked for “{workshop.title}”." if is_thanks else f"Told how many come to “{workshop.title}”."
    if todo := todo_of(workshop, letter):
        partners.complete(todo, by=by, outcome=_outcome(letter))
    return partners.log_touch(workshop.host, kind=kind, by=by, summary=words, contacts=[to])


def _outcome(letter: Letter) -> str:
    return f"Sent from here: {letter.label.lower()}."
