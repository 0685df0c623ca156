"""What we write to registrants: each function puts one message into the outbox, with the invite where there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.cache import caches
from django.db import transaction
from django.db.models import QuerySet
from django.forms import model_to_dict
from django.utils import timezone

from crm.mail import actions as mail
from crm.mail.letters import compose, literal
from crm.mail.models import Content, Message, MessageClass
from crm.people.composed import records
from crm.people.inserting import Bundle
from crm.people.models import PracticeProfile, first_name_in
from workshops import invites
from workshops.models import Invite, Registration, Workshop

AGAIN: dict[str, str] = {
    Registration.State.CONFIRMED: "workshop_confirmed",
    Registration.State.OFFERED: "workshop_offered",
    Registration.State.WAITING: "workshop_waiting",
    Registration.State.UNCONFIRMED: "workshop_asked",
}
AGAIN_AFTER = timedelta(hours=1)
CONTENT_KEPT = 600  # seconds


def welcome(
    desk: Desk,
    seated: Sequence[Invite],
    others: Sequence[Registration],
    *,
    first_place: int,
    bundle: Bundle | None = None,
) -> None:
    """To all who have registered in one moment: a seat with its invite, or the place on the waiting list."""
    for invite in seated:
        desk.draft("workshop_confirmed", invite.registration, reason="confirmed", invite=invite)
    for place, registration in enumerate(others, start=first_place):
        desk.draft("workshop_waiting", registration, reason="waiting", values={"position": str(place)})
    desk.send(bundle)


def confirmed(registration: Registration, invite: Invite) -> Message | None:
    """Their seat is theirs, with the invite."""
    return _send("workshop_confirmed", registration, reason="confirmed", invite=invite)


def waiting(registration: Registration) -> Message | None:
    """All seats are taken; the letter says how many wait before them. No invite: there is nothing to attend yet."""
    return _send("workshop_waiting", registration, reason="waiting")


def promoted(registration: Registration, invite: Invite) -> Message | None:
    """A seat became free and is theirs, with the invite."""
    return _send("workshop_promoted", registration, reason="promoted", invite=invite)


def offered(registration: Registration) -> Message | None:
    """A seat became free and is kept for them for some hours. No invite: they have not said yes."""
    return _send("workshop_offered", registration, reason="offered", values=_offer(registration))


def lapsed(registration: Registration) -> Message | None:
    """They did not take the seat in time; they stay on the list."""
    return _send("workshop_offer_lapsed", registration, reason="lapsed", values=_offer(registration))


def claimed(registration: Registration, invite: Invite) -> Message | None:
    """They took the seat that was offered, and here is the invite."""
    return _send("workshop_claimed", registration, reason="claimed", invite=invite)


def changed(registration: Registration, invite: Invite | None, *, before: dict[str, str]) -> Message | None:
    """Another time or place; those who hold an invite get the updated one."""
    reason = f"changed:{registration.workshop.revision}"
    words = {f"{word}_before": text for word, text in before.items()}
    return _send("workshop_changed", registration, reason=reason, invite=invite, words={**words, **_seat(invite)})


def workshop_cancelled(registration: Registration, invite: Invite | None) -> Message | None:
    """The workshop does not take place; the invite is taken out of their calendar."""
    return _send("workshop_cancelled", registration, reason="workshop cancelled", invite=invite, words=_seat(invite))


def cancelled(registration: Registration, invite: Invite | None) -> Message | None:
    """They gave their seat or their place on the list back."""
    if registration.cancelled_by == Registration.CancelledBy.REPLY:
        values = {"undo_url": registration.undo_url}
        return _send("registration_declined", registration, reason="cancelled", invite=invite, values=values)
    by_office = registration.cancelled_by == Registration.CancelledBy.OFFICE
    words = {**_seat(invite), "by_office": "yes" if by_office else ""}
    return _send("registration_cancelled", registration, reason="cancelled", invite=invite, words=words)


def again(registration: Registration) -> Message | None:
    """Send the present confirmation once more, at most once an hour however often the form is sent.

    The caller holds the workshop's lock, so two requests at once can't both find the hour over.
    """
    now = timezone.now()
    # Found by its contact: a key is unique, but its beginning is in no index.
    written = Message.objects.filter(contact=registration.contact, dedupe_key__startswith=key_of(registration, ""))
    if written.filter(created_at__gt=now - AGAIN_AFTER).exists():
        return None
    invite = Invite.objects.filter(registration=registration).first()
    name = AGAIN[registration.state]
    values = _offer(registration)
    return _send(name, registration, reason=f"again:{now.isoformat()}", invite=invite, values=values)


class Desk:
    """Where several letters are written at once: the same words make one content, and all leave in one statement."""

    def __init__(self) -> None:
        self.practice, self.now = PracticeProfile.load(), timezone.now()
        self.contents: dict[tuple, Content] = {}
        self.facts: dict[int, dict[str, str]] = {}
        self.drafts: list[Message] = []

    def have_ready(self, workshop: Workshop) -> None:
        """Have at hand what the next who registers is told, before anybody waits for the workshop's lock.

        Should it turn out to be something else, that is composed then.
        """
        name, video_url = ("workshop_waiting", "") if workshop.is_full else ("workshop_confirmed", workshop.video_url)
        self._content(name, workshop, {"is_brought": "", "video_url": video_url})

    def draft(
        self,
        name: str,
        registration: Registration,
        *,
        reason: str,
        invite: Invite | None = None,
        values: dict[str, str] | None = None,
        words: dict[str, str] | None = None,
    ) -> None:
        workshop = registration.workshop
        if invite:
            invite.registration = registration
        # Who shares an address shares a calendar: one invite in it is enough.
        carried = invite if registration.email else None
        is_coming = invite is not None and not invite.is_cancelled
        words = {
            **(words or {}),
            "is_brought": "" if registration.email else "yes",
            "video_url": workshop.video_url if is_coming else "",
        }
        if "position" not in (values := values or {}):  # asked for where nobody has told it
            values = {"position": str(registration.position), **values}
        self.drafts.append(
            mail.draft(
                registration.contact,
                message_class=MessageClass.TRANSACTIONAL,
                dedupe_key=key_of(registration, reason),
                content=self._content(name, workshop, words),
                values={**values_of(registration), **values},
                to_email=registration.address,
                to_name=registration.name,
                calendar=invites.calendar(carried, self.practice) if carried else "",
                calendar_method=invites.method(carried, self.practice) if carried else "",
                letterhead=invites.letterhead(carried, self.practice).kept() if carried else None,
                priority=Message.Priority.NOW,
                not_before=self.now,
                expires_at=max(workshop.ends_at, self.now),
            )
        )

    def send(self, bundle: Bundle | None = None) -> None:
        mail.queue_all(self.drafts, bundle=bundle)

    def _content(self, name: str, workshop: Workshop, words: dict[str, str]) -> Content:
        facts = self.facts.setdefault(id(workshop), {})  # one and the same row may be here as it was and as it is
        if not facts:
            facts.update({**facts_of(workshop), "reason": workshop.cancel_reason})
        key = (name, *facts.items(), *words.items())
        if key not in self.contents:
            self.contents[key] = _content(name, self.practice, {**facts, **words})
        return self.contents[key]


def _send(name: str, registration: Registration, **said) -> Message | None:
    if not registration.address:  # known by name alone, since they came in at the door
        return None
    desk = Desk()
    desk.draft(name, registration, **said)
    desk.send()
    return desk.drafts[0]


def _offer(registration: Registration) -> dict[str, str]:
    return {
        "offered_until": registration.offer_ends,
        "claim_url": registration.claim_url,
        "confirm_url": registration.confirm_url,
    }


def _seat(invite: Invite | None) -> dict[str, str]:
    """Tells the letter whether it goes to somebody with a seat or to somebody who waits."""
    return {"has_seat": "yes" if invite else ""}


def key_of(registration: Registration, reason: str) -> str:
    """The one reason of a letter to a registrant: the same reason twice is one letter."""
    return f"registration:{registration.pk}:{reason}"


def _content(name: str, practice: PracticeProfile, words: dict[str, str]) -> Content:
    """One content for all who get the same words. Rendering is kept off the path of a busy workshop.

    Only a content that was committed is remembered, by each process and only for minutes: losing the memory costs a
    rendering.
    """
    key = f"workshop-letter:{hashlib.sha256(repr((name, words, model_to_dict(practice))).encode()).hexdigest()}"
    kept = records(_kept, now=timezone.now(), key=caches["letters"].get(key, 0))
    if kept:
        return kept[0]
    content = compose(name, {word: literal(text) for word, text in words.items()})
    transaction.on_commit(lambda: caches["letters"].set(key, content.pk, CONTENT_KEPT))
    return content


def _kept(*, now: datetime, key: int) -> QuerySet[Content]:
    return Content.objects.filter(pk=key).only("pk")  # its words are for whoever sends it


def facts_of(workshop: Workshop) -> dict[str, str]:
    """What the letters say about a workshop, each in its own zone's time."""
    return {
        "title": workshop.title,
        "day": workshop.day,
        "hours": workshop.hours,
        "zone_name": workshop.zone_name,
        "place": workshop.place,
        "map_url": workshop.map_url,
        "page_url": workshop.public_url,
    }


def values_of(registration: Registration) -> dict[str, str]:
    """What a letter fills in for one registrant."""
    return {
        "first_name": first_name_in(registration.name),
        "name": registration.name,
        "manage_url": registration.manage_url,
        "cancel_url": registration.cancel_url,
    }
