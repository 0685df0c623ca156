"""Several people on one form: each is registered on their own, and has a seat or waits on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from workshops.actions.registering import Details, register
from workshops.models import Registration, Workshop


@dataclass(frozen=True)
class Person:
    """Somebody who wants to come; without an address of their own, we write to whoever brings them."""

    name: str
    email: str = ""


def register_party(
    workshop: Workshop, people: Sequence[Person], *, news: str = "", doubt: str = "", **details: Unpack[Details]
) -> list[Registration]:
    """Register everybody who came with one form, the first of whom filled it in; sent twice, it is one party.

    Each by themselves and not all or nothing: two parties with a friend in common would wait for one another for ever.
    ``news`` is the sentence that the first agreed to, if they did; nobody agrees for others.
    """
    first, *others = people
    if others:
        details["party"] = details.get("submission", "")
    registered = [register(workshop, name=first.name, email=first.email, doubt=doubt, **details)]
    reached_by = registered[0].contact
    if news and not doubt:
        _agree(reached_by, f"{news} ({workshop.title})")
    for person in others:
        theirs: Details = {**details, "phone": ""}
        if not person.email:
            theirs["contact"] = reached_by
        registered.append(register(workshop, name=person.name, email=person.email, doubt=doubt, **theirs))
    return registered


def _agree(contact: Contact, words: str) -> None:
    if not may_write(contact, purpose=Purpose.NEWS):
        record_consent(
            contact,
            purpose=Purpose.NEWS,
            state=ConsentEvent.State.GRANTED,
            source="workshop registration",
            evidence=words,
        )


def register_again(old: Registration) -> Registration:
    """The way back from a cancellation, as whoever they were: a seat if one is free, or a place on the list."""
    came: Details = {
        "phone": old.phone,
        "source": Registration.Source(old.source),
        "credited_to": old.credited_to,
        "is_hosts": old.is_hosts,
        "heard_from": old.heard_from,
        "party": old.party,
    }
    if not old.email:
        came["contact"] = old.contact
    return register(old.workshop, name=old.name, email=old.email, **came)
