"""Seats for one workshop by 16 at once, beside what PostgreSQL allows: a guarded counter and one insert.

First the action alone, in 16 threads of one process; then the whole way over HTTP from 16 visitors, as people come: the
page, the time it takes to type, the form. The form's guard stands as it is, for every visitor is another address; that
all come from this machine, whose network it does not count, is what it allows a proxy too.
"""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from crm.mail.models import Message
from crm.people.guard import AT_LEAST_SECONDS
from tests.bench.clock import Figures, in_threads
from tests.bench.crowd import Reply, ask, dealt, forms
from tests.bench.web import served
from workshops import actions
from workshops.models import Workshop

PEOPLE = 320
VISITORS_IN_ALL = 640
THREADS = 16
TURNS = 40
CROWD, SEATS = 200, 30


def measure() -> Figures:
    """Yield registrations a second, the ceiling's, and their ratio; the same over HTTP."""
    workshop = _workshop("bench")

    def register(number: int) -> None:
        actions.register(workshop, name=f"Person {number}", email=f"person{number}@example.com")

    ours = PEOPLE / in_threads(register, PEOPLE, threads=THREADS)
    _check_seats(workshop)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_counter (taken int); INSERT INTO bench_counter VALUES (0)")
        cursor.execute("CREATE TABLE bench_seat (email text)")
    ceiling = PEOPLE / in_threads(_bare_seat, PEOPLE, threads=THREADS)
    over_http = _over_http(_workshop("bench-http", capacity=VISITORS_IN_ALL // 2))
    waits = _at_once(_workshop("bench-at-once", capacity=SEATS))
    alone = _in_turns(_workshop("bench-in-turns"))
    yield "rate", ours, "registrations/s"
    yield "ceiling", ceiling, "rows/s"
    yield "ratio", ours / ceiling, "x"
    yield "http", over_http, "registrations/s"
    yield "http_ratio", over_http / ceiling, "x"
    yield "at_once_p95", waits[int(0.95 * CROWD)], "s"
    yield "at_once_last", waits[-1], "s"
    for who, seconds in alone.items():
        yield f"answer_{who}", seconds * 1000, "ms"


def _workshop(slug: str, *, capacity: int = PEOPLE // 2) -> Workshop:
    starts_at = timezone.now() + timedelta(days=30)
    return Workshop.objects.create(
        title="Bench", slug=slug, place="Here", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        capacity=capacity, state=Workshop.State.OPEN,
    )  # fmt: skip


def _check_seats(workshop: Workshop) -> None:
    workshop.refresh_from_db()
    assert workshop.seats_taken == workshop.registrations.confirmed().count() == workshop.capacity
    assert workshop.registrations.waiting().count() == workshop.capacity


def _over_http(workshop: Workshop) -> float:
    """Registrations a second from the first press of the button to the last answer; the pages were opened before.

    Each process has served some people of another workshop by then: what it writes once is no part of a rate.
    """
    people = [_person(f"visitor{n}") for n in range(VISITORS_IN_ALL)]
    first = [_person(f"first{n}") for n in range(CROWD)]
    with served("crm.wsgi:application") as port:
        ask(port, dealt(_filled_in(port, _workshop("bench-first"), first), THREADS))
        sent = _filled_in(port, workshop, people)
        seconds, answers = ask(port, dealt(sent, THREADS))
    _check_answers(answers)
    _check_seats(workshop)
    return len(people) / seconds


def _at_once(workshop: Workshop) -> list[float]:
    """Two hundred press in the same moment: how long each waited. Nobody is refused or lost, and the list is in order."""
    people = [_person(f"guest{n}") for n in range(CROWD)]
    with served("crm.wsgi:application") as port:
        sent = _filled_in(port, workshop, people)
        _seconds, answers = ask(port, [[form] for form in sent])
    _check_answers(answers)
    told = Message.objects.filter(dedupe_key__endswith=":waiting", contact__registrations__workshop=workshop)
    positions = {message.to_email: int(message.values["position"]) for message in told}
    assert workshop.registrations.confirmed().count() == SEATS
    assert [positions[row.email] for row in workshop.registrations.waiting()] == list(range(1, CROWD - SEATS + 1))
    return sorted(answer.seconds for [answer] in answers)


def _in_turns(workshop: Workshop) -> dict[str, float]:
    """How long somebody waits for an answer, alone: a stranger, who registered before, and who did so in this hour."""
    before, lately, strangers = (
        [_person(f"{who}{n}") for n in range(TURNS)] for who in ("before", "lately", "stranger")
    )
    in_turns = [one for turn in zip(strangers, before, lately, strict=True) for one in turn]
    with served("crm.wsgi:application") as port:
        sent = _filled_in(port, workshop, [*before, *lately, *in_turns])
        ask(port, dealt(sent[: 2 * TURNS], THREADS))
        long_ago = Message.objects.filter(to_email__startswith="before")
        assert long_ago.update(created_at=timezone.now() - timedelta(hours=2)) == TURNS
        _seconds, answers = ask(port, [sent[2 * TURNS :]])
    _check_answers(answers)
    waits = [answer.seconds for answer in answers[0]]
    return {who: statistics.median(waits[turn::3]) for turn, who in enumerate(("stranger", "known", "known_lately"))}


def _person(name: str) -> dict[str, str]:
    return {"name": name.title(), "email": f"{name}@example.com"}


def _filled_in(port: int, workshop: Workshop, people: list[dict[str, str]]) -> list[bytes]:
    """Everybody's form, and nobody was quicker than a person can type."""
    sent = forms(port, workshop.get_absolute_url(), people, visitors=THREADS)
    time.sleep(AT_LEAST_SECONDS + 1)
    return sent


def _check_answers(answers: list[list[Reply]]) -> None:
    assert {answer.status for share in answers for answer in share} == {302}


@transaction.atomic
def _bare_seat(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_counter SET taken = taken + 1 WHERE taken < %s", [PEOPLE])
        cursor.execute("INSERT INTO bench_seat VALUES (%s)", [f"person{number}@example.com"])
