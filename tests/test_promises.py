"""The promises that hold everywhere, where they span rooms. Each room's own tests hold the rest:

one message a reason, known after any crash: tests/mail/test_drain.py, test_killed_drain.py, tests/campaigns/test_race.py;
consent asked again at the claim: tests/mail/test_drain.py; seats: tests/workshops/test_storm.py, test_constraints.py;
invites: tests/workshops/test_invites.py; the ledger and the change history: tests/people/.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from campaigns.models import Audience, Broadcast, Letter, Recipient
from content.actions import receive_lead
from content.models import Lead
from crm.mail.actions import drain, queue, unsubscribe
from crm.mail.models import Content, DeliveryEvent, EventReport, InboundMail, Message, MessageClass, Suppression
from crm.people.actions import find_or_create_contact, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.actions import archive, log_touch, restore, take_back
from partners.imports import actions as imports
from partners.models import (
    FollowUp,
    Gift,
    ImportBatch,
    ImportRow,
    Kind,
    Partner,
    Plan,
    Referral,
    Role,
    Script,
    Stage,
    Touch,
)
from workshops.actions import register
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db

OFFICE_LISTS = (
    *("gifts:index", "gift_limits:index", "scripts:index"),
    *("partners:index", "todos:index", "referrals:index", "touches:index", "contacts:index", "leads:index"),
    *(
        "workshops:index",
        "workshops:year",
        "topics:index",
        "registrations:index",
        "registrations_to_check",
        "workshop_calendars",
        "workshops_brought",
        "broadcasts:index",
        "letters:list",
        "audiences:index",
    ),
    *(
        "plans:index",
        "under_way",
        "outbox:index",
        "inbox:index",
        "suppressions:index",
        "partner_import:index",
        "changes",
        "partner_chooser:choose",
    ),
    *(
        "same_partners",
        "merges",
        "same_people",
        "people_merges",
        "weekly_review",
        "quarter_board",
        "results_report",
        "outings",
    ),
    *("contact_chooser:choose", "wagtailadmin_home", "wagtailusers_users:index", "needs_you", "sending_health"),
)
OFFICE_PAGES = (
    "the partner",
    "the workshop",
    "the audience",
    "the broadcast",
    "the import",
    "the consent",
    "the referral",
)
PUBLIC_LISTS = ("/workshops/", "/sitemap.xml", "/")


@pytest.fixture
def anchor(practice, physician, quiet_gym, owner) -> dict[str, str]:
    """One record of each sort that has a page with a list of its own, by its address."""
    workshop = _workshops(1)[0]
    broadcast = Broadcast.objects.create(
        letter=Letter.objects.create(name="First", subject="First", live=True),
        audience=Audience.objects.create(name="Everybody"),
        state=Broadcast.State.SENDING,
        content=Content.objects.create(subject="First", text="First"),
        launched_at=timezone.now(),
    )
    batch = ImportBatch.objects.create(filename="list.csv", body=b"name\nGym\n", state=ImportBatch.State.READY)
    contact = Contact.objects.get(email="ada@okafor.example.com")
    return {
        "the partner": reverse("partners:inspect", args=[quiet_gym.pk]),
        "the workshop": reverse("workshops:inspect", args=[workshop.pk]),
        "the audience": reverse("audiences:inspect", args=[broadcast.audience_id]),
        "the broadcast": reverse("broadcasts:inspect", args=[broadcast.pk]),
        "the import": reverse("partner_import:show", args=[batch.pk]),
        "the consent": reverse("consent", args=[contact.pk]),
        "the referral": reverse("referrals:inspect", args=[Referral.objects.get(partner=physician).pk]),
    }


def _workshops(count: int) -> list[Workshop]:
    starts_at, known = timezone.now() + timedelta(days=9), Workshop.objects.count()
    return Workshop.objects.bulk_create(
        Workshop(
            title=f"Knees {known + n}", slug=f"knees-{known + n}", place="Gym", state=Workshop.State.OPEN,
            starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), host=Partner.objects.first(),
        )
        for n in range(count)
    )  # fmt: skip


def fill(count: int, owner) -> None:
    """So many more of everything."""
    known, day = Contact.objects.count(), timezone.localdate()
    contacts = Contact.objects.bulk_create(
        Contact(name=f"Contact {known + n}", email=f"c{known + n}@example.com") for n in range(count)
    )
    partners = Partner.objects.bulk_create(
        Partner(name=f"Gym {known + n}", kind=Kind.GYM, stage=Stage.ACTIVE, created_by=owner) for n in range(count)
    )
    gym, workshop = Partner.objects.get(name="Ironworks Gym"), Workshop.objects.get(slug="knees-0")
    pairs = list(zip(partners, contacts, strict=True))
    Role.objects.bulk_create(Role(partner=partner, contact=contact) for partner, contact in pairs)
    Touch.objects.bulk_create(Touch(partner=place, by=owner) for partner in partners for place in (gym, partner))
    Referral.objects.bulk_create(
        Referral(partner=partner, referred_by=contact, received_at=timezone.now() - timedelta(days=20))
        for partner, contact in pairs
    )
    todos = FollowUp.objects.bulk_create(
        FollowUp(partner=partner, contact=contact, title="Call", due_on=day) for partner, contact in pairs
    )
    Plan.objects.bulk_create(Plan(name=f"Plan {known + n}") for n in range(count))
    page = Page.objects.last()
    Lead.objects.bulk_create(
        Lead(
            contact=contact, page=page, follow_up=todo, name=contact.name, email=contact.email, answer_key=contact.email
        )
        for contact, todo in zip(contacts, todos, strict=True)
    )
    _rest(partners, contacts, workshop, owner)


def _rest(partners: list[Partner], contacts: list[Contact], workshop: Workshop, owner) -> None:
    count = len(partners)
    Registration.objects.bulk_create(
        Registration(workshop=workshop, contact=contact, name=contact.name, email=contact.email, state="cancelled")
        for contact in contacts
    )
    Registration.objects.bulk_create(
        Registration(
            workshop=workshop,
            contact=contact,
            name=contact.name,
            email=contact.email,
            state="quarantined",
            doubt="Odd.",
        )
        for contact in contacts
    )
    Gift.objects.bulk_create(
        Gift(partner=partner, recipient="partner", what="Fruit", purpose="Thanks", value_cents=1, by=owner)
        for partner in partners
    )
    Script.objects.bulk_create(Script(group="other", stage="active", opener=partner.name) for partner in partners)
    _workshops(count)
    _letters(contacts)
    _imports(partners, owner)
    ada = Contact.objects.get(email="ada@okafor.example.com")
    ConsentEvent.objects.bulk_create(
        ConsentEvent(contact=ada, purpose=Purpose.NEWS, state="granted", source="in person", by=owner)
        for _ in range(count)
    )


def _imports(partners: list[Partner], owner) -> None:
    count, known = len(partners), ImportRow.objects.count()
    batch = ImportBatch.objects.get(filename="list.csv")
    ImportBatch.objects.bulk_create(ImportBatch(filename="old.csv", body=b"a", created_by=owner) for _ in range(count))
    ImportRow.objects.bulk_create(
        ImportRow(batch=batch, number=known + n, fate="new", partner=partner, said={"values": {"name": partner.name}})
        for n, partner in enumerate(partners)
    )


def _letters(contacts: list[Contact]) -> None:
    first, content = Broadcast.objects.get(letter__name="First"), Content.objects.first()
    messages = Message.objects.bulk_create(
        Message(
            dedupe_key=contact.email, message_class=MessageClass.PARTNER, contact=contact, to_email=contact.email,
            content=content, state=Message.State.HANDED_OVER, settled_at=timezone.now(),
        )
        for contact in contacts
    )  # fmt: skip
    Recipient.objects.bulk_create(
        Recipient(broadcast=first, contact=message.contact, message=message) for message in messages
    )
    _troubles(contacts)
    letters = Letter.objects.bulk_create(Letter(name=contact.name, subject="Hello", live=True) for contact in contacts)
    audiences = Audience.objects.bulk_create(Audience(name=contact.name) for contact in contacts)
    Broadcast.objects.bulk_create(
        Broadcast(letter=letter, audience=audience) for letter, audience in zip(letters, audiences, strict=True)
    )
    InboundMail.objects.bulk_create(
        InboundMail(
            fingerprint=message.pk.bytes * 2, raw=b"Subject: Hi\n\nHi", sender=message.to_email, subject="Hi",
            contact=message.contact, answers=message, state=InboundMail.State.TRAY,
        )
        for message in messages
    )  # fmt: skip
    Suppression.objects.bulk_create(
        Suppression(email_hash=message.pk.bytes * 2, reason=Suppression.Reason.BY_HAND) for message in messages
    )


def _troubles(contacts: list[Contact]) -> None:
    """Messages that somebody must decide about, each in a way of its own."""
    now, report = timezone.now(), EventReport.objects.create(size=len(contacts))
    contents = Content.objects.bulk_create(Content(subject=contact.name, text="Hello") for contact in contacts)
    messages = Message.objects.bulk_create(
        Message(
            dedupe_key=f"{state}:{contact.email}", message_class=MessageClass.TRANSACTIONAL, contact=contact,
            to_email=contact.email, content=content, state=state, settled_at=now, is_repeat=True,
            **({"fate": 50, "fate_at": now} if state == "handed_over" else {}),
        )
        for contact, content in zip(contacts, contents, strict=True)
        for state in ("unknown", "rejected", "expired", "handed_over")
    )  # fmt: skip
    DeliveryEvent.objects.bulk_create(
        DeliveryEvent(
            event_id=str(message.pk), report=report, message=message, kind="bounce", rank=50, happened_at=now, raw={}
        )
        for message in messages
        if message.fate
    )


@pytest.fixture
def cost(client, django_assert_max_num_queries):
    def cost(address: str) -> int:
        assert client.get(address).status_code == 200, address  # what is kept per process is warm now
        with django_assert_max_num_queries(60) as captured:
            client.get(address)
        return len(captured)

    return cost


def test_it_lists_3_and_300_rows_for_the_same_queries(client, anchor, owner, cost):
    """Every list of the office, and every page of one record that has a list."""
    client.force_login(owner)
    addresses = [*map(reverse, OFFICE_LISTS), *(anchor[name] for name in OFFICE_PAGES)]

    fill(3, owner)
    few = {address: cost(address) for address in addresses}
    fill(300, owner)

    assert {address: cost(address) for address in addresses} == few


def test_it_shows_the_public_3_and_300_rows_for_the_same_queries(anchor, owner, cost):
    fill(3, owner)
    few = {address: cost(address) for address in PUBLIC_LISTS}
    fill(300, owner)

    assert {address: cost(address) for address in PUBLIC_LISTS} == few


@pytest.fixture
def who_said_no(practice, quiet_gym) -> Contact:
    """Somebody who pressed the link in a letter."""
    contact = Contact.objects.create(name="Noa Levy", email="noa@example.com")
    record_consent(contact, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")
    Role.objects.create(partner=quiet_gym, contact=contact)
    unsubscribe(_letter_to(contact, "the first"))
    return contact


def _letter_to(contact: Contact, reason: str) -> Message:
    content = Content.objects.create(subject="Hello", text="Hello. [[unsubscribe_url]]")
    return queue(contact, message_class=MessageClass.PARTNER, dedupe_key=reason, content=content)


def _import_them(client, owner, page) -> None:
    batch = imports.start(
        b"name,contact name,contact email\nIronworks Gym,Noa Levy,NOA@example.com\n", filename="a.csv"
    )
    imports.preview(batch, defaults={"consent": "They gave me their cards.", "mode": "overwrite"})
    imports.commit(batch, by=owner)


def _edit_them(client, owner, page) -> None:
    client.force_login(owner)
    noa = Contact.objects.get(email="noa@example.com")
    for email in ("other@example.com", "noa@example.com"):
        client.post(reverse("contacts:edit", args=[noa.pk]), {"name": "Noa L.", "email": email, "phone": ""})


def _register_them(client, owner, page) -> None:
    register(_workshops(1)[0], name="Noa Levy", email="noa@example.com")


def _answer_them(client, owner, page) -> None:
    receive_lead(page, name="Noa Levy", email="noa@example.com", message="Hello")


def _find_them_again(client, owner, page) -> None:
    Contact.objects.filter(email="noa@example.com").update(archived_at=timezone.now())
    find_or_create_contact("NOA@example.com ", name="Noa Levy", phone="613 555 0142")


@pytest.mark.parametrize("deed", [_import_them, _edit_them, _register_them, _answer_them, _find_them_again])
def test_it_never_takes_a_no_back_for_somebody(client, owner, who_said_no, deed):
    deed(client, owner, Page.objects.last())

    letter = _letter_to(Contact.objects.get(email__iexact="noa@example.com"), "the second")
    drain()
    letter.refresh_from_db()
    assert letter.state == Message.State.SKIPPED
    assert who_said_no.consents.filter(purpose=Purpose.PARTNER).first().state == ConsentEvent.State.WITHDRAWN
    assert Suppression.objects.of("noa@example.com").exists()


def test_it_keeps_all_history_of_what_is_put_away(physician, owner):
    touch = log_touch(physician, kind=Touch.TouchKind.VISIT, by=owner, next_step="Call")
    kept = (Touch, FollowUp, Referral, Role, ConsentEvent)
    before = [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in kept]
    trail = LogEntry.objects.count()

    take_back(touch, by=owner)
    archive(physician, by=owner)
    restore(physician, by=owner)

    assert [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in kept] == before
    assert LogEntry.objects.count() >= trail + 3


@pytest.mark.parametrize("table", ["partners_partner", "people_contact", "people_user"])
def test_it_removes_nobody_whom_history_names(physician, owner, table):
    contact = Contact.objects.get(email="ada@okafor.example.com")
    log_touch(physician, kind=Touch.TouchKind.VISIT, by=owner, contacts=[contact])
    pk = {"partners_partner": physician.pk, "people_contact": contact.pk, "people_user": owner.pk}[table]

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [pk])  # noqa: S608 - one of three names above
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_it_knows_of_a_referral_neither_a_patient_nor_money():
    fields = {field.name for field in Referral._meta.get_fields()}

    reached = {"contacted_at", "scheduled_at", "evaluated_at", "in_care_at", "completed_at", "ended_at"}
    assert fields == reached | {
        *("id", "code", "partner", "referred_by", "channel", "service_line", "received_at", "state", "lost_reason"),
        "sender",  # who of the partner's people says so on the page, never whom they sent
        *(
            "thanked_at",
            "told_at",
            "told",
            "permissions",
            "disclosures",
            "is_quarantined",
            "taken_back_at",
            "by",
            "once",
        ),
        *("moved_from", "moved_since"),  # where the partner stood before
    }


def test_it_ties_no_gift_to_a_referral():
    gift, referral = Gift._meta.get_fields(), Referral._meta.get_fields()

    assert Referral not in {field.related_model for field in gift}
    assert Gift not in {field.related_model for field in referral}
    assert {field.name for field in gift if field.is_relation} == {"partner", "contact", "by"}
