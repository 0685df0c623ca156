"""Two records of one partner become one, and two again if that was a mistake.

What hangs on a partner is asked of the tables, so a room above need not be known and none is forgotten: every row that
points to the one that goes is pointed to the one that stays, but for the few kinds that tell what was, listed in STAYS.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Field, ForeignKey, ForeignObjectRel
from django.utils import timezone

from crm.people.models import User
from partners.actions.refusals import (
    AlreadyMerged,
    AlreadyUnmerged,
    KeptIsArchived,
    MergedSince,
    MergedWithItself,
    TooLateToUnmerge,
)
from partners.actions.trail import note
from partners.models import FIT_PARTS, UNDO_WITHIN, Merge, NotTwins, Partner, Role

# What the owner chooses between, and the columns that go together.
CHOICES: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "kind": ("kind",),
    "stage": ("stage", "stage_changed_at", "off_ramp_reason", "not_a_fit_because", "paused_until"),
    "tier": ("tier",),
    "phone": ("phone",),
    "email": ("email",),
    "website": ("website",),
    "address": ("street", "city", "postal_code", "latitude", "longitude"),
    "opening_hours": ("opening_hours",),
    "fit": tuple(FIT_PARTS),
    "notes": ("notes",),
}
GONE, BOTH = "gone", "both"
# Rows that are about the old record itself: they stay with it. Roles are moved one by one, as somebody may be at both.
STAYS = {
    "partners.Rhythm.partner",  # kept by PostgreSQL
    "partners.ImportRow.partner",  # what the import made
    "partners.Merge.kept",
    "partners.Merge.gone",
    "partners.NotTwins.first",  # carried over as new rows
    "partners.NotTwins.second",
    "partners.Role.partner",
}


def links() -> dict[str, ForeignKey]:
    """Every column of every room that points to a partner, hidden ones too, by its name."""
    fields = Partner._meta.get_fields(include_hidden=True)
    found = [relation.field for relation in fields if isinstance(relation, ForeignObjectRel)]
    return {f"{link.model._meta.label}.{link.name}": link for link in found if isinstance(link, ForeignKey)}


@transaction.atomic
def merge(gone: Partner, *, into: Partner, choices: Mapping[str, str], by: User | None) -> Merge:
    """Make two records one: everything moves to the one that stays, and the other leads to it; undone by unmerge()."""
    gone, into = _locked(gone, into)
    if gone.merged_into_id or into.merged_into_id:
        raise AlreadyMerged
    if into.archived_at:
        raise KeptIsArchived

    put = _chosen(gone, into, choices)
    before: dict[str, Any] = {
        "kept": {name: _plain(getattr(into, name)) for name in put},
        "gone": {"archived_at": _plain(gone.archived_at)},
    }
    moved = _move_everything(gone, into)
    roles = _move_roles(gone, into)
    moved["partners.Role.partner"] = roles.pop("moved")
    before |= {"put": {name: _plain(value) for name, value in put.items()}, "roles": roles}
    before["not_twins"] = _carry_over(gone, into, by)
    Partner.objects.filter(pk=into.pk).update(**put)
    now = timezone.now()
    Partner.objects.filter(pk=gone.pk).update(merged_into=into, archived_at=gone.archived_at or now)
    done = Merge.objects.create(kept=into, gone=gone, moved=moved, before=before, by=by, at=now)
    note(into, by, merged=("", gone.name), **{name: (before["kept"][name], put[name]) for name in put})
    note(gone, by, merged_into=("", into.pk), archived_at=(gone.archived_at, gone.archived_at or now))
    return done


def _locked(*partners: Partner) -> list[Partner]:
    """The rows as they are now, locked always in one order, so that two merges at once wait and never block each other."""
    if len({partner.pk for partner in partners}) < len(partners):
        raise MergedWithItself
    rows = Partner.objects.select_for_update().order_by("pk").filter(pk__in=[partner.pk for partner in partners])
    found = {row.pk: row for row in rows}
    return [found[partner.pk] for partner in partners]


def _chosen(gone: Partner, into: Partner, choices: Mapping[str, str]) -> dict[str, Any]:
    """The values of the one that goes which were chosen and are not what stands there already."""
    put: dict[str, Any] = {}
    for group, columns in CHOICES.items():
        choice = choices.get(group)
        if choice == GONE:
            put |= {name: getattr(gone, name) for name in columns}
        elif choice == BOTH and group == "notes":
            put["notes"] = "\n\n".join(text for text in (into.notes.strip(), gone.notes.strip()) if text)
    return {name: value for name, value in put.items() if getattr(into, name) != value}


def _move_everything(gone: Partner, into: Partner) -> dict[str, list]:
    """Point every row to the one that stays; return the keys of those that moved."""
    moved = {}
    for label, link in links().items():
        if label not in STAYS:
            rows = link.model._base_manager.filter(**{link.name: gone})
            keys = list(rows.order_by("pk").values_list("pk", flat=True))
            if keys:
                link.model._base_manager.filter(pk__in=keys).update(**{link.name: into})
                moved[label] = [_plain(key) for key in keys]
    return moved


def _move_roles(gone: Partner, into: Partner) -> dict[str, Any]:
    """Move the people. Who is at both keeps one place, which learns what only the other knew; one stays the main person."""
    here = {role.contact_id: role for role in into.roles.all()}
    has_primary = any(role.is_primary for role in here.values())
    moved: list[int] = []
    stepped_back: list[int] = []
    learned: dict[int, dict[str, list]] = {}
    for role in gone.roles.all():
        is_primary = role.is_primary and not has_primary
        has_primary = has_primary or is_primary
        if twin := here.get(role.contact_id):
            learned[twin.pk] = _learn(twin, role, is_primary=is_primary)
            continue
        if role.is_primary and not is_primary:
            stepped_back.append(role.pk)
        Role.objects.filter(pk=role.pk).update(partner=into, is_primary=is_primary)
        moved.append(role.pk)
    return {"moved": moved, "stepped_back": stepped_back, "learned": learned}


def _learn(twin: Role, other: Role, *, is_primary: bool) -> dict[str, list]:
    """A title where there was none, that they are the main person or a health-care provider; return what was and is."""
    new: dict[str, Any] = {}
    if other.title and not twin.title:
        new["title"] = other.title
    if is_primary:
        new["is_primary"] = True
    if other.is_healthcare_provider and not twin.is_healthcare_provider:
        new["is_healthcare_provider"] = True
    if new:
        Role.objects.filter(pk=twin.pk).update(**new)
    return {name: [getattr(twin, name), value] for name, value in new.items()}


def _carry_over(gone: Partner, into: Partner, by: User | None) -> list[int]:
    """Who was said to be another partner than the one that goes is another than the one that stays as well."""
    apart = NotTwins.objects.filter(first=gone) | NotTwins.objects.filter(second=gone)
    others = {key for pair in apart.values_list("first", "second") for key in pair} - {gone.pk, into.pk}
    new = []
    for other in sorted(others):
        first, second = sorted((other, into.pk))
        row, made = NotTwins.objects.get_or_create(first_id=first, second_id=second, defaults={"by": by})
        new += [row.pk] if made else []
    return new


@transaction.atomic
def unmerge(merge: Merge, *, by: User | None) -> list[str]:
    """Undo merge() within 30 days; what somebody changed since stays as it is, and its names are returned."""
    now = timezone.now()
    kept, gone = _locked(merge.kept, merge.gone)
    if merge.at < now - UNDO_WITHIN:
        raise TooLateToUnmerge
    if kept.merged_into_id:
        raise MergedSince(str(kept.merged_into))
    if Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now) != 1:
        raise AlreadyUnmerged

    archived_at = _back(_field("archived_at"), merge.before["gone"]["archived_at"])
    Partner.objects.filter(pk=gone.pk).update(merged_into=None, archived_at=archived_at)
    for label, keys in merge.moved.items():
        link = links()[label]
        link.model._base_manager.filter(pk__in=keys, **{link.name: kept}).update(**{link.name: gone})
    _put_roles_back(merge, gone)
    NotTwins.objects.filter(pk__in=merge.before["not_twins"]).delete()
    changed, restored = _restore(merge, kept)
    merge.undone_at = now
    note(kept, by, merged=(gone.name, ""), **restored)
    note(gone, by, merged_into=(kept.pk, ""), archived_at=(gone.archived_at, archived_at))
    return changed


def _restore(merge: Merge, kept: Partner) -> tuple[list[str], dict[str, tuple]]:
    """Put back what the merge overwrote, but for what was written over since; return the names of both."""
    changed, back = [], {}
    for name, value in merge.before["put"].items():
        field = _field(name)
        if _plain(getattr(kept, name)) != value:
            changed.append(str(field.verbose_name))
        else:
            back[name] = _back(field, merge.before["kept"][name])
    told = {name: (getattr(kept, name), value) for name, value in back.items()}
    if back:
        Partner.objects.filter(pk=kept.pk).update(**back)
    return changed, told


def _put_roles_back(merge: Merge, gone: Partner) -> None:
    roles = merge.before["roles"]
    for key, pairs in roles["learned"].items():
        for name, (was, put) in pairs.items():
            Role.objects.filter(pk=key, **{name: put}).update(**{name: was})
    if not gone.roles.filter(is_primary=True).exists():
        Role.objects.filter(pk__in=roles["stepped_back"], partner=gone).update(is_primary=True)


def _plain(value: object) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _back(field: Field, value: Any) -> Any:
    return field.to_python(value)


def _field(name: str) -> Field:
    return next(field for field in Partner._meta.concrete_fields if field.name == name)
