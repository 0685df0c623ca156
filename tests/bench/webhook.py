"""What the provider reports on 50,000 messages: “processed” and “delivered” for each, and a bounce for one in a hundred.

Ours is the real view behind the real middleware, in one process and in four, asked by Django's test client: signature,
reading, storing, applying, closing addresses; no HTTP server. The posts are made and signed before the clock starts, at
the size at which SendGrid posts. Beside it, in the same run: psycopg alone, which reads the same posts and does one
unnest insert and one update of as many rows for each, without signature, raw event or history.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from django.db import connection
from django.utils import timezone

from crm.mail.models import Batch, Content, DeliveryEvent, EventReport, Message, MessageClass, Suppression
from tests.bench.clock import Figures
from tests.bench.crew import crew, database_url, named
from tests.fakes.sendgrid.events import Signer, event_of, written

MESSAGES = 50_000
EVENTS_A_POST = 1_700  # about 768 KB
CREWS = (1, 4)
BARE = """
DROP TABLE IF EXISTS bench_event, bench_told;
CREATE TABLE bench_event (event_id text PRIMARY KEY, message uuid, rank smallint, at timestamptz);
CREATE TABLE bench_told (id uuid PRIMARY KEY, fate smallint NOT NULL DEFAULT 0) WITH (fillfactor = 60);
INSERT INTO bench_told (id) SELECT id FROM mail_message;
"""
INSERT = """
INSERT INTO bench_event SELECT e.id, e.message, e.rank, to_timestamp(e.at)
FROM unnest(%s::text[], %s::uuid[], %s::smallint[], %s::float[]) e (id, message, rank, at) ON CONFLICT DO NOTHING
"""
UPDATE = """
UPDATE bench_told t SET fate = e.rank
FROM (SELECT message, max(rank) AS rank FROM unnest(%s::uuid[], %s::smallint[]) e (message, rank) GROUP BY message) e
WHERE t.id = e.message AND t.fate < e.rank
"""
RANKS = {"processed": 10, "delivered": 30, "bounce": 50}


def measure() -> Figures:
    """Yield events a second by one and four processes, those of psycopg alone, their ratio, and those of a replay."""
    _send()
    with TemporaryDirectory() as folder:
        events = _write_posts(Path(folder))
        for workers in CREWS:
            _forget()
            ours = events / _taken(workers, "view", folder)
            state = _state()
            replay = events / _taken(workers, "view", folder)
            assert state == _state(), "A replay changed something."
            bare = events / _taken(workers, "bare", folder)
            yield f"rate_{workers}", ours, "events/s"
            yield f"replay_{workers}", replay, "events/s"
            yield f"bare_{workers}", bare, "events/s"
            yield f"ratio_{workers}", ours / bare, "x"


def _send() -> None:
    """Messages as they stand when SendGrid has them."""
    now = timezone.now()
    content = Content.objects.create(subject="Hello", text="Hello.")
    batch = Batch.objects.create(
        transport="sendgrid", size=MESSAGES, worker="bench", lease_until=now, posting_at=now, answered_at=now,
        outcome=Batch.Outcome.ACCEPTED,
    )  # fmt: skip
    Message.objects.bulk_create(
        (
            Message(
                dedupe_key=f"bench:{n}", message_class=MessageClass.PARTNER, to_email=f"person{n}@example.com",
                content=content, state=Message.State.HANDED_OVER, settled_at=now, batch=batch,
            )
            for n in range(MESSAGES)
        ),
        batch_size=5_000,
    )  # fmt: skip


def _write_posts(folder: Path) -> int:
    """Every post in a file, with its headers beside it; return the number of events."""
    signer, events = Signer(), []
    (folder / "key").write_text(signer.public_key)
    people = [
        {"to": [{"email": email}], "custom_args": {"rapport_message": str(pk), "rapport_batch": str(pk)}}
        for pk, email in Message.objects.order_by("pk").values_list("pk", "to_email")
    ]
    for number, kind in enumerate(("processed", "delivered", "bounce")):
        told = people[::100] if kind == "bounce" else people
        events += [event_of(part, f"bench{n}", kind, at=1_760_000_000, number=number) for n, part in enumerate(told)]
    for number, start in enumerate(range(0, len(events), EVENTS_A_POST)):
        body = written(events[start : start + EVENTS_A_POST])
        (folder / f"{number:04}.body").write_bytes(body)
        (folder / f"{number:04}.head").write_text(json.dumps(signer.headers(body)))
    return len(events)


def _forget() -> None:
    """Nothing has been reported, and what was written for it is on the disk."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE mail_deliveryevent, mail_eventreport, mail_suppression")
        cursor.execute("UPDATE mail_message SET fate = 0, fate_at = NULL")
        cursor.execute(BARE)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _state() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("SELECT md5(string_agg(m::text, '' ORDER BY id)) FROM mail_message m")
        messages = cursor.fetchone()
    assert not EventReport.objects.filter(applied_at=None).exists()
    return messages, DeliveryEvent.objects.count(), Suppression.objects.count()


def _taken(workers: int, prepare: str, folder: str) -> float:
    """Seconds from the first post to the last answer, with the posts shared out among so many processes."""
    for turn in Path(folder).glob("*.turn"):
        turn.unlink()
    key = (Path(folder) / "key").read_text()
    environment = {"DATABASE_URL": database_url(), "SENDGRID_WEBHOOK_KEY": key}
    with crew(workers, named, __name__, "_poster", prepare, folder, environment=environment) as ready:
        start = time.perf_counter()
        ready.work()
        return time.perf_counter() - start


def _poster(prepare: str, folder: str) -> Callable[[], None]:
    """One process: posts whatever nobody else has begun to post."""
    post, posts = {"view": _view, "bare": _bare}[prepare](), []
    for body in sorted(Path(folder).glob("*.body")):
        posts.append((body.with_suffix(".turn"), body.read_bytes(), json.loads(body.with_suffix(".head").read_text())))

    def work() -> None:
        for turn, body, headers in posts:
            try:
                turn.touch(exist_ok=False)
            except FileExistsError:
                continue
            post(body, headers)

    return work


def _view() -> Callable[[bytes, dict[str, str]], None]:
    from django.test import Client

    connection.ensure_connection()
    client = Client()

    def post(body: bytes, headers: dict[str, str]) -> None:
        sent = {name: value for name, value in headers.items() if name != "Content-Type"}
        answer = client.post("/mail/events/", data=body, content_type="application/json", headers=sent)
        assert answer.status_code == 204, answer.status_code

    client.get("/mail/events/")  # Django builds its middleware and addresses now
    return post


def _bare() -> Callable[[bytes, dict[str, str]], None]:
    link = psycopg.connect(os.environ["DATABASE_URL"])

    def post(body: bytes, headers: dict[str, str]) -> None:
        events = json.loads(body)
        messages, ranks = ([event["rapport_message"] for event in events], [RANKS[event["event"]] for event in events])
        ids, times = ([event["sg_event_id"] for event in events], [event["timestamp"] for event in events])
        link.execute(INSERT, [ids, messages, ranks, times])
        link.execute(UPDATE, [messages, ranks])
        link.commit()

    return post
