"""What PostgreSQL and one HTTP connection allow: the same rows and the same payloads, and nothing else.

A plain outbox: a key, a unique reason, an index of what is due. No foreign keys, no checks; nobody is asked for
consent, hours or caps, and after a crash there is nothing to go by but the state. Each worker claims a thousand rows,
builds one request, posts it on a connection it keeps, and settles them.
"""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import namedtuple_row

BATCH = 1_000
TABLE = """
DROP TABLE IF EXISTS bench_bare;
CREATE TABLE bench_bare (
    id uuid PRIMARY KEY, dedupe_key text UNIQUE, contact_id bigint, to_email text, to_name text, values jsonb,
    not_before timestamptz DEFAULT now(), state text DEFAULT 'queued', settled_at timestamptz, provider_id text
);
CREATE INDEX bench_bare_due ON bench_bare (not_before, id) WHERE state = 'queued';
"""
FILL = """
INSERT INTO bench_bare (id, dedupe_key, contact_id, to_email, to_name, values)
SELECT gen_random_uuid(), 'b:1:' || c.id, c.id, c.email, c.name,
    jsonb_build_object('first_name', split_part(c.name, ' ', 1), 'partner', p.name)
FROM people_contact c JOIN partners_role r ON r.contact_id = c.id JOIN partners_partner p ON p.id = r.partner_id
ON CONFLICT DO NOTHING
"""
CLAIM = """
UPDATE bench_bare SET state = 'claimed' WHERE id = ANY(ARRAY(
    SELECT id FROM bench_bare WHERE state = 'queued' AND not_before <= now()
    ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING id, to_email, to_name, values
"""
SETTLE = "UPDATE bench_bare SET state = 'handed_over', settled_at = now(), provider_id = %s WHERE id = ANY(%s)"


def empty(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as link:
        link.execute(TABLE)


def fill(database: str) -> None:
    """Queue a row for everybody."""
    with psycopg.connect(database, autocommit=True) as link:
        link.execute(FILL)


def prepare(database: str, url: str, frame: dict[str, Any], tags: dict[str, str]) -> Callable[[], int]:
    """One worker, connected to both ends; ``tags`` says which value of a row stands for which tag of the frame."""
    link = psycopg.connect(database, autocommit=True, row_factory=namedtuple_row)
    sendgrid = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    headers = {"Authorization": "Bearer SG.fake", "Content-Type": "application/json"}

    def work() -> int:
        sent = 0
        while rows := link.execute(CLAIM, [BATCH]).fetchall():
            batch = str(uuid.uuid4())
            body = {**frame, "personalizations": [_person(row, tags, batch) for row in rows]}
            sendgrid.request("POST", "/v3/mail/send", json.dumps(body, separators=(",", ":")).encode(), headers)
            answer = sendgrid.getresponse()
            answer.read()
            assert answer.status == 202, answer.status
            link.execute(SETTLE, [answer.headers["X-Message-Id"], [row.id for row in rows]])
            sent += len(rows)
        return sent

    return work


def _person(row: Any, tags: dict[str, str], batch: str) -> dict[str, Any]:
    token = row.id.hex
    link = f"http://localhost:8000/u/{token}/"
    values = {**row.values, "unsubscribe_url": link, "preferences_url": f"http://localhost:8000/p/{token}/"}
    return {
        "to": [{"email": row.to_email, "name": row.to_name}],
        "headers": {
            "Message-ID": f"<{row.id}@example.com>",
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": "Our practice <letters.example.com>",
        },
        "substitutions": {tag: values[name] for tag, name in tags.items()},
        "custom_args": {"rapport_message": str(row.id), "rapport_batch": batch},
    }
