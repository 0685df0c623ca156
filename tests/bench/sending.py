"""A letter to 100,000 people: frozen, queued, checked, written, posted to a SendGrid on this machine, and settled.

Timed from the launch to the last message settled. Beside it, in the same run and against the same sinks: a bare
pipeline over the same rows and payloads (tests/bench/bare.py), and django-post_office at its best tuning, whose figure
comes from fewer recipients, for it takes long and its rate does not depend on their number.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Audience, Broadcast, Letter
from campaigns.printing import compose
from crm.mail.models import Batch, Message
from crm.mail.render import PLACE, pattern
from crm.mail.transports.payload import _frame
from crm.people.models import ConsentEvent, PracticeProfile, Purpose
from partners.models import Kind, Partner
from tests import database
from tests.bench import bare, post_office, sinks, town
from tests.bench.clock import Figures
from tests.bench.crew import Report, crew, database_url, drainer

PEOPLE = 100_000
PARTNERS = 5_000
ROUNDS = 3
SLOW = 0.15
CREWS = (1, 2, 4)
CONTACTS = """
INSERT INTO people_contact (name, email, phone, time_zone, created_at)
SELECT 'Person ' || n || ' Olsen', 'person' || n || '@example.com', '', '', now()
FROM generate_series(%s, %s) n
"""
ROLES = """
INSERT INTO partners_role (partner_id, contact_id, title, is_primary, is_healthcare_provider)
SELECT p.id, c.id, '', false, false
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partners_partner) p
JOIN people_contact c ON c.id %% %s + 1 = p.place
WHERE NOT EXISTS (SELECT FROM partners_role r WHERE r.contact_id = c.id)
"""
CONSENTS = """
INSERT INTO people_consentevent (contact_id, purpose, state, source, evidence, at)
SELECT c.id, %s, %s, 'bench', '', now() FROM people_contact c
WHERE NOT EXISTS (SELECT FROM people_consentevent e WHERE e.contact_id = c.id)
"""
WORDS = (
    "<p>Hi [[first_name|there]], how is everybody at [[partner|your place]]? Spring is here, and with it the runners "
    "who did too much too soon. Here are two things to try with them before they stop, and one to leave out.</p>"
)


@dataclass(frozen=True)
class Run:
    """How one broadcast went."""

    freezing: float
    total: float
    reports: list[Report]

    @property
    def peak_mb(self) -> float:
        return max(report.peak_mb for report in self.reports)


def measure() -> Figures:
    """Yield messages a second by one, two and four workers, and their ratios to those beside them."""
    letter = prepare()
    people(PEOPLE)
    with sinks.sendgrid() as sink:
        rounds = [_round(letter, sink) for _ in range(ROUNDS)]
        median = {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}
        yield from ((name, value, _unit(name)) for name, value in median.items())
        for workers in CREWS:
            slow = broadcast(letter, workers=workers, sink=sink, answers_after=SLOW)
            yield f"slow_rate_{workers}", PEOPLE / slow.total, "messages/s"
        sink.begin()
        by_http = _post_office(letter, "http", sink)
    with sinks.smtp() as sink:
        ours = PEOPLE / _launched(letter, 4, {"SMTP_URL": sink.url}).total
        assert sink.counted() == PEOPLE
        by_smtp = _post_office(letter, "smtp", sink)
    yield "post_office_http", by_http, "messages/s"
    yield "post_office_smtp", by_smtp, "messages/s"
    yield "ratio_post_office", median["workers_4"] / max(by_http, by_smtp), "x"
    yield "smtp_rate", ours, "messages/s"
    yield "smtp_ratio", ours / by_smtp, "x"


def _round(letter: Letter, sink: sinks.SendGridSink) -> dict[str, float]:
    """Everybody in turn, so that what else the machine does falls on all alike."""
    figures: dict[str, float] = {}
    for workers in CREWS:
        run = broadcast(letter, workers=workers, sink=sink)
        alone = bare_pipeline(letter, workers=workers, sink=sink)
        figures |= {
            f"workers_{workers}": PEOPLE / run.total,
            f"bare_{workers}": PEOPLE / alone,
            f"ratio_bare_{workers}": alone / run.total,
            f"peak_mb_{workers}": run.peak_mb,
            f"freezing_{workers}": run.freezing,
        }
    return figures


def _unit(name: str) -> str:
    units = {"ratio": "x", "peak": "MB", "freezing": "s"}
    return units.get(name.partition("_")[0], "messages/s")


def prepare() -> Letter:
    """A practice that may write at any hour, a letter that is fit to leave, and the audience of everybody."""
    practice = PracticeProfile.load()
    practice.street, practice.city, practice.postal_code = "12 Quay Street", "Ottawa", "K1A 0A1"
    practice.letters_from, practice.letters_until = practice.letters_from.min, practice.letters_from.max
    practice.save()
    Audience.objects.create(name="Everybody")
    Partner.objects.bulk_create(Partner(name=town.name_of(n), kind=Kind.GYM, code=f"S{n}") for n in range(PARTNERS))
    body = [("heading", "Two things to try"), *[("text", WORDS)] * 6]
    return Letter.objects.create(name="Spring", subject="Spring at [[partner|your place]]", body=body)


def people(count: int) -> None:
    """Fill up to so many people who agreed to partner letters, and let PostgreSQL count its tables again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_contact")
        there = cursor.fetchone()[0]
        cursor.execute(CONTACTS, [there + 1, count])
        cursor.execute(ROLES, [Partner.objects.count()])
        cursor.execute(CONSENTS, [Purpose.PARTNER, ConsentEvent.State.GRANTED])
        cursor.execute("VACUUM ANALYZE")


def broadcast(
    letter: Letter, *, workers: int, sink: sinks.SendGridSink, answers_after: float = 0.0, count: int = PEOPLE
) -> Run:
    """Launch one, and let so many workers send it."""
    sink.begin(answers_after=answers_after)
    run = _launched(letter, workers, {"SENDGRID_API_URL": sink.url, "SENDGRID_API_KEY": sinks.KEY})
    assert sink.counted() == count
    return run


def _launched(letter: Letter, workers: int, way_out: dict[str, str]) -> Run:
    _forget()
    Broadcast.objects.create(
        letter=letter, audience=Audience.objects.get(), state=Broadcast.State.SCHEDULED, send_at=timezone.now()
    )
    with crew(workers, drainer, environment={"DATABASE_URL": database_url(), **way_out}) as ready:
        start = time.perf_counter()
        assert launch_due() == 1
        freezing = time.perf_counter() - start
        reports = ready.work()
        total = time.perf_counter() - start
    left = Message.objects.exclude(state=Message.State.HANDED_OVER).count()
    assert not left, f"{left} messages were not handed over."
    return Run(freezing, total, reports)


def _forget() -> None:
    """Nobody has been written to: the tables are empty, as on the first day, and last time's writes are on the disk."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Message._meta.db_table}, {Batch._meta.db_table} CASCADE")
        cursor.execute("CHECKPOINT")


def bare_pipeline(letter: Letter, *, workers: int, sink: sinks.SendGridSink, count: int = PEOPLE) -> float:
    """Seconds the bare pipeline takes for the same people."""
    sink.begin()
    frame, tags = _request(letter)
    bare.empty(database_url())
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    with crew(workers, bare.prepare, database_url(), sink.url, frame, tags) as ready:
        start = time.perf_counter()
        bare.fill(database_url())
        ready.work()
        total = time.perf_counter() - start
    assert sink.counted() == count
    return total


def _request(letter: Letter) -> tuple[dict[str, Any], dict[str, str]]:
    """What a request holds beside its readers, and which of their values stands for which tag."""
    content = compose(letter)
    words = pattern(content, is_letter=True, mark="a1b2c3d4")
    return _frame(words, content, PracticeProfile.load()), {slot.tag: slot.name for slot in words.slots}


def _post_office(letter: Letter, way: str, sink: sinks.SendGridSink | sinks.SmtpSink) -> float:
    """Messages a second through django-post_office, by SMTP or by one HTTP request for each."""
    content = compose(letter)
    words = {part: _in_django(getattr(content, part)) for part in ("subject", "text", "html")}
    with database.empty("bench_post_office") as where:
        told = {"database": where, "sink": sink.url, "words": words, "way": way}
        command = [sys.executable, "-m", post_office.__name__, json.dumps(told)]
        spent = float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    assert sink.counted() == post_office.RECIPIENTS
    return post_office.RECIPIENTS / spent


def _in_django(words: str) -> str:
    """The same words with the places as a Django template writes them."""

    def written(place: re.Match[str]) -> str:
        return "{{ " + place[1] + f"|default:'{place[2] or ''}'" + " }}"

    return PLACE.sub(written, words.replace("{#", "{ #"))
