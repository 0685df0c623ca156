"""The tick for letters on the registration form: a line in the ledger, with its words and the moment it was set."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from workshops.models import HELD, Registration

SOURCE = "workshop registration"
State = ConsentEvent.State


def agree(contact: Contact, words: str, *, at: datetime | None = None) -> None:
    """Note a yes to letters; who has said yes before needs no second one."""
    if not may_write(contact, purpose=Purpose.NEWS):
        record_consent(
            contact, purpose=Purpose.NEWS, state=State.GRANTED, source=SOURCE, evidence=words, at=at or timezone.now()
        )


def keep_for_later(registration: Registration, words: str) -> None:
    """Keep the tick of somebody who is held back: it counts from that moment on, once they are let in."""
    held = Registration.objects.filter(pk=registration.pk, state__in=HELD, agreed_at=None)
    held.update(agreed_to=words[:200], agreed_at=timezone.now())


def keep_word(registration: Registration) -> None:
    """Who is let in had ticked the box: note it at the moment of the tick, so that a no said since then stands."""
    if registration.agreed_at:
        agree(registration.contact, registration.agreed_to, at=registration.agreed_at)


def take_word_back(registration: Registration) -> None:
    """Undo keep_word(): at the same moment, so that letting them in once more notes it again."""
    if registration.agreed_at is None:
        return
    latest = registration.contact.consents.filter(purpose=Purpose.NEWS).first()
    if latest and (latest.source, latest.at, latest.state) == (SOURCE, registration.agreed_at, State.GRANTED):
        record_consent(
            registration.contact,
            purpose=Purpose.NEWS,
            state=State.WITHDRAWN,
            source=SOURCE,
            evidence="Taken back: the registration looked odd after all.",
            at=registration.agreed_at,
        )
