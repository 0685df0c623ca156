"""One deed done to many partners: all in one transaction, each change in its own history, one undo for the whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Field, Model
from django.utils import timezone

from crm.people.models import User
from partners.actions import plans
from partners.actions.refusals import AlreadyUndone, NobodyToSweep
from partners.actions.stages import begins_courting, courting_key, rest_of
from partners.actions.trail import note_many
from partners.gates import Ask, asks_of_many
from partners.imports.writing import insert
from partners.models import FollowUp, Partner, Plan, Stage, Sweep, Tier


@dataclass(frozen=True)
class Swept:
    """What was done, to how many, and who was left where they are and why."""

    sweep: Sweep | None
    count: int
    left: dict[Partner, list[Ask]]


@dataclass(frozen=True)
class Undone:
    """How many are as they were, and how many somebody has changed since."""

    count: int
    kept: int


@transaction.atomic
def sweep_tier(keys: Iterable[int], *, tier: Tier, by: User | None) -> Swept:
    """Give many partners a tier."""
    rows = [partner for partner in _locked(keys) if partner.tier != tier]
    return _sweep(Sweep.Deed.TIER, rows, {"tier": tier.value}, words=f"Tier {tier.value.upper()}", by=by)


@transaction.atomic
def sweep_archive(keys: Iterable[int], *, by: User | None) -> Swept:
    """Put many partners out of sight with all their history."""
    rows = [partner for partner in _locked(keys) if partner.archived_at is None]
    return _sweep(Sweep.Deed.ARCHIVE, rows, {"archived_at": timezone.now()}, words="Archived", by=by)


@transaction.atomic
def sweep_stage(
    keys: Iterable[int],
    *,
    to: Stage,
    by: User | None,
    reason: str = "",
    because: str = "",
    paused_until: date | None = None,
) -> Swept:
    """Move many partners to a stage. Whoever lacks what it asks for stays, and is named with what is missing."""
    fields = rest_of(to, reason=reason, because=because, paused_until=paused_until)
    rows = [partner for partner in _locked(keys) if partner.stage != to]
    asked = asks_of_many(rows, to)
    left = {partner: unmet for partner in rows if (unmet := [ask for ask in asked[partner.pk] if not ask.is_met])}
    ready = [partner for partner in rows if partner not in left]
    courted = [partner for partner in ready if begins_courting(Stage(partner.stage), to)]
    fields = {"stage": to.value, "stage_changed_at": timezone.now(), **fields}
    swept = _sweep(Sweep.Deed.STAGE, ready, fields, words=f"Moved to {to.label}", by=by, left=left)
    begun = {partner: courting_key(partner) for partner in courted}
    plans.begin_for_many(Plan.Trigger.NEW_PARTNER, keys=begun, from_day=timezone.localdate(), by=by)
    return swept


@transaction.atomic
def sweep_todo(keys: Iterable[int], *, title: str, due_on: date, by: User | None) -> Swept:
    """Promise the same to many partners."""
    rows = _locked(keys)
    if not rows:
        raise NobodyToSweep
    todos = [FollowUp(partner=partner, title=title.strip()[:200], due_on=due_on, by=by) for partner in rows]
    insert(todos)
    before = {str(todo.partner_id): todo.pk for todo in todos}
    sweep = Sweep.objects.create(deed=Sweep.Deed.TODO, words=f"To do: {title}"[:200], before=before, by=by)
    return Swept(sweep, len(rows), {})


@transaction.atomic
def undo_sweep(sweep: Sweep, *, by: User | None) -> Undone:
    """Undo the whole, once. Whoever was changed again since is left as they are."""
    if Sweep.objects.filter(pk=sweep.pk, undone_at=None).update(undone_at=timezone.now()) != 1:
        raise AlreadyUndone
    if sweep.deed == Sweep.Deed.TODO:
        return _drop_todos(sweep, by)

    after = _read(sweep.after)
    rows = [row for row in _locked(map(int, sweep.before)) if all(getattr(row, name) == after[name] for name in after)]
    if sweep.deed == Sweep.Deed.STAGE:
        _end_plans(rows, by)
    changes: dict[Model, dict] = {row: _put(row, _read(sweep.before[str(row.pk)])) for row in rows}
    _save(rows, list(after))
    note_many(changes, by)
    return Undone(len(rows), len(sweep.before) - len(rows))


def _save(rows: list[Partner], names: list[str]) -> None:
    """bulk_update, several times as fast: each column travels as one array."""
    columns, arrays, values = [], [], []
    for field in (cast(Field, Partner._meta.get_field(name)) for name in names):
        columns.append(connection.ops.quote_name(str(field.column)))
        arrays.append(f"%s::{str(field.db_type(connection)).partition('(')[0]}[]")
        values.append([field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE partners_partner p SET {', '.join(f'{column} = v.{column}' for column in columns)} "  # noqa: S608
            f"FROM unnest(%s::bigint[], {', '.join(arrays)}) AS v (pk, {', '.join(columns)}) WHERE p.id = v.pk",
            [[row.pk for row in rows], *values],
        )


def _read(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept as text, as the columns hold it."""
    return {name: cast(Field, Partner._meta.get_field(name)).to_python(value) for name, value in kept.items()}


def _locked(keys: Iterable[int]) -> list[Partner]:
    """Whoever was merged into another since is that other one's history, and is left alone."""
    return list(Partner.objects.select_for_update().filter(pk__in=list(keys), merged_into=None).order_by("pk"))


def _sweep(
    deed: Sweep.Deed,
    rows: list[Partner],
    fields: dict[str, Any],
    *,
    words: str,
    by: User | None,
    left: dict[Partner, list[Ask]] | None = None,
) -> Swept:
    """Give all these rows the same values, and keep what each was."""
    if not rows and not left:
        raise NobodyToSweep
    if not rows:
        return Swept(None, 0, left or {})
    before = {str(row.pk): {name: getattr(row, name) for name in fields} for row in rows}
    Partner.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    note_many({row: _put(row, fields) for row in rows}, by)
    sweep = Sweep.objects.create(deed=deed, words=words, before=_plain(before), after=_plain(fields), by=by)
    return Swept(sweep, len(rows), left or {})


def _put(row: Partner, fields: dict[str, Any]) -> dict[str, tuple[object, object]]:
    """Set these values, and return what changed, for the history."""
    changed = {name: (getattr(row, name), value) for name, value in fields.items() if getattr(row, name) != value}
    for name, value in fields.items():
        setattr(row, name, value)
    changed.pop("stage_changed_at", None)
    return changed


def _plain(values: dict[str, Any]) -> Any:
    """As JSON keeps it, to the microsecond."""
    return json.loads(json.dumps(values, cls=Exact))


class Exact(DjangoJSONEncoder):
    """Moments in full: an undo compares them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, date) else super().default(o)


def _end_plans(rows: list[Partner], by: User | None) -> None:
    """What the beginning of a courtship promised counts no more."""
    if not rows:
        return
    begun = rf":{courting_key(rows[0])}:".replace(f":{rows[0].pk}:", r":\d+:")
    todos = FollowUp.objects.open().filter(partner__in=rows, once_key__regex=begun)
    _take_back(list(todos), by)


def _drop_todos(sweep: Sweep, by: User | None) -> Undone:
    todos = list(FollowUp.objects.open().filter(pk__in=sweep.before.values()).select_for_update())
    _take_back(todos, by)
    return Undone(len(todos), len(sweep.before) - len(todos))


def _take_back(todos: list[FollowUp], by: User | None) -> None:
    now = timezone.now()
    FollowUp.objects.filter(pk__in=[todo.pk for todo in todos]).update(taken_back_at=now)
    note_many({todo: {"taken_back_at": (None, now)} for todo in todos}, by)
