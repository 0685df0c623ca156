"""Seats for one workshop by 16 at once, beside what PostgreSQL allows: a guarded counter and one insert.

First the action alone, in 16 threads of one process; then the whole way over HTTP from 16 visitors, as people come: the
page, the time it takes to type, the form. The form's guard stands as it is, for every visitor is another address; that
all come from this machine, whose network it does not count, is what it allows a proxy too.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from crm.mail.models import Message
from crm.people.guard import AT_LEAST_SECONDS
from tests.bench.clock import Figures, in_threads
from tests.bench.web import fill_in, press_at_once, served
from workshops import actions
from workshops.models import Workshop

PEOPLE = 320
THREADS = 16
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
    over_http = _over_http(_workshop("bench-http"))
    waits = _at_once(_workshop("bench-at-once", capacity=SEATS))
    yield "rate", ours, "registrations/s"
    yield "ceiling", ceiling, "rows/s"
    yield "ratio", ours / ceiling, "x"
    yield "http", over_http, "registrations/s"
    yield "http_ratio", over_http / ceiling, "x"
    yield "at_once_p95", waits[int(0.95 * CROWD)], "s"
    yield "at_once_last", waits[-1], "s"


def _workshop(slug: str, *, capacity: int = PEOPLE // 2) -> Workshop:
    starts_at = timezone.now() + timedelta(days=30)
    return Workshop.objects.create(
        title="Bench", slug=slug, place="Here", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        capacity=capacity, state=Workshop.State.OPEN,
    )  # fmt: skip


def _check_seats(workshop: Workshop) -> None:
    workshop.refresh_from_db()
    assert workshop.seats_taken == workshop.registrations.confirmed().count() == PEOPLE // 2
    assert workshop.registrations.waiting().count() == PEOPLE // 2


def _over_http(workshop: Workshop) -> float:
    """Registrations a second between the first press of the button and the last answer."""
    people = [{"name": f"Visitor {n}", "email": f"visitor{n}@example.com", "submission": str(n)} for n in range(PEOPLE)]
    shares = [people[visitor::THREADS] for visitor in range(THREADS)]
    with served("crm.wsgi:application") as port:
        taken = fill_in(port, workshop.get_absolute_url(), shares, pause=AT_LEAST_SECONDS + 1)
    _check_seats(workshop)
    return PEOPLE / taken


def _at_once(workshop: Workshop) -> list[float]:
    """Two hundred press in the same moment: how long each waited. Nobody is refused or lost, and the list is in order."""
    people = [{"name": f"Guest {n}", "email": f"guest{n}@example.com", "submission": f"c{n}"} for n in range(CROWD)]
    with served("crm.wsgi:application") as port:
        waits = press_at_once(port, workshop.get_absolute_url(), people, pause=AT_LEAST_SECONDS + 1)
    told = Message.objects.filter(dedupe_key__endswith=":waiting", contact__registrations__workshop=workshop)
    positions = {message.to_email: int(message.values["position"]) for message in told}
    assert workshop.registrations.confirmed().count() == SEATS
    assert [positions[row.email] for row in workshop.registrations.waiting()] == list(range(1, CROWD - SEATS + 1))
    return waits


@transaction.atomic
def _bare_seat(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_counter SET taken = taken + 1 WHERE taken < %s", [PEOPLE])
        cursor.execute("INSERT INTO bench_seat VALUES (%s)", [f"person{number}@example.com"])
