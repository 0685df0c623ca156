"""The people of the demo: who works in the practice, who works at its partners, and what they agreed to."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db.models import F, OuterRef, Subquery

from crm.office.demo import PASSWORD, town
from crm.office.demo.days import Calendar
from crm.people.actions import find_or_create_contact, record_consent
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose, User
from partners.models import Partner, Role
from partners.models.codes import ALPHABET
from workshops.models import Registration

YES = (
    "Asked in person at the open house: yes, about once a month.",
    "Said yes at the desk, and spelled out the address.",
    "Ticked “Partner letters” on the paper list at the coaches' lunch.",
    "Wrote back “Please do” to the question whether I may write.",
    "Agreed on the phone, first visit.",
)
GRANTED, IMPLIED, WITHDRAWN = ConsentEvent.State.GRANTED, ConsentEvent.State.IMPLIED, ConsentEvent.State.WITHDRAWN


def open_practice() -> PracticeProfile:
    """Fill in the profile of the demo practice."""
    profile = PracticeProfile.load()
    for field, value in town.PROFILE.items():
        setattr(profile, field, value)
    profile.save()
    return profile


def hire_staff() -> list[User]:
    """Make the three logins, one of each role; a login that is there keeps its password."""
    staff = []
    for email, first, last, role in town.STAFF:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email, PASSWORD, first_name=first, last_name=last)
        user.groups.add(Group.objects.get(name=role))
        staff.append(user)
    return staff


def found(place: town.Place, number: int, *, known_since: datetime, rng: random.Random, by: User) -> Partner:
    """Write down one partner and the people there."""
    partner = Partner.objects.create(
        name=place.name,
        kind=place.kind,
        email=f"hello@{place.domain}",
        phone=f"613-555-0{100 + number:03d}",
        website=f"https://{place.domain}/",
        street=place.street,
        city=town.TOWN,
        postal_code="K0Z 4A1",
        opening_hours=place.hours,
        notes=place.notes,
        code="".join(rng.choice(ALPHABET) for _ in range(6)),
        source=town.SOURCE,
        external_id=f"demo-{number:02d}",
        created_at=known_since,
        stage_changed_at=known_since,
        created_by=by,
    )
    for position, somebody in enumerate(place.people):
        contact = _meet(somebody, place.domain, known_since)
        Role.objects.create(
            partner=partner,
            contact=contact,
            title=somebody.title,
            is_primary=position == 0,
            is_healthcare_provider=somebody.is_provider,
        )
    return partner


def _meet(somebody: town.Person, domain: str, known_since: datetime) -> Contact:
    if somebody.mailbox:
        contact = find_or_create_contact(f"{somebody.mailbox}@{domain}", name=somebody.name)
    else:
        contact = Contact.objects.create(name=somebody.name)
    Contact.objects.filter(pk=contact.pk).update(created_at=known_since)
    return contact


def date_guests() -> None:
    """Whoever came to a workshop is known since they first registered."""
    came = Registration.objects.filter(contact=OuterRef("pk")).order_by("created_at").values("created_at")
    guests = Contact.objects.filter(registrations__created_at__lt=F("created_at"))
    Contact.objects.filter(pk__in=guests.values("pk")).update(created_at=Subquery(came[:1]))


def ask_for_consent(
    place: town.Place, contacts: list[Contact], *, met_at: datetime, calendar: Calendar, rng: random.Random, by: User
) -> None:
    """Note what each person at a place said about letters, and when."""
    for somebody, contact in zip(place.people, contacts, strict=True):
        if somebody.consent in ("yes", "no"):
            _note(contact, GRANTED, "in person", rng.choice(YES), met_at, by)
        if somebody.consent == "implied":
            _note(contact, IMPLIED, "business card", "Gave me the card and asked to keep in touch.", met_at, by)
        if somebody.consent == "no":
            said_no_at = min(met_at + timedelta(weeks=9), calendar.now - timedelta(days=12))
            _note(contact, WITHDRAWN, "by e-mail", "“No more letters, please. Nothing personal.”", said_no_at, by)


def _note(contact: Contact, state: ConsentEvent.State, source: str, evidence: str, at: datetime, by: User) -> None:
    record_consent(contact, purpose=Purpose.PARTNER, state=state, source=source, evidence=evidence, at=at, by=by)
