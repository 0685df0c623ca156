"""Two records become one, and two again: what is alike for partners and for contacts.

What hangs on a record is asked of the tables, so a room above need not be known and none is forgotten: every row that
points to the one that goes is pointed to the one that stays, but for the few kinds that tell what was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Field, ForeignKey, ForeignObjectRel, Model, OuterRef, Q, QuerySet, UniqueConstraint

from crm.people.models import User
from partners.actions.refusals import MergedWithItself
from partners.models import Role

GONE = "gone"
Moved = dict[str, list]
Record = TypeVar("Record", bound=Model)


def links_to(model: type[Model]) -> dict[str, ForeignKey]:
    """Every column of every room that points to such a record, hidden ones too, by its name."""
    fields = model._meta.get_fields(include_hidden=True)
    found = [relation.field for relation in fields if isinstance(relation, ForeignObjectRel)]
    return {f"{link.model._meta.label}.{link.name}": link for link in found if isinstance(link, ForeignKey)}


def locked(*records: Record) -> list[Record]:
    """The rows as they are now, locked always in one order, so that two merges at once wait and never block each other."""
    if len({record.pk for record in records}) < len(records):
        raise MergedWithItself
    model = type(records[0])
    rows = model._base_manager.select_for_update().order_by("pk").filter(pk__in=[record.pk for record in records])
    found = {row.pk: row for row in rows}
    return [found[record.pk] for record in records]


def chosen(gone: Model, into: Model, choices: Mapping[str, str], groups: Mapping[str, Collection[str]]) -> dict:
    """The values of the one that goes which were chosen and are not what stands there already."""
    names = [name for group, columns in groups.items() if choices.get(group) == GONE for name in columns]
    return {name: getattr(gone, name) for name in names if getattr(into, name) != getattr(gone, name)}


def move_rows(gone: Model, into: Model, *, besides: Collection[str]) -> Moved:
    """Point every row to the one that stays; return the keys of those that moved. What would be there twice stays."""
    moved = {}
    for label, link in links_to(type(gone)).items():
        if label not in besides:
            manager = link.model._base_manager
            rows = manager.filter(**{link.name: gone}).exclude(pk__in=there_twice(link, gone, into))
            keys = list(rows.order_by("pk").values_list("pk", flat=True))
            if keys:
                manager.filter(pk__in=keys).update(**{link.name: into})
                moved[label] = [plain(key) for key in keys]
    return moved


def move_back(moved: Moved, kept: Model, gone: Model) -> None:
    """Point what moved to the other again, but for what somebody has pointed elsewhere since."""
    links = links_to(type(gone))
    for label, keys in moved.items():
        link = links[label]
        link.model._base_manager.filter(pk__in=keys, **{link.name: kept}).update(**{link.name: gone})


def there_twice(link: ForeignKey, gone: Model, into: Model) -> QuerySet:
    """The rows of the one that goes whose like the other has already, where there may be one only."""
    manager, alike = link.model._base_manager, Q(pk__in=[])
    for others, where in _unique_beside(link):
        theirs = manager.filter(where, **{link.name: into}, **{name: OuterRef(name) for name in others})
        alike |= where & Q(Exists(theirs))
    return manager.filter(alike, **{link.name: gone}).values("pk")


def _unique_beside(link: ForeignKey) -> list[tuple[set[str], Q]]:
    """The other columns of each rule that allows such a row once, and for which rows it holds."""
    meta = link.model._meta
    constraints = [rule for rule in meta.constraints if isinstance(rule, UniqueConstraint)]
    rules = [(set(rule.fields), rule.condition or Q()) for rule in constraints]
    rules += [(set(rule), Q()) for rule in meta.unique_together] + ([({link.name}, Q())] if link.unique else [])
    return [(columns - {link.name}, where) for columns, where in rules if link.name in columns]


def learn(twin: Role, other: Role, *, is_primary: bool) -> dict[str, list]:
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


def unlearn(learned: Mapping[Any, Mapping[str, list]]) -> None:
    """Take back what learn() taught, but for what was changed since."""
    for key, pairs in learned.items():
        for name, (was, put) in pairs.items():
            Role.objects.filter(pk=key, **{name: put}).update(**{name: was})


def restore(kept: Model, *, put: Mapping[str, Any], was: Mapping[str, Any]) -> tuple[list[str], dict[str, tuple]]:
    """Put back what a merge overwrote, but for what was written over since; return the names of both."""
    changed, back = [], {}
    for name, value in put.items():
        field = field_of(type(kept), name)
        if plain(getattr(kept, name)) != value:
            changed.append(str(field.verbose_name))
        else:
            back[name] = field.to_python(was[name])
    told = {name: (getattr(kept, name), value) for name, value in back.items()}
    if back:
        type(kept)._base_manager.filter(pk=kept.pk).update(**back)
    return changed, told


def carry_over(apart: type[Model], gone: Model, into: Model, by: User | None) -> list[int]:
    """Who was said to be another than the one that goes is another than the one that stays as well."""
    pairs = apart._base_manager.filter(Q(first=gone) | Q(second=gone)).values_list("first", "second")
    others = {key for pair in pairs for key in pair} - {gone.pk, into.pk}
    new = []
    for other in sorted(others):
        first, second = sorted((other, into.pk))
        row, made = apart._base_manager.get_or_create(first_id=first, second_id=second, defaults={"by": by})
        new += [row.pk] if made else []
    return new


def plain(value: object) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def plain_values(record: Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain(getattr(record, name)) for name in names}


def field_of(model: type[Model], name: str) -> Field:
    return next(field for field in model._meta.concrete_fields if field.name == name)
