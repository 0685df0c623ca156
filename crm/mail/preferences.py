"""What one reader wants to hear about, as they say it themselves on the page behind a letter's link."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from crm.mail.actions import nudge, open_for_letters, unsubscribe
from crm.mail.models import CONSENT_NEEDED, Message, MessageClass, Pause, Suppression
from crm.people.actions import ALLOWING, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose

PREFERENCE_PAGE = "preference page"
PAUSES = (30, 90)  # days
LONGEST_PAUSE = timedelta(days=max(PAUSES) + 1)
ABOUT = {
    Purpose.PARTNER: "For the studios, trainers and practitioners we work with: how we can help the people you look after.",
    Purpose.NEWS: "What is new with us, the dates of our workshops, and now and then an offer.",
    Purpose.CARE: "About your own care with us.",
}


class OnlyByHand(Exception):
    """This address was closed for a reason that its reader cannot take back: letters bounced, or were called spam."""


@dataclass(frozen=True)
class Topic:
    """One thing that a reader can hear about, and whether they do."""

    purpose: Purpose
    is_on: bool

    @property
    def about(self) -> str:
        return ABOUT[self.purpose]


@dataclass(frozen=True)
class Preferences:
    """What a reader hears about now."""

    topics: tuple[Topic, ...]
    paused_until: datetime | None
    is_unsubscribed: bool  # by themselves, so they may take it back
    is_closed: bool  # by anything else, so only the practice can

    @property
    def is_off(self) -> bool:
        return self.is_unsubscribed or self.is_closed

    @property
    def wanted(self) -> list[Topic]:
        return [topic for topic in self.topics if topic.is_on]


class PreferencesForm(forms.Form):
    """The whole of what a reader chose. Nothing ticked means that they want no letters at all."""

    topics = forms.MultipleChoiceField(required=False)
    pause = forms.CharField(required=False)

    def __init__(self, data, *, now: Preferences) -> None:
        super().__init__(data)
        self.fields["topics"].choices = [(topic.purpose, topic.purpose.label) for topic in now.topics]  # type: ignore[attr-defined]

    def clean_topics(self) -> list[Purpose]:
        return [Purpose(name) for name in self.cleaned_data["topics"]]

    def clean_pause(self) -> datetime | None:
        """A number of days from now; or the moment at which a pause ends that they had already."""
        chosen = self.cleaned_data["pause"]
        if chosen in map(str, PAUSES):
            return timezone.now() + timedelta(days=int(chosen))
        try:
            until = parse_datetime(chosen)
        except ValueError:
            until = None
        if until is None or timezone.is_naive(until) or not timedelta() < until - timezone.now() <= LONGEST_PAUSE:
            return None
        return until


def preferences_of(message: Message) -> Preferences:
    """What the reader of this message hears about now. Topics they never had anything to do with are left out."""
    closed = Suppression.objects.of(message.to_email)
    reasons = set(closed.values_list("scope", "reason"))
    own = (Suppression.Scope.LETTERS, Suppression.Reason.UNSUBSCRIBED)
    contact = message.contact
    pause = Pause.objects.filter(contact=contact, until__gt=timezone.now()).first() if contact else None
    return Preferences(
        topics=_topics(contact, CONSENT_NEEDED.get(MessageClass(message.message_class)), is_open=not reasons)
        if contact
        else (),
        paused_until=pause.until if pause else None,
        is_unsubscribed=own in reasons,
        is_closed=bool(reasons - {own}),
    )


@transaction.atomic
def choose(message: Message, *, topics: Collection[Purpose], paused_until: datetime | None = None) -> None:
    """Do what the reader of this message asked for, at once: these topics and no others, and a pause if they want one.

    No topic at all is an unsubscribe. A yes opens an address again that its own reader had closed; one that was closed
    for another reason is refused with OnlyByHand, and nothing is changed.
    """
    if topics and Suppression.objects.of(message.to_email).by_anybody_else().exists():
        raise OnlyByHand
    if topics:
        open_for_letters(message.to_email)
    else:
        unsubscribe(message, source=PREFERENCE_PAGE, evidence=_evidence(message))
    contact = Contact.objects.select_for_update().get(messages=message)  # after the address, as in an unsubscribe
    _note(contact, topics, evidence=_evidence(message))
    _pause(contact, until=paused_until)


def _pause(contact: Contact, *, until: datetime | None) -> None:
    """Begin, move or end a pause. What was put off to the end of the one before is judged anew."""
    before = Pause.objects.filter(contact=contact).first()
    if before and before.until != until:
        put_off = Message.objects.filter(contact=contact, state=Message.State.QUEUED, not_before=before.until)
        put_off.update(not_before=timezone.now(), reason="")
        nudge()
    if until is None:
        Pause.objects.filter(contact=contact).delete()
    else:
        Pause.objects.update_or_create(contact=contact, defaults={"until": until})


def _note(contact: Contact, topics: Collection[Purpose], *, evidence: str) -> None:
    """A line in the ledger for each topic on which they changed their mind, and none for the rest."""
    for purpose, latest in contact.consent_standing:
        is_yes = latest is not None and latest.state in ALLOWING
        if is_yes != (purpose in topics):
            record_consent(
                contact,
                purpose=purpose,
                state=ConsentEvent.State.GRANTED if purpose in topics else ConsentEvent.State.WITHDRAWN,
                source=PREFERENCE_PAGE,
                evidence=evidence,
            )


def _evidence(message: Message) -> str:
    return f"Chosen on the preference page, opened from message {message.pk}."


def _topics(contact: Contact, here: Purpose | None, *, is_open: bool) -> tuple[Topic, ...]:
    """News is for everybody. Of the rest, what they were ever asked about, or are written to about ``here``."""
    return tuple(
        Topic(purpose, is_open and latest is not None and latest.state in ALLOWING)
        for purpose, latest in contact.consent_standing
        if latest or purpose in (here, Purpose.NEWS)
    )
