"""Every address of the office, tried by everybody: strangers stay outside, viewers change nothing, looking writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Page

from campaigns.models import Audience, Broadcast, Letter
from content.models import Lead
from crm.mail.actions import queue
from crm.mail.models import Content, InboundMail, Message, MessageClass, Suppression
from crm.people.models import Contact
from partners.models import FollowUp, ImportBatch, Partner, Referral, Role, Touch
from workshops.actions import register
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db

ROOMS = {
    "people",
    "mail",
    "partners",
    "workshops",
    "content",
    "campaigns",
    "wagtailcore",
    "wagtailimages",
    "wagtaildocs",
}
NOTES = {"modellogentry", "pagelogentry", "editingsession", "pagesubscription", "referenceindex", "indexentry"}
OPEN_TO_ALL = (
    "admin/login/",
    "admin/password_reset/",
    "admin/logout/",
    "admin/jsi18n/",
    "admin/sprite",
    "admin/failwhale",
)
# What somebody may change of their own: name, language, a notice they have read, a calendar they subscribe to.
ONES_OWN = ("admin/account/", "admin/dismissibles/", "admin/workshop-calendars/open/")
WHOSE = {
    "admin/partners/": Partner,
    "admin/people/": Role,
    "admin/consent/": Contact,
    "admin/contacts/": Contact,
    "admin/touches/": Touch,
    "admin/todos/": FollowUp,
    "admin/referrals/": Referral,
    "admin/import/": ImportBatch,
    "admin/workshops/cancel-registration": Registration,
    "admin/workshops/": Workshop,
    "admin/campaigns/broadcasts/": Broadcast,
    "admin/campaigns/letters/": Letter,
    "admin/campaigns/audiences/": Audience,
    "admin/outbox/": Message,
    "admin/inbox/": InboundMail,
    "admin/needs-you/": Message,
    "admin/suppressions/": Suppression,
    "admin/leads/": Lead,
    "admin/documents/": get_document_model(),
    "admin/pages/": Page,
}
TYPED = dict(
    line.partition("=")[::2]
    for line in """name=Mallory|title=Mallory|summary=Mallory|email=mallory@example.com|address=mallory@example.com
kind=gym|partner_kind=gym|stage=paused|to=paused|state=granted|purpose=partner|source=in person|evidence=She said so.
scope=all|decision=same|on=2027-01-31|until=2027-01-31|due_on=2027-01-31|days=3|reason=Because.|slug=mallory
subject=Mallory was here|message_class=partner|when=now|body-count=0|action=publish|partner_chooser-name=Mallory
contact_chooser-name=Mallory|occurred_at=2026-01-31 10:00|received_at=2026-01-31 10:00""".replace("\n", "|").split("|")
)


def office_addresses() -> Iterator[str]:
    def below(resolver, before: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            address = before + str(pattern.pattern)
            yield from below(pattern, address) if hasattr(pattern, "url_patterns") else [address]

    yield from (address for address in below(get_resolver(), "") if address.startswith("admin/"))


def written(address: str) -> str:
    """The address with real records in its places."""
    whose = next((model for start, model in WHOSE.items() if address.startswith(start)), None)
    record = whose.objects.order_by("pk").last() if whose else None
    key = str(record.pk) if record else "1"
    address = re.sub(r"\(\?P<(?:pk)>.*?\)", key, address)
    address = re.sub(r"\(\?P<.*?\)", "1", address)
    address = re.sub(r"<(str|slug):app_(name|label)>", "partners", address)
    address = re.sub(r"<(str|slug):model_name>", "partner", address)
    address = re.sub(r"<\w+:(pk|\w*page\w*_id|document_id)>", key, address)
    return "/" + re.sub(r"<[^>]+>", "1", address).replace("\\", "").replace("^", "").replace("$", "")


def tables() -> set[str]:
    """Where the records of every room stand; Wagtail's notes on who looked at what are not among them."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in ROOMS]
    return {model._meta.db_table for model in models if model._meta.model_name not in NOTES}


@pytest.fixture
def world(practice, physician, quiet_gym, unsubscribed, owner):
    """One of everything that has an address."""
    contact = Contact.objects.get(name__startswith="Dr.")
    todo = FollowUp.objects.create(partner=quiet_gym, title="Call", due_on=timezone.localdate())
    starts_at = timezone.now() + timedelta(days=9)
    workshop = Workshop.objects.create(
        title="Knees",
        slug="knees",
        place="Gym",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        state="open",
    )
    register(workshop, name="Ada", email=contact.email)
    letter = Letter.objects.create(name="Spring", subject="Spring", body=[("heading", "Hello")])
    Broadcast.objects.create(letter=letter, audience=Audience.objects.create(name="All"))
    Lead.objects.create(contact=contact, name="Ada", email=contact.email, follow_up=todo)
    ImportBatch.objects.create(
        filename="a.csv", body=b"name,city\nGym,Ottawa\n", mapping={"name": "name", "city": "city"}
    )
    Suppression.objects.create(email_hash=b"0" * 32, reason=Suppression.Reason.BY_HAND)
    content = Content.objects.create(subject="Hi", text="Hi", html="<p>Hi</p>")
    queue(contact, message_class=MessageClass.TRANSACTIONAL, dedupe_key="a", content=content)
    InboundMail.objects.create(
        fingerprint=b"0" * 32, raw=b"Subject: Hi\n\nHi", sender="ada@example.com", state=InboundMail.State.TRAY
    )
    get_document_model().objects.create(title="Plan", file=ContentFile(b"plan", "plan.txt"), file_size=4)
    return owner


@pytest.fixture
def client() -> Client:
    """A browser that sees an error as a visitor would."""
    return Client(raise_request_exception=False)


def changed_by(client, address: str, *, method: str = "post") -> set[str]:
    """Which tables a request wrote to; it is undone at once."""
    found: set[str] = set()
    records = tables()

    def watch(execute, sql, params, many, context):
        written_to = re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', sql)
        if written_to and written_to[1] in records:
            found.add(written_to[1])
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(watch):
        answer = client.get(address) if method == "get" else client.post(address, TYPED)
        transaction.set_rollback(True)
    is_ours = address.startswith(tuple(f"/{start}" for start in WHOSE if start != "admin/pages/"))
    assert answer.status_code < 500 or not (is_ours or method == "get"), f"{address} answered {answer.status_code}"
    return found


def test_it_lets_no_stranger_in(client, world):
    for address in office_addresses():
        if address.startswith(OPEN_TO_ALL):
            continue
        for answer in (client.get(written(address)), client.post(written(address), TYPED)):
            is_outside = answer.status_code in (403, 404) or answer.headers.get("Location", "").startswith(
                "/admin/login/"
            )
            assert is_outside, f"{written(address)} answered {answer.status_code}"


def test_it_lets_a_viewer_change_nothing(client, viewer, world):
    client.force_login(viewer)
    doors = [address for address in office_addresses() if not address.startswith((*OPEN_TO_ALL, *ONES_OWN))]

    changes = {address: changed for address in doors if (changed := changed_by(client, written(address)))}

    assert changes == {}


def test_it_lets_the_owner_change_things_through_the_same_doors(client, world):
    client.force_login(world)
    doors = [address for address in office_addresses() if not address.startswith((*OPEN_TO_ALL, *ONES_OWN))]

    changes = [address for address in doors if changed_by(client, written(address))]

    assert len(changes) >= 30, changes


def test_it_writes_nothing_where_somebody_only_looks(client, world):
    client.force_login(world)
    doors = [address for address in office_addresses() if not address.startswith(OPEN_TO_ALL)]

    changes = {address: changed for address in doors if (changed := changed_by(client, written(address), method="get"))}

    assert changes == {}
