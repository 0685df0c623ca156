"""Progress that others can see while the work's own transaction is still open, and the worker's way in."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django_q.status import Stat
from django_q.tasks import async_task

from crm.people.models import User
from crm.people.zones import practice_time
from partners.imports import actions
from partners.imports.refusals import ImportRefused
from partners.models import ImportBatch

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.5
WORKER_SECONDS = 600


@contextmanager
def shown(batch: ImportBatch, run: str) -> Iterator[actions.Report]:
    """Write how far the work is through a connection of its own, so that it shows before the work commits."""
    aside = connection.copy()
    told_at = time.monotonic()

    def report(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < EVERY_SECONDS:
            return
        told_at = time.monotonic()
        with aside.cursor() as cursor:
            cursor.execute(
                "UPDATE partners_importbatch SET rows_done = %s, moved_at = now() WHERE id = %s AND run = %s",
                [done, batch.pk, run],
            )

    try:
        yield report
    finally:
        aside.close()


def hand_over(batch: ImportBatch, step: str, *, by: User | None) -> None:
    """Begin a step. A large file goes to the worker, if there is one; a small one is done at once."""
    run = actions.begin(batch, step)
    if batch.is_large and Stat.get_all():
        async_task("partners.imports.progress.work", batch.pk, run, by.pk if by else None, timeout=WORKER_SECONDS)
        return
    with shown(batch, run) as report:
        actions.carry_out(batch, run=run, by=by, report=report)


@practice_time()
def work(batch_pk: int, run: str, by_pk: int | None) -> None:
    """What the worker does. A refusal is kept with the batch, where the page shows it."""
    batch = ImportBatch.objects.get(pk=batch_pk)
    by = User.objects.filter(pk=by_pk or 0).first()
    with shown(batch, run) as report:
        try:
            actions.carry_out(batch, run=run, by=by, report=report)
        except ImportRefused as refusal:
            log.info("Import %s stopped: %s", batch_pk, refusal)
