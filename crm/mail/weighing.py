"""Who may be written to, and when: asked of every message at the moment a worker takes it, in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.mail.models import Batch, Content, Message, MessageClass, Suppression
from crm.mail.rules import CAP_SPAN, after_night, agreement_missing, next_opening, rule_of
from crm.people.actions import consenting
from crm.people.models import Contact, PracticeProfile, Purpose

State = Message.State
LATER = timedelta(hours=1)
TOO_LATE = "It was still waiting when it stopped being worth sending."


class Reader(NamedTuple):
    """What decides about letters to one contact who said yes."""

    is_archived: bool
    time_zone: str
    paused_until: datetime | None


@dataclass
class Weighed:
    """The messages that may leave, and why the others may not: now, or at all."""

    free: list[Message] = field(default_factory=list)
    refused: dict[tuple[str, str], list[UUID]] = field(default_factory=lambda: defaultdict(list))
    deferred: dict[tuple[datetime, str], list[UUID]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, message: Message, state: str, reason: str) -> None:
        self.refused[state, reason].append(message.pk)

    def defer(self, message: Message, until: datetime, reason: str) -> None:
        """Let it wait; what would come too late then is given up now."""
        if message.expires_at and until > message.expires_at:
            self.refuse(message, State.EXPIRED, f"{reason} By then it would have been too late.")
        else:
            self.deferred[until, reason].append(message.pk)


def weigh(messages: list[Message], *, batch: Batch, practice: PracticeProfile) -> Weighed:
    """Judge the messages that this transaction has put into a batch: a few queries, however many they are."""
    now = timezone.now()
    weighed = Weighed()
    closed = Suppression.objects.scopes_of([message.to_email for message in messages])
    readers = _readers(messages)
    if _follow_merges(messages, readers):
        readers = _readers(messages)
    book = CapBook(messages, batch, now)
    hours = Hours(practice, now)
    nights = Nights(messages, now)
    for message in messages:
        if message.expires_at and message.expires_at < now:
            weighed.refuse(message, State.EXPIRED, TOO_LATE)
        elif reason := _objection(message, closed.get(message.to_email, ()), readers, batch.transport):
            weighed.refuse(message, State.SKIPPED, reason)
        elif wait := nights.wait(message) or _wait(message, readers, hours, book, now):
            weighed.defer(message, *wait)
        else:
            book.count(message)
            weighed.free.append(message)
    return weighed


def _objection(
    message: Message, scopes: Iterable[str], readers: dict[Purpose, dict[int, Reader]], transport: str
) -> str:
    purpose = rule_of(message.message_class).purpose
    if Suppression.Scope.ALL in scopes:
        return "This address is on the list of those we never write to."
    if purpose is None:
        return ""
    if Suppression.Scope.LETTERS in scopes:
        return "They unsubscribed from letters."
    reader = readers[purpose].get(message.contact_id or 0)
    if reader is None and message.contact_id:
        return f"We have no yes from them for {purpose.label.lower()}."
    if reader is None or reader.is_archived:
        return "This contact is archived."
    return agreement_missing(message.message_class, transport=transport)


def _wait(
    message: Message, readers: dict[Purpose, dict[int, Reader]], hours: Hours, book: CapBook, now: datetime
) -> tuple[datetime, str] | None:
    """Until when this message has to wait and why; None if it may leave now."""
    rule = rule_of(message.message_class)
    reader = readers[rule.purpose].get(message.contact_id or 0) if rule.purpose else None
    if reader and reader.paused_until and reader.paused_until > now:
        return reader.paused_until, "They asked for a pause."
    if rule.keeps_hours and (opening := hours.opening(reader.time_zone if reader else "")):
        return opening, "Letters wait for the recipient's morning."
    return book.wait(message)


def _readers(messages: list[Message]) -> dict[Purpose, dict[int, Reader]]:
    """Those contacts of these messages who said yes, by what they said it to."""
    readers: dict[Purpose, dict[int, Reader]] = defaultdict(dict)
    for purpose in {rule_of(message_class).purpose for message_class in {one.message_class for one in messages}}:
        if purpose:
            theirs = Contact.objects.filter(_concerns("people_contact.id", messages))
            saying_yes = consenting(theirs, purpose=purpose).order_by()
            rows = saying_yes.values_list("pk", "archived_at", "time_zone", "pause__until")
            readers[purpose] = {pk: Reader(bool(archived), zone, until) for pk, archived, zone, until in rows}
    return readers


def _follow_merges(messages: list[Message], readers: dict[Purpose, dict[int, Reader]]) -> bool:
    """Give what was written to somebody while they were merged into another to that one, whose word it needs.

    No trigger does it for every row of a broadcast: only who may not be written to is looked at here.
    """
    purposes = {
        message_class: rule_of(message_class).purpose for message_class in {one.message_class for one in messages}
    }
    theirs = {message_class: readers[purpose] for message_class, purpose in purposes.items() if purpose}
    lacking: dict[int, list[Message]] = defaultdict(list)
    for message in messages:
        if (contact := message.contact_id) and message.message_class in theirs:
            reader = theirs[message.message_class].get(contact)
            if reader is None or reader.is_archived:
                lacking[contact].append(message)
    if not lacking:
        return False
    followed = dict(Contact.objects.filter(pk__in=lacking, merged_into__isnull=False).values_list("pk", "merged_into"))
    for gone, kept in followed.items():
        Message.objects.filter(pk__in=[message.pk for message in lacking[gone]]).update(contact=kept)
        for message in lacking[gone]:
            message.contact_id = kept
    return bool(followed)


def _concerns(column: str, messages: list[Message]) -> RawSQL:
    """Is this column the contact of one of these messages? As a list, for it leaves only one plan; a join leaves many."""
    contacts = ",".join(str(contact) for message in messages if (contact := message.contact_id))
    among = f"{column} = ANY(string_to_array(%s, ',')::bigint[])"
    return RawSQL(among, [contacts], output_field=BooleanField())  # noqa: S611 - the columns are our own


class Hours:
    """The hours for letters, worked out once for each time zone."""

    def __init__(self, practice: PracticeProfile, now: datetime) -> None:
        self.practice, self.now = practice, now
        self.openings: dict[str, datetime | None] = {}

    def opening(self, time_zone: str) -> datetime | None:
        name = time_zone or self.practice.time_zone
        if name not in self.openings:
            practice = self.practice
            self.openings[name] = next_opening(
                self.now, zone=ZoneInfo(name), opens=practice.letters_from, closes=practice.letters_until
            )
        return self.openings[name]


class Nights:
    """Which of these have words that wake nobody: reminders were made by day, but an outage may have held them up."""

    def __init__(self, messages: list[Message], now: datetime) -> None:
        self.now = now
        rarely = {message.content_id for message in messages if message.message_class == MessageClass.TRANSACTIONAL}
        kept = (
            Content.objects.filter(pk__in=rarely).exclude(by_day_in="").order_by() if rarely else Content.objects.none()
        )
        self.zones = dict(kept.values_list("pk", "by_day_in"))

    def wait(self, message: Message) -> tuple[datetime, str] | None:
        if not (zone := self.zones.get(message.content_id)):
            return None
        morning = after_night(self.now, ZoneInfo(zone))
        return (morning, "It waits for the morning: people sleep.") if morning > self.now else None


class CapBook:
    """How many letters each contact had of late.

    What waits in front of a message counts as well: so two workers that each hold one letter to the same person, and
    cannot see each other's claim, still agree on which of them goes.
    """

    def __init__(self, messages: list[Message], batch: Batch, now: datetime) -> None:
        self.now = now
        self.sent: dict[tuple[int | None, str], list[datetime]] = defaultdict(list)
        self.waiting: dict[tuple[int | None, str], list[tuple]] = defaultdict(list)
        classes = {message.message_class for message in messages}
        if capped := [name for name in classes if rule_of(name).weekly_cap is not None]:
            self._read(messages, batch, capped)

    def _read(self, messages: list[Message], batch: Batch, capped: list[str]) -> None:
        recent = Q(state__in=[State.HANDED_OVER, State.UNKNOWN], settled_at__gt=self.now - CAP_SPAN)
        in_front = Q(state=State.QUEUED, not_before__lte=self.now)
        theirs = Message.objects.filter(_concerns("mail_message.contact_id", messages), message_class__in=capped)
        others = theirs.filter(recent | in_front | Q(state=State.CLAIMED)).exclude(batch=batch).order_by()
        columns = ("pk", "contact_id", "message_class", "state", "settled_at", "priority", "not_before")
        for pk, contact, message_class, state, settled_at, priority, not_before in others.values_list(*columns):
            key = (contact, message_class)
            if state == State.QUEUED:
                self.waiting[key].append((priority, not_before, pk))
            else:
                self.sent[key].append(settled_at or self.now)

    def wait(self, message: Message) -> tuple[datetime, str] | None:
        cap = rule_of(message.message_class).weekly_cap
        if cap is None:
            return None
        key = (message.contact_id, message.message_class)
        if key not in self.sent and key not in self.waiting:
            return None
        sent = sorted(self.sent[key])
        mine = (message.priority, message.not_before, message.id)
        if len(sent) >= cap:
            return sent[-cap] + CAP_SPAN, "They have had their letters for this week."
        if len(sent) + sum(other < mine for other in self.waiting[key]) >= cap:
            return self.now + LATER, "Other letters to them come first this week."
        return None

    def count(self, message: Message) -> None:
        """Remember that this one leaves."""
        self.sent[message.contact_id, message.message_class].append(self.now)
