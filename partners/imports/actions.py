"""What may happen to a file of partners: started, checked, decided on, committed, undone. Each step once, or not at all."""

from __future__ import annotations

import logging
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePath

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.people.models import PracticeProfile, User
from partners.imports import headers, matching, reading, undoing, writing
from partners.imports.refusals import ImportRefused, NotNow
from partners.imports.values import Reader, Row
from partners.models import IMPORT_STALE_AFTER, ImportBatch, ImportRow, Kind

log = logging.getLogger(__name__)
State = ImportBatch.State
Fate = ImportRow.Fate
Report = Callable[[int], None]

FROM: dict[str, tuple[str, ...]] = {
    State.CHECKING: (State.DRAFT, State.READY, State.FAILED),
    State.RUNNING: (State.READY,),
    State.UNDOING: (State.DONE,),
}
AFTER: dict[str, str] = {State.CHECKING: State.READY, State.RUNNING: State.DONE, State.UNDOING: State.UNDONE}
# Where a step that stopped leaves the batch: a check that failed has no rows to commit, an undo that failed no change.
BACK: dict[str, str] = {State.CHECKING: State.FAILED, State.RUNNING: State.READY, State.UNDOING: State.DONE}
ONE_AT_A_TIME = 0x1A9047  # the advisory lock that imports take turns with
CHUNK = 1000


def quiet(done: int) -> None:
    """Report to nobody."""


def start(body: bytes, *, filename: str, by: User | None = None) -> ImportBatch:
    """Keep a readable file with the columns guessed; a file without rows is refused and nothing is kept."""
    table = reading.read(body)
    mapping = headers.guess(table)
    is_from_map = "external_type" in mapping.values()
    stem = re.sub(r"[\W_]+", "-", PurePath(filename).stem.lower()).strip("-")
    return ImportBatch.objects.create(
        filename=PurePath(filename).name[:200] or "list",
        about=table.about[:120],
        body=body,
        mapping=mapping,
        defaults={"source": "openstreetmap" if is_from_map else (stem or "file")[:40], "kind": Kind.OTHER},
        rows_total=len(table.rows),
        created_by=by,
    )


def preview(
    batch: ImportBatch,
    *,
    mapping: dict[str, str] | None = None,
    defaults: dict | None = None,
    by: User | None = None,
    report: Report = quiet,
) -> ImportBatch:
    """Work out every row's fate and keep it with the batch; no partner changes."""
    choose(batch, mapping=mapping, defaults=defaults)
    return carry_out(batch, run=begin(batch, State.CHECKING), by=by, report=report)


def choose(batch: ImportBatch, *, mapping: dict[str, str] | None = None, defaults: dict | None = None) -> None:
    """Keep what the owner chose for the columns and for rows without their own; a mapping that can't work is refused."""
    columns = reading.read(bytes(batch.body)).columns if mapping is not None else []
    chosen = headers.checked(batch.mapping if mapping is None else mapping, columns or list(batch.mapping))
    known = {**batch.defaults, **(defaults or {})}
    open_batches = ImportBatch.objects.filter(pk=batch.pk, state__in=FROM[State.CHECKING])
    if open_batches.update(mapping=chosen, defaults=known) != 1:
        raise NotNow("This file is being worked on or imported already, so its columns stay as they are.")
    batch.mapping, batch.defaults = chosen, known


def decide(rows: QuerySet[ImportRow], *, batch: ImportBatch, decision: str) -> int:
    """Say of possible duplicates what they are: another partner, the same one, or ("") still in doubt."""
    with transaction.atomic():
        if not ImportBatch.objects.select_for_update().filter(pk=batch.pk, state=State.READY).exists():
            raise NotNow("This file has been imported already, or is being worked on.")
        fates: dict[str, str] = {ImportRow.Decision.NEW: Fate.NEW, ImportRow.Decision.SAME: Fate.UPDATE}
        fate = fates.get(decision, Fate.DUPLICATE)
        decided = rows.filter(batch=batch, may_decide=True).update(decision=decision, fate=fate)
        counts = Counter(batch.rows.order_by().values_list("fate", flat=True))
        ImportBatch.objects.filter(pk=batch.pk).update(counts=counts)
    return decided


def commit(batch: ImportBatch, *, by: User | None = None, report: Report = quiet) -> ImportBatch:
    """Import a checked file: every row that may go in, in one transaction, or none."""
    return carry_out(batch, run=begin(batch, State.RUNNING), by=by, report=report)


def undo(batch: ImportBatch, *, by: User | None = None, report: Report = quiet) -> ImportBatch:
    """Take an import back: remove what it made, restore what it changed, keep and list what was worked on since.

    A second undo changes nothing.
    """
    if ImportBatch.objects.filter(pk=batch.pk, state=State.UNDONE).exists():
        return batch
    return carry_out(batch, run=begin(batch, State.UNDOING), by=by, report=report)


def begin(batch: ImportBatch, step: str) -> str:
    """Claim the batch for one step and return the claim. Only one holder at a time, unless its worker is gone."""
    run, now = secrets.token_hex(8), timezone.now()
    stuck = Q(state=step) & (Q(moved_at=None) | Q(moved_at__lt=now - IMPORT_STALE_AFTER))
    free = ImportBatch.objects.filter(Q(state__in=FROM[step]) | stuck, pk=batch.pk)
    if free.update(state=step, run=run, moved_at=now, rows_done=0, reason="") != 1:
        raise NotNow("Somebody is working on this file already, or it has not come to this step.")
    return run


def carry_out(batch: ImportBatch, *, run: str, by: User | None = None, report: Report = quiet) -> ImportBatch:
    """Do the step that was begun, whole or not at all; a claim that was taken over meanwhile changes nothing."""
    batch.refresh_from_db()
    step = batch.state
    if batch.run != run or step not in AFTER:
        return batch
    works: dict[str, Callable[..., dict]] = {
        State.CHECKING: _check,
        State.RUNNING: _commit,
        State.UNDOING: undoing.undo,
    }
    try:
        with transaction.atomic():
            _take_turns()
            counts = works[step](batch, by=by, report=report)
            _finish(batch, run, state=AFTER[step], counts=counts, rows_done=batch.rows_total)
    except (ImportRefused, DatabaseError) as problem:
        is_ours = isinstance(problem, ImportRefused)
        reason = str(problem) if is_ours else "The database refused a row, so nothing was changed. Try again."
        log.info("Import %s stopped.", batch.pk, exc_info=not is_ours)
        ImportBatch.objects.filter(pk=batch.pk, run=run).update(state=BACK[step], run="", reason=reason[:300])
        raise problem if is_ours else ImportRefused(reason) from problem
    batch.refresh_from_db()
    return batch


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _finish(batch: ImportBatch, run: str, **changes) -> None:
    mine = ImportBatch.objects.filter(pk=batch.pk, run=run)
    if mine.update(run="", finished_at=timezone.now(), **changes) != 1:
        raise NotNow("Somebody else took this file over, so nothing was changed here.")


def _check(batch: ImportBatch, *, by: User | None, report: Report) -> dict:
    batch.rows.all().delete()
    counts: Counter[str] = Counter()
    chunk: list[ImportRow] = []
    for done, verdict in enumerate(_judge(batch, _read_rows(batch)), start=1):
        counts[verdict.fate] += 1
        chunk.append(writing.row_of(batch, verdict))
        if done % CHUNK == 0:
            writing.insert(chunk)
            chunk = []
            report(done)
    writing.insert(chunk)
    return counts


def _commit(batch: ImportBatch, *, by: User | None, report: Report) -> dict:
    """Judge again against what stands there now, then write everything."""
    staged = list(batch.rows.values_list("number", "said", "decision"))
    decisions = {number: decision for number, _, decision in staged if decision}
    verdicts = list(_judge(batch, (Row(number, **said) for number, said, _ in staged), decisions))
    report(len(verdicts) // 10)
    writing.write(batch, verdicts, decisions=decisions, by=by, report=report)
    return Counter(verdict.fate for verdict in verdicts)


def _judge(batch: ImportBatch, rows: Iterator[Row], decisions: dict[int, str] | None = None):
    places = matching.known_places(_region())
    return matching.judge(rows, places, overwrite=batch.defaults.get("mode") == "overwrite", decisions=decisions)


def _read_rows(batch: ImportBatch) -> Iterator[Row]:
    table = reading.read(bytes(batch.body))
    reader = Reader(table.columns, headers.checked(batch.mapping, table.columns), batch.defaults, _region())
    return (reader.row(number, cells) for number, cells in table.rows)


def _region() -> str:
    return PracticeProfile.load().country or "CA"
