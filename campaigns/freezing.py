"""Freezing an audience: who is in it now, and a message for everyone who may be written to.

Two INSERT ... SELECT statements, whatever the size: the database finds the people, decides why some are left out,
and writes the outbox, without a row passing through Python.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from campaigns.models import Broadcast, Recipient
from crm.mail.models import Content, Message
from crm.people.models import Contact
from partners.models import Partner

# Milliseconds first, then chance: made later it sorts later, so the outbox grows at one end of its indexes.
ORDERED_ID = """(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid"""

# Contact.first_name in SQL: titles in front are dropped, the next word is the name. A test holds the two together.
FIRST_NAME = r"""coalesce(substring(
    regexp_replace(c.name || ' ', '^\s*((dr|mr|mrs|ms)\.*\s+)*', '', 'i') from '^\S+'), '')"""

RECIPIENTS = """
INSERT INTO {recipient} (broadcast_id, contact_id, partner_id, message_id, skipped_because)
SELECT %s, a.id, a.at_partner, CASE WHEN a.skip = '' THEN {ordered_id} END, a.skip
FROM ({audience} OFFSET 0) a
"""

MESSAGES = """
INSERT INTO {message} ({columns})
SELECT {expressions}
FROM {recipient} r JOIN {contact} c ON c.id = r.contact_id LEFT JOIN {partner} p ON p.id = r.partner_id
WHERE r.broadcast_id = %s AND r.message_id IS NOT NULL
"""


def freeze(broadcast: Broadcast, *, content: Content) -> None:
    """Write a recipient for everybody in the audience, and a message for each who may be written to.

    Inside the caller's transaction, for the first statement names messages that only the second one writes.
    """
    audience = broadcast.audience.examined(purpose=broadcast.letter.purpose).order_by()
    sql, rule = audience.values("id", "at_partner", "skip").query.sql_with_params()
    columns, expressions, values = _message_columns(broadcast, content)
    with connection.cursor() as cursor:
        cursor.execute(RECIPIENTS.format(audience=sql, ordered_id=ORDERED_ID, **_tables()), [broadcast.pk, *rule])
        cursor.execute(MESSAGES.format(columns=columns, expressions=expressions, **_tables()), [*values, broadcast.pk])


def _message_columns(broadcast: Broadcast, content: Content) -> tuple[str, str, list[Any]]:
    """What each column of the outbox gets: from the recipient, from the broadcast, or the field's own default."""
    from_row = {
        "id": "r.message_id",
        "dedupe_key": f"'b:{broadcast.pk}:' || c.id",
        "contact": "c.id",
        "to_email": "c.email",
        "to_name": "c.name",
        "values": f"jsonb_build_object('first_name', {FIRST_NAME}, 'partner', coalesce(p.name, ''))",
    }
    for_all = {
        "message_class": broadcast.letter.message_class,
        "content": content.pk,
        "priority": Message.Priority.BULK,
        "not_before": broadcast.send_at,
        "expires_at": broadcast.stale_at,
    }
    expressions, parameters = [], []
    fields = [field for field in Message._meta.concrete_fields if not field.generated]
    for field in fields:
        expressions.append(from_row.get(field.name, "%s"))
        if field.name not in from_row:
            value = for_all.get(field.name, field.get_default())
            parameters.append(field.get_db_prep_save(value, connection))
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    return columns, ", ".join(expressions), parameters


def _tables() -> dict[str, str]:
    models = {"recipient": Recipient, "message": Message, "contact": Contact, "partner": Partner}
    return {name: connection.ops.quote_name(model._meta.db_table) for name, model in models.items()}
