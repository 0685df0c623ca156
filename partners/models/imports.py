from __future__ import annotations

from datetime import timedelta

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from partners.models.partner import Partner

IMPORT_STALE_AFTER = timedelta(minutes=2)
IMPORT_LARGE = 2_000


class ImportBatch(models.Model):
    """One file of partners: uploaded, mapped, tried out, committed, and undone as a whole."""

    class State(models.TextChoices):
        DRAFT = "draft", "Waiting for its columns"
        CHECKING = "checking", "Being checked"
        READY = "ready", "Checked, not imported yet"
        RUNNING = "running", "Importing"
        DONE = "done", "Imported"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Stopped, nothing changed"

    filename = models.CharField(max_length=200)
    about = models.CharField(max_length=120, blank=True, help_text="How the file was read.")
    body = models.BinaryField(help_text="The file as it came.")
    mapping = models.JSONField(default=dict, help_text="Our field for each of the file's columns.")
    defaults = models.JSONField(default=dict, help_text="The kind, city and consent that rows without their own get.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    reason = models.CharField(max_length=300, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="How many rows had which fate.")
    run = models.CharField(max_length=16, blank=True, help_text="Who works on it: only the holder may finish.")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="When the work last got on.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "import batches"

    def __str__(self) -> str:
        return f"{self.filename}, {date_format(self.created_at, 'SHORT_DATE_FORMAT')}"

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.RUNNING, self.State.UNDOING)

    @property
    def is_stuck(self) -> bool:
        """At work, by its state, and yet nothing has moved for a while: its worker is gone."""
        return self.is_working and (self.moved_at is None or timezone.now() - self.moved_at > IMPORT_STALE_AFTER)

    @property
    def is_large(self) -> bool:
        """Too large to be worked on while somebody waits for a page."""
        return self.rows_total >= IMPORT_LARGE


class ImportRow(models.Model):
    """What one row of a file will do, or did, with what stood there before: what an undo needs."""

    class Fate(models.TextChoices):
        NEW = "new", "New"
        UPDATE = "update", "Update"
        UNCHANGED = "unchanged", "Up to date"
        DUPLICATE = "duplicate", "Duplicate"
        PROBLEM = "problem", "Problem"

    class Decision(models.TextChoices):
        NEW = "new", "Import it as another partner"
        SAME = "same", "It is the same partner"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    fate = models.CharField(max_length=10, choices=Fate.choices)
    reason = models.CharField(max_length=300, blank=True)
    partner = models.ForeignKey(Partner, null=True, on_delete=models.SET_NULL, related_name="import_rows")
    said = models.JSONField(default=dict, help_text="What the row says, once read.")
    may_decide = models.BooleanField(default=False, help_text="A possible duplicate: the owner may say which it is.")
    decision = models.CharField(max_length=4, choices=Decision.choices, blank=True)
    before = models.JSONField(default=dict, help_text="What stood on the partner where the row changed it.")
    after = models.JSONField(default=dict, help_text="What the row put there, and the person it brought.")
    kept = models.CharField(max_length=300, blank=True, help_text="Why an undo left it.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "fate", "number"], name="import_row_fate")]

    def __str__(self) -> str:
        return f"row {self.number}: {self.get_fate_display()}"


auditlog.register(ImportBatch, include_fields=["filename", "state", "reason", "defaults"])
