"""The outbox through the local transport, beside a bare claim and settle of as many rows."""

from __future__ import annotations

from django.db import connection, transaction

from crm.mail.actions import drain
from crm.mail.models import Content, Message, MessageClass
from crm.people.models import Contact
from tests.bench.clock import Figures, seconds

MESSAGES = 5_000
BATCH = 1_000


def measure() -> Figures:
    """Yield messages a second, the ceiling's, and their ratio."""
    content = Content.objects.create(subject="Hello", html="<p>Hello [[first_name|there]]</p>", text="Hello")
    contacts = Contact.objects.bulk_create(
        Contact(name=f"Person {n}", email=f"outbox{n}@example.com") for n in range(MESSAGES)
    )
    Message.objects.bulk_create(
        Message(
            dedupe_key=f"bench:{n}", message_class=MessageClass.TRANSACTIONAL, contact=contact, to_email=contact.email,
            content=content, values={"first_name": contact.first_name},
        )
        for n, contact in enumerate(contacts)
    )  # fmt: skip
    ours = MESSAGES / seconds(drain)
    assert Message.objects.filter(state=Message.State.HANDED_OVER).count() >= MESSAGES
    ceiling = MESSAGES / _bare()
    yield "rate", ours, "messages/s"
    yield "ceiling", ceiling, "rows/s"
    yield "ratio", ours / ceiling, "x"


def _bare() -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_outbox (id int PRIMARY KEY, state text)")
        cursor.execute("INSERT INTO bench_outbox SELECT n, 'queued' FROM generate_series(1, %s) n", [MESSAGES])

    def drain_bare() -> None:
        while _bare_batch():
            pass

    return seconds(drain_bare)


@transaction.atomic
def _bare_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bench_outbox SET state = 'handed_over' WHERE id IN (SELECT id FROM bench_outbox "
            "WHERE state = 'queued' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
            [BATCH],
        )
        return cursor.rowcount
