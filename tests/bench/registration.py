"""Seats for one workshop by 16 at once, beside what PostgreSQL allows: a guarded counter and one insert."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from tests.bench.clock import Figures, in_threads
from workshops import actions
from workshops.models import Workshop

PEOPLE = 320
THREADS = 16


def measure() -> Figures:
    """Yield registrations a second, the ceiling's, and their ratio."""
    starts_at = timezone.now() + timedelta(days=30)
    workshop = Workshop.objects.create(
        title="Bench", slug="bench", place="Here", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        capacity=PEOPLE // 2, state=Workshop.State.OPEN,
    )  # fmt: skip

    def register(number: int) -> None:
        actions.register(workshop, name=f"Person {number}", email=f"person{number}@example.com")

    ours = PEOPLE / in_threads(register, PEOPLE, threads=THREADS)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_counter (taken int); INSERT INTO bench_counter VALUES (0)")
        cursor.execute("CREATE TABLE bench_seat (email text)")
    ceiling = PEOPLE / in_threads(_bare_seat, PEOPLE, threads=THREADS)

    workshop.refresh_from_db()
    assert workshop.seats_taken == workshop.registrations.confirmed().count() == PEOPLE // 2
    yield "rate", ours, "registrations/s"
    yield "ceiling", ceiling, "rows/s"
    yield "ratio", ours / ceiling, "x"


@transaction.atomic
def _bare_seat(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_counter SET taken = taken + 1 WHERE taken < %s", [PEOPLE])
        cursor.execute("INSERT INTO bench_seat VALUES (%s)", [f"person{number}@example.com"])
