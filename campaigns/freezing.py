"""Freezing an audience: who is in it now, and a message for everyone who may be written to.

One statement, whatever the size: the database finds the people, decides why some are left out, and writes the outbox,
without a row passing through Python. Audience.examined() says the same of each contact by itself, which is best for a
page of them; here whole tables are joined, which is best for all. A test holds the two together.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.db import connection

from campaigns.models import AddressHash, Audience, Broadcast, Recipient, SkipReason, last_words
from crm.mail.models import Content, Message, Suppression
from crm.people.models import Contact, Purpose
from partners.models import Partner

# Contact.first_name in SQL: titles in front are dropped, the next word is the name. A test holds the two together.
FIRST_NAME = r"""coalesce(substring(
    regexp_replace(c.name || ' ', '^\s*((dr|mr|mrs|ms)\.*\s+)*', '', 'i') from '^\S+'), '')"""

# As crm.mail.models.ordered_uuid: the time, then a count where that one has chance, then what nobody can guess.
ORDERED_ID = """(lpad(to_hex((%s + (a.n >> 12)) << 16 | 28672 | (a.n & 4095)), 16, '0')
    || 'a' || substr(encode(sha256((%s || a.n)::bytea), 'hex'), 50))::uuid"""

AUDIENCE = """
SELECT c.id, c.email, c.name, {first_name} AS first_name, place.partner AS partner_id, row_number() OVER () AS n,
    CASE WHEN c.archived_at IS NOT NULL THEN '{skip.ARCHIVED.value}' WHEN c.email = '' THEN '{skip.NO_EMAIL.value}'
         ELSE coalesce(closed.reason, word.skip, '{skip.NO_CONSENT.value}') END AS skip
FROM {contact} c
JOIN ({places}) place ON place.contact = c.id
LEFT JOIN ({words}) word ON word.contact = c.id
LEFT JOIN ({closed}) closed ON closed.email_hash = {hashed}
"""

FREEZE = """
WITH everybody AS MATERIALIZED (
    SELECT a.*, coalesce(p.name, '') AS partner, CASE WHEN a.skip = '' THEN {ordered_id} END AS message_id
    FROM ({audience}) a LEFT JOIN {partner} p ON p.id = a.partner_id
), recipients AS (
    INSERT INTO {recipient} (broadcast_id, contact_id, partner_id, message_id, skipped_because)
    SELECT %s, id, partner_id, message_id, skip FROM everybody
)
INSERT INTO {message} ({columns}) SELECT {expressions} FROM everybody WHERE message_id IS NOT NULL
"""


def freeze(broadcast: Broadcast, *, content: Content) -> None:
    """Write a recipient for everybody in the audience, and a message for each who may be written to."""
    audience, rule = _audience(broadcast.audience, purpose=broadcast.letter.purpose)
    columns, expressions, values = _message_columns(broadcast, content)
    sql = FREEZE.format(ordered_id=ORDERED_ID, audience=audience, columns=columns, expressions=expressions, **_tables())
    now, unguessable = time.time_ns() // 1_000_000, secrets.token_hex(16)
    with connection.cursor() as cursor:
        # New tables are not counted yet: a join that suits a handful must not be tried on a hundred thousand.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(sql, [now, unguessable, *rule, broadcast.pk, *values])


def _audience(audience: Audience, *, purpose: Purpose) -> tuple[str, list[Any]]:
    """Everybody at a fitting partner, with their first place there and what they, or their address, said last."""
    sets = {
        "places": audience.roles().order_by("contact_id", "-is_primary", "pk").distinct("contact_id"),
        "words": last_words(purpose).order_by("contact_id", "-at", "-pk").distinct("contact_id"),
        "closed": Suppression.objects.order_by("email_hash", "scope", "pk").distinct("email_hash"),
    }
    wanted = {"places": ("contact", "partner"), "words": ("contact", "skip"), "closed": ("email_hash", "reason")}
    parts: dict[str, str] = {}
    parameters: list[Any] = []
    for name, rows in sets.items():
        parts[name], given = rows.values(*wanted[name]).query.sql_with_params()
        parameters += given
    hashed = AddressHash.template % {"expressions": "c.email"}
    return AUDIENCE.format(first_name=FIRST_NAME, skip=SkipReason, hashed=hashed, **parts, **_tables()), parameters


def _message_columns(broadcast: Broadcast, content: Content) -> tuple[str, str, list[Any]]:
    """What each column of the outbox gets: from the recipient, from the broadcast, or the field's own default."""
    from_row = {
        "id": "message_id",
        "dedupe_key": f"'b:{broadcast.pk}:' || id",
        "contact": "id",
        "to_email": "email",
        "to_name": "name",
        "values": "jsonb_build_object('first_name', first_name, 'partner', partner)",
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
