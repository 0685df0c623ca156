"""What may happen to people: found or made, and asked for their consent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from crm.people.composed import records
from crm.people.inserting import Bundle, insert_missing
from crm.people.models import ConsentEvent, Contact, Purpose, User
from crm.people.trail import note_made

MERGED = "two contacts merged"  # the source of a no that one contact had said and now both have
ALLOWING = (ConsentEvent.State.GRANTED, ConsentEvent.State.IMPLIED)


def find_or_create_contact(email: str, *, name: str = "", phone: str = "") -> Contact:
    """Return the one contact with this address, made if need be; blanks are filled, nothing known is overwritten.

    The address of somebody who was merged into another leads to that other. Safe when two requests bring the same new
    address at once.
    """
    email = email.strip().lower()
    known = {"name": name.strip(), "phone": phone.strip()}
    with transaction.atomic():
        theirs = Contact.objects.select_for_update().by_email(email)
        contact, made = theirs.get_or_create(defaults={"email": email, **known})
        if contact.merged_into_id:
            contact = hold(contact.merged_into_id)
        blanks = [field for field, value in known.items() if value and not getattr(contact, field)]
        if not made and (blanks or contact.archived_at):
            for field in blanks:
                setattr(contact, field, known[field])
            contact.archived_at = None
            contact.save(update_fields=[*blanks, "archived_at"])
    return contact


@dataclass(frozen=True)
class Known:
    """What somebody said of themselves."""

    email: str
    name: str = ""
    phone: str = ""

    @property
    def address(self) -> str:
        return self.email.strip().lower()


def find_or_create_contacts(people: Iterable[Known], *, bundle: Bundle) -> tuple[dict[str, Contact], set[int]]:
    """find_or_create_contact for many in a few statements: by address, in lower case, and the keys of those made now.

    What the history says of these is written with the rest of the bundle.
    """
    wanted = {person.address: person for person in people}
    with transaction.atomic(savepoint=False):
        made = _made(wanted)
        note_made(list(made.values()), bundle=bundle)
        known = _by_address(wanted.keys() - made.keys())
        for address, contact in known.items():
            person = wanted[address]
            fills_blanks = (person.name and not contact.name) or (person.phone and not contact.phone)
            if fills_blanks or contact.archived_at or contact.merged_into_id:
                known[address] = find_or_create_contact(address, name=person.name, phone=person.phone)
    return {**made, **known}, {contact.pk for contact in made.values()}


def _made(wanted: dict[str, Known]) -> dict[str, Contact]:
    """Whoever was not known. In the order of their addresses, so that two at once never wait for each other."""
    now = timezone.now()
    rows = [
        {"email": address, "name": person.name.strip(), "phone": person.phone.strip(), "created_at": now}
        for address, person in sorted(wanted.items())
    ]
    return {contact.email: contact for contact in insert_missing(Contact, rows)}


def _by_address(addresses: Iterable[str]) -> dict[str, Contact]:
    asked = list(addresses)
    found = records(_with_addresses, now=timezone.now(), addresses=asked) if asked else []
    return {contact.email.lower(): contact for contact in found}


def _with_addresses(*, now: datetime, key: int, addresses: list[str]) -> QuerySet[Contact]:
    return Contact.objects.by_emails(addresses).order_by()


def hold(contact_pk: int) -> Contact:
    """Lock a contact until the transaction ends; of one that was merged, the one it was merged into."""
    contact = Contact.objects.select_for_update().get(pk=contact_pk)
    return hold(contact.merged_into_id) if contact.merged_into_id else contact


def record_consent(
    contact: Contact,
    *,
    purpose: Purpose,
    state: ConsentEvent.State,
    source: str,
    evidence: str = "",
    by: User | None = None,
    at: datetime | None = None,
) -> ConsentEvent:
    """Add one line to the consent ledger, said now or at a moment before."""
    return ConsentEvent.objects.create(
        contact=contact,
        purpose=purpose,
        state=state,
        source=source,
        evidence=evidence,
        by=by,
        at=at or timezone.now(),
    )


def imply_consent(
    contact: Contact, *, purpose: Purpose, source: str, evidence: str = "", by: User | None = None
) -> bool:
    """Note an implied consent where nothing is on record yet; an opt-out or a clear yes stays as it is."""
    if contact.consents.filter(purpose=purpose).exists():
        return False
    record_consent(contact, purpose=purpose, state=ConsentEvent.State.IMPLIED, source=source, evidence=evidence, by=by)
    return True


def imply_consents(
    contacts: Iterable[int], *, purpose: Purpose, source: str, evidence: str = "", by: User | None = None
) -> set[int]:
    """imply_consent for many contacts (primary keys) in two queries; returns those it was noted for."""
    spoken = ConsentEvent.objects.filter(contact__in=contacts, purpose=purpose).values_list("contact", flat=True)
    silent = set(contacts) - set(spoken)
    said = {"purpose": purpose, "state": ConsentEvent.State.IMPLIED, "source": source, "evidence": evidence, "by": by}
    ConsentEvent.objects.bulk_create([ConsentEvent(contact_id=pk, **said) for pk in sorted(silent)])
    return silent


def withdraw_consents(
    contacts: Iterable[int], *, purpose: Purpose, source: str, evidence: str = "", by: User | None = None
) -> set[int]:
    """Note a no of each of these contacts (primary keys) whose latest word is none yet; returns those."""
    last = ConsentEvent.objects.filter(contact__in=contacts, purpose=purpose).order_by("contact", "-at", "-pk")
    said = dict(last.distinct("contact").values_list("contact", "state"))
    withdrawn = ConsentEvent.State.WITHDRAWN
    fresh = {pk for pk in contacts if said.get(pk) != withdrawn}
    words = {"purpose": purpose, "state": withdrawn, "source": source, "evidence": evidence, "by": by}
    ConsentEvent.objects.bulk_create([ConsentEvent(contact_id=pk, **words) for pk in sorted(fresh)])
    return fresh


def consenting(contacts: QuerySet[Contact], *, purpose: Purpose) -> QuerySet[Contact]:
    """Narrow contacts to those whose latest word on this purpose is yes."""
    words = ConsentEvent.objects.filter(contact=OuterRef("pk"), purpose=purpose).order_by("-at", "-pk")
    return contacts.alias(latest_word=Subquery(words.values("state")[:1])).filter(latest_word__in=ALLOWING)


def may_write(contact: Contact, *, purpose: Purpose) -> bool:
    """Is this contact's latest word on this purpose a yes?"""
    return consenting(Contact.objects.filter(pk=contact.pk), purpose=purpose).exists()
