"""A practice of any size, made up and written with COPY: partners, their people, touches, promises, letters, history."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from crm.mail.models import Content, Message, MessageClass
from crm.people.models import Contact, User
from partners.imports.writing import insert
from partners.models import COURTING, SENDING, FollowUp, Kind, Partner, Referral, Role, Stage, Touch

CONTACTS, TOUCHES = 20, 40  # for each partner
PEOPLE, LETTERS = 3, 1  # contacts with a place at each partner, and letters to each of those
MOVES = 4  # entries of the audit trail for each partner
CHUNK = 5_000
FIRST = ("Iron", "Cedar", "Harbour", "Copper", "Quiet", "North", "Maple", "River", "Stone", "Amber", "Summit", "Willow")
SECOND = ("Barbell", "Strength", "Family", "Mobility", "Motion", "Primary", "Holistic", "Running", "Hill", "Corner")
LAST = ("Gym", "Studio", "Practice", "Club", "House", "Clinic", "Works", "Room", "Yard", "Circle", "Medicine")
CITIES = ("Ottawa", "Gatineau", "Kanata", "Nepean", "Orleans", "Perth", "Almonte", "Kemptville")
STAGES = (Stage.IDENTIFIED, *COURTING, *SENDING, *SENDING, Stage.DORMANT)


def grow(count: int, *, by: User) -> list[Partner]:
    """Add so many partners with all that hangs on them, and do what autovacuum would have done over the years."""
    start, rng = Partner.objects.count(), random.Random(count)
    partners = [_partner(start + number, rng) for number in range(count)]
    _write(partners)
    contacts = [Contact(name=name_of(n), email=f"somebody{n}@example.com") for n in _numbers(start, count, CONTACTS)]
    _write(contacts)
    people = [(partners[n % count], contact) for n, contact in enumerate(contacts[: count * PEOPLE])]
    _write(
        [Role(partner=partner, contact=contact, is_primary=n < count) for n, (partner, contact) in enumerate(people)]
    )
    _write([row for partner in partners for row in _touches(partner, rng, by)])
    _write([row for partner in partners for row in _promises(partner, rng, by)])
    _write(_referrals(partners, rng))
    _write([row for partner in partners for row in _history(partner, rng, by)])
    Message.objects.bulk_create(_letters([contact for _partner, contact in people], rng), batch_size=CHUNK)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return partners


def _write(rows: Sequence[Model]) -> None:
    for start in range(0, len(rows), CHUNK):
        insert(rows[start : start + CHUNK])


def _numbers(start: int, count: int, each: int) -> range:
    return range(start * each, (start + count) * each)


def name_of(number: int) -> str:
    return f"{FIRST[number % 12]} {SECOND[number // 12 % 10]} {LAST[number // 120 % 11]} {number // 1320 + 1}"


def _gone_by(rng: random.Random) -> datetime:
    return timezone.now() - timedelta(minutes=rng.randrange(60, 2 * 365 * 24 * 60))


def _partner(number: int, rng: random.Random) -> Partner:
    return Partner(
        name=name_of(number), kind=rng.choice(Kind.values), stage=rng.choice(STAGES), city=rng.choice(CITIES),
        phone="+1 613-555-0100", code=f"B{number}", created_at=timezone.now() - timedelta(days=800),
    )  # fmt: skip


def _touches(partner: Partner, rng: random.Random, by: User) -> Iterator[Touch]:
    for number in range(TOUCHES):
        words = f"Said hello, and heard about their {number} new members."
        yield Touch(
            partner=partner, kind=rng.choice(Touch.TouchKind.values), summary=words, occurred_at=_gone_by(rng), by=by
        )


def _promises(partner: Partner, rng: random.Random, by: User) -> Iterator[FollowUp]:
    today = timezone.localdate()
    yield FollowUp(partner=partner, title="Send the slides", due_on=today, done_at=_gone_by(rng), by=by)
    if rng.random() < 0.5:
        yield FollowUp(partner=partner, title="Call back", due_on=today + timedelta(days=rng.randrange(-20, 60)), by=by)


def _referrals(partners: Sequence[Partner], rng: random.Random) -> list[Referral]:
    """Two from each; codes that nobody can draw by chance a second time."""
    return [
        Referral(partner=partner, code=f"R{partner.pk}-{number}", received_at=_gone_by(rng))
        for partner in partners
        for number in range(2)
    ]


def _history(partner: Partner, rng: random.Random, by: User) -> Iterator[LogEntry]:
    kind = ContentType.objects.get_for_model(Partner)
    for number in range(MOVES):
        changes = {"stage": ["identified", "active"]} if number % 2 else {"city": ["", partner.city]}
        yield LogEntry(
            content_type=kind, object_pk=str(partner.pk), object_id=partner.pk, object_repr=partner.name,
            action=LogEntry.Action.UPDATE, changes=changes, actor=by, timestamp=_gone_by(rng),
        )  # fmt: skip


def _letters(people: Sequence[Contact], rng: random.Random) -> Iterator[Message]:
    content = Content.objects.create(subject="A clinic for your members", html="<p>Hello</p>", text="Hello")
    for number, contact in enumerate(people * LETTERS):
        sent_at = _gone_by(rng)
        yield Message(
            dedupe_key=f"town:{contact.pk}:{number}", message_class=MessageClass.PARTNER, contact=contact,
            to_email=contact.email, content=content, state=Message.State.HANDED_OVER, not_before=sent_at,
            created_at=sent_at, settled_at=sent_at,
        )  # fmt: skip
