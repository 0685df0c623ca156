"""One deed for several to dos at once: exactly those named, and those that are not open any more are left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from crm.people.models import User
from partners.actions import todos
from partners.actions.refusals import Refused, SnoozedToThePast
from partners.models import FollowUp

Days = dict[int, date]


def complete_all(keys: Iterable[int], *, by: User | None) -> list[FollowUp]:
    """Mark each as done; return those that were open."""
    return _each(keys, lambda todo: todos.complete(todo, by=by))


def reopen_all(keys: Iterable[int], *, by: User | None) -> list[FollowUp]:
    """Undo complete_all()."""
    return _each(keys, lambda todo: todos.reopen(todo, by=by))


def snooze_all(keys: Iterable[int], *, until: date, by: User | None) -> Days:
    """Put each off to a later day; return for each the day it was due on before."""
    was = dict(FollowUp.objects.open().filter(pk__in=list(keys)).values_list("pk", "due_on"))
    moved = _each(was, lambda todo: todos.snooze(todo, until=until, by=by), let_through=SnoozedToThePast)
    return {todo.pk: was[todo.pk] for todo in moved}


def unsnooze_all(was: Mapping[int, date], *, by: User | None) -> list[FollowUp]:
    """Undo snooze_all(): each is due on its own day again."""
    return _each(was, lambda todo: todos.unsnooze(todo, on=was[todo.pk], by=by))


@transaction.atomic
def _each(
    keys: Iterable[int], verb: Callable[[FollowUp], Any], *, let_through: type[Refused] | tuple[()] = ()
) -> list[FollowUp]:
    changed = []
    for todo in FollowUp.objects.filter(pk__in=list(keys)).select_related("partner", "contact"):
        try:
            verb(todo)
        except let_through:
            raise
        except Refused:
            continue
        changed.append(todo)
    return changed
