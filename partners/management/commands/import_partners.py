from __future__ import annotations

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.people.zones import practice_time
from partners.imports import actions, progress
from partners.imports.refusals import ImportRefused
from partners.models import ImportBatch, ImportRow, Kind

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Import partners from a CSV or XLSX file: what each row will do, then all of it or nothing. It can be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="The CSV or XLSX file.")
        parser.add_argument("--map", help="A JSON file that gives our field for each column; others are guessed.")
        parser.add_argument("--dry-run", action="store_true", help="Show each row's fate and change nothing.")
        parser.add_argument("--overwrite", action="store_true", help="Let the file's values replace those on record.")
        parser.add_argument("--kind", choices=Kind.values, help="The kind of rows that do not tell their own.")
        parser.add_argument("--city", help="The city of rows that do not tell their own.")
        parser.add_argument("--consent", help="How you know these people: lets partner letters go to them.")
        parser.add_argument("--undo", type=int, metavar="BATCH", help="Take back an import by its number.")

    @practice_time()
    def handle(self, *, file: str | None, undo: int | None, **options) -> None:
        try:
            if undo is not None:
                self._undo(undo)
            elif file:
                self._import(Path(file), options)
            else:
                raise CommandError("Name the file to import, or --undo and the number of an import.")
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _import(self, path: Path, options: dict) -> None:
        batch = actions.start(self._bytes(path), filename=path.name)
        self.stdout.write(f"{path.name}: {batch.about}, {batch.rows_total:,} rows.")
        try:
            actions.choose(batch, mapping=self._mapping(batch, options["map"]), defaults=self._defaults(options))
            self._step(batch, ImportBatch.State.CHECKING, "Checked")
        except (ImportRefused, CommandError):
            batch.delete()  # nothing half-done: a file that can't be checked leaves no trace
            raise
        self._show(batch)
        if options["dry_run"]:
            batch.delete()
            self.stdout.write("A dry run: nothing was changed.")
            return
        self._step(batch, ImportBatch.State.RUNNING, "Imported")
        self.stdout.write(self.style.SUCCESS(f"Imported. {self._summary(batch)}"))
        self.stdout.write(f"To take it back: manage.py import_partners --undo {batch.pk}")

    def _undo(self, number: int) -> None:
        batch = ImportBatch.objects.filter(pk=number).first()
        if batch is None:
            raise CommandError(f"There is no import number {number}.")
        if batch.state != ImportBatch.State.UNDONE:
            self._step(batch, ImportBatch.State.UNDOING, "Undone")
        counts = batch.counts
        self.stdout.write(
            f"Import {number} is undone: {counts.get('removed', 0):,} removed, {counts.get('restored', 0):,} restored, "
            f"{counts.get('kept', 0):,} kept."
        )
        for row in batch.rows.exclude(kept="").select_related("partner"):
            self.stdout.write(f"  row {row.number}: {row.partner or row.said['values'].get('name')}: {row.kept}")

    def _step(self, batch: ImportBatch, step: str, word: str) -> None:
        run = actions.begin(batch, step)
        with progress.shown(batch, run) as show:

            def report(done: int) -> None:
                show(done)
                if self.stdout.isatty():
                    self.stdout.write(f"\r{word} {done:,} of {batch.rows_total:,} rows", ending="")
                    self.stdout.flush()

            actions.carry_out(batch, run=run, report=report)
        if self.stdout.isatty():
            self.stdout.write(f"\r{word} {batch.rows_total:,} of {batch.rows_total:,} rows")

    def _show(self, batch: ImportBatch) -> None:
        rows = batch.rows.all()
        troubled = rows.filter(fate__in=(ImportRow.Fate.PROBLEM, ImportRow.Fate.DUPLICATE))
        shown = rows if batch.rows_total <= SHOWN else troubled
        self.stdout.write(f"{'row':>6}  {'fate':<10}  {'name':<36}  why")
        for row in shown[:SHOWN]:
            name = row.said["values"].get("name", "")
            self.stdout.write(f"{row.number:>6}  {row.fate:<10}  {name[:36]:<36}  {row.reason}".rstrip())
        hidden = batch.rows_total - min(SHOWN, shown.count())
        if hidden:
            self.stdout.write(f"   and {hidden:,} more rows.")
        self.stdout.write(self._summary(batch))

    @staticmethod
    def _summary(batch: ImportBatch) -> str:
        parts = [f"{batch.counts.get(fate, 0):,} {label.lower()}" for fate, label in ImportRow.Fate.choices]
        return f"{', '.join(parts)}."

    @staticmethod
    def _bytes(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}.") from problem

    def _mapping(self, batch: ImportBatch, map_file: str | None) -> dict[str, str]:
        if not map_file:
            return batch.mapping
        try:
            given = json.loads(self._bytes(Path(map_file)))
        except ValueError as problem:
            raise CommandError(f"{map_file} is not JSON: {problem}.") from problem
        if not isinstance(given, dict) or not all(isinstance(field, str) for field in given.values()):
            raise CommandError(f'{map_file} must give a field for each column, for example {{"Company": "name"}}.')
        guessed = {column: field for column, field in batch.mapping.items() if field not in given.values()}
        return guessed | given

    @staticmethod
    def _defaults(options: dict) -> dict:
        given = {name: options[name] for name in ("kind", "city", "consent") if options[name]}
        return {**given, "mode": "overwrite" if options["overwrite"] else "fill"}
