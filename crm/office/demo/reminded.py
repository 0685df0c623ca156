"""The letters around a day in the demo: written when they were due, and gone then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from crm.mail.models import Message
from crm.office.demo import post
from workshops import around
from workshops.actions.afterwards import letter_due_at
from workshops.models import Workshop
from workshops.reminders import REMINDERS


def remind(workshop: Workshop, *, now: datetime) -> None:
    """Every reminder that has left by now, to all who have a seat."""
    people = list(workshop.registrations.confirmed().select_related("contact"))
    for reminder in REMINDERS:
        if (at := reminder.due_at(workshop)) + post.ANSWERED_AFTER <= now:
            written = around.remind(workshop, people, reminder, until=timezone.now() + timedelta(hours=1))
            _left(written, at=at, until=reminder.useful_until(workshop))


def look_back(workshop: Workshop) -> None:
    """The letter of the morning after."""
    people = list(workshop.registrations.confirmed().select_related("contact"))
    for came in (True, False):
        theirs = [person for person in people if bool(person.checked_in_at) is came]
        written = around.write_afterwards(workshop, theirs, came=came, until=timezone.now() + timedelta(hours=1))
        _left(written, at=letter_due_at(workshop), until=workshop.ends_at + timedelta(days=7))


def _left(written: list[Message], *, at: datetime, until: datetime) -> None:
    messages = Message.objects.filter(pk__in=[message.pk for message in written])
    post.keep(messages, at=at)
    messages.update(expires_at=until)
