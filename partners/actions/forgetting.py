"""Somebody is to be forgotten: what was to be done with them is put aside and says no longer who it was."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from crm.people.erasing import scrub_trail
from partners.models import FollowUp

NOBODY = "Call somebody whose name was erased"


def forget(todos: QuerySet[FollowUp]) -> set[int]:
    """Empty these to dos, which are about nobody but them; return which they were. No mail ever named one of these."""
    scrub_trail(todos, also=("title", "outcome"))
    todos.filter(done_at=None, taken_back_at=None).update(taken_back_at=timezone.now())
    keys = set(todos.values_list("pk", flat=True))
    todos.update(title=NOBODY, outcome="")
    return keys
