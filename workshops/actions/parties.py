"""Several people on one form: each is registered on their own, and has a seat or waits on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from workshops.actions import agreeing
from workshops.actions.confirming import ask_again
from workshops.actions.registering import Details, register
from workshops.models import Registration, Workshop


@dataclass(frozen=True)
class Person:
    """Somebody who wants to come; without an address of their own, we write to whoever brings them."""

    name: str
    email: str = ""


def register_party(
    workshop: Workshop,
    people: Sequence[Person],
    *,
    news: str = "",
    doubt: str = "",
    asks_again: bool = False,
    **details: Unpack[Details],
) -> list[Registration]:
    """Register everybody who came with one form, the first of whom filled it in; sent twice, it is one party.

    Each by themselves and not all or nothing: two parties with a friend in common would wait for one another for ever.
    ``news`` is the sentence that the first agreed to, if they did; nobody agrees for others. With ``asks_again`` each
    address is asked first, by letter.
    """
    first, *others = people
    if others:
        details["party"] = details.get("submission", "")

    def take(person: Person, **theirs: Unpack[Details]) -> Registration:
        if asks_again and not doubt:
            return ask_again(workshop, name=person.name, email=person.email, **theirs)
        return register(workshop, name=person.name, email=person.email, doubt=doubt, **theirs)

    registered = [take(first, **details)]
    reached_by = registered[0].contact
    if news:
        _agree(registered[0], f"{news} ({workshop.title})", is_held=bool(doubt) or asks_again)
    for person in others:
        theirs: Details = {**details, "phone": ""}
        if not person.email:
            theirs["contact"] = reached_by
        registered.append(take(person, **theirs))
    return registered


def _agree(registration: Registration, words: str, *, is_held: bool) -> None:
    """At once, or once they are let in. A held form may be anybody's, so it speaks for nobody who is registered."""
    if is_held:
        agreeing.keep_for_later(registration, words)
    else:
        agreeing.agree(registration.contact, words)


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
