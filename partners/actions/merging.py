"""Two records of one partner become one, and two again if that was a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ForeignKey
from django.utils import timezone

from crm.people.models import User
from partners.actions import joining
from partners.actions.refusals import (
    AlreadyMerged,
    AlreadyUnmerged,
    KeptIsArchived,
    MergedSince,
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
BOTH = "both"
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
    """Every column of every room that points to a partner, by its name."""
    return joining.links_to(Partner)


@transaction.atomic
def merge(gone: Partner, *, into: Partner, choices: Mapping[str, str], by: User | None) -> Merge:
    """Make two records one: everything moves to the one that stays, and the other leads to it; undone by unmerge()."""
    gone, into = joining.locked(gone, into)
    if gone.merged_into_id or into.merged_into_id:
        raise AlreadyMerged
    if into.archived_at:
        raise KeptIsArchived

    put = _chosen(gone, into, choices)
    before: dict[str, Any] = {
        "kept": joining.plain_values(into, put),
        "gone": joining.plain_values(gone, ["archived_at"]),
    }
    moved = joining.move_rows(gone, into, besides=STAYS)
    roles = _move_roles(gone, into)
    moved["partners.Role.partner"] = roles.pop("moved")
    before |= {"put": {name: joining.plain(value) for name, value in put.items()}, "roles": roles}
    before["not_twins"] = joining.carry_over(NotTwins, gone, into, by)
    Partner.objects.filter(pk=into.pk).update(**put)
    now = timezone.now()
    Partner.objects.filter(pk=gone.pk).update(merged_into=into, archived_at=gone.archived_at or now)
    done = Merge.objects.create(kept=into, gone=gone, moved=moved, before=before, by=by, at=now)
    note(into, by, merged=("", gone.name), **{name: (before["kept"][name], put[name]) for name in put})
    note(gone, by, merged_into=("", into.pk), archived_at=(gone.archived_at, gone.archived_at or now))
    return done


def _chosen(gone: Partner, into: Partner, choices: Mapping[str, str]) -> dict[str, Any]:
    """The values of the one that goes which were chosen; notes may be kept of both."""
    put = joining.chosen(gone, into, choices, CHOICES)
    if choices.get("notes") == BOTH:
        notes = "\n\n".join(text for text in (into.notes.strip(), gone.notes.strip()) if text)
        put |= {"notes": notes} if notes != into.notes else {}
    return put


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
            learned[twin.pk] = joining.learn(twin, role, is_primary=is_primary)
            continue
        if role.is_primary and not is_primary:
            stepped_back.append(role.pk)
        Role.objects.filter(pk=role.pk).update(partner=into, is_primary=is_primary)
        moved.append(role.pk)
    return {"moved": moved, "stepped_back": stepped_back, "learned": learned}


@transaction.atomic
def unmerge(merge: Merge, *, by: User | None) -> list[str]:
    """Undo merge() within 30 days; what somebody changed since stays as it is, and its names are returned."""
    now = timezone.now()
    kept, gone = joining.locked(merge.kept, merge.gone)
    if merge.at < now - UNDO_WITHIN:
        raise TooLateToUnmerge
    if kept.merged_into_id:
        raise MergedSince(str(kept.merged_into))
    if Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now) != 1:
        raise AlreadyUnmerged

    archived_at = joining.field_of(Partner, "archived_at").to_python(merge.before["gone"]["archived_at"])
    Partner.objects.filter(pk=gone.pk).update(merged_into=None, archived_at=archived_at)
    joining.move_back(merge.moved, kept, gone)
    _put_roles_back(merge, gone)
    NotTwins.objects.filter(pk__in=merge.before["not_twins"]).delete()
    changed, restored = joining.restore(kept, put=merge.before["put"], was=merge.before["kept"])
    merge.undone_at = now
    note(kept, by, merged=(gone.name, ""), **restored)
    note(gone, by, merged_into=(kept.pk, ""), archived_at=(gone.archived_at, archived_at))
    return changed


def _put_roles_back(merge: Merge, gone: Partner) -> None:
    roles = merge.before["roles"]
    joining.unlearn(roles["learned"])
    if not gone.roles.filter(is_primary=True).exists():
        Role.objects.filter(pk__in=roles["stepped_back"], partner=gone).update(is_primary=True)
