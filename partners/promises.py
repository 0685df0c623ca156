"""What is promised to one partner: single to dos, and the plans they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from crm.people.models import User
from partners.models import FollowUp, Partner, Plan
from partners.models.follow_up import RUN


@dataclass(frozen=True)
class Run:
    """One plan on its way with a partner."""

    key: str
    name: str
    open: Sequence[FollowUp]
    total: int

    @property
    def step(self) -> FollowUp:
        """The one that is due first."""
        return self.open[0]

    @property
    def later(self) -> Sequence[FollowUp]:
        return self.open[1:]


def for_page(partner: Partner, user: User) -> dict:
    """The open to dos of a partner, those of a plan together; one query, and one for the plans to begin."""
    steps = Q(once_key__startswith=RUN)
    rows = partner.follow_ups.filter(Q(done_at=None, taken_back_at=None) | steps)
    promised = list(rows.select_related("contact", "step__plan"))
    for todo in promised:
        todo.partner = partner
    todos = [todo for todo in promised if todo.done_at is None and todo.taken_back_at is None]
    totals = Counter(todo.run for todo in promised if todo.run)
    return {
        "todos": [todo for todo in todos if not todo.run],
        "runs": _runs([todo for todo in todos if todo.run], totals),
        "plans": list(Plan.objects.filter(is_on=True)) if user.has_perm("partners.add_followup") else [],
    }


def _runs(steps: Sequence[FollowUp], totals: Counter[str]) -> list[Run]:
    """In the order in which their next steps are due."""
    grouped: dict[str, list[FollowUp]] = {}
    for step in steps:
        grouped.setdefault(step.run, []).append(step)
    return [Run(key, _name(rows), rows, totals[key]) for key, rows in grouped.items()]


def _name(steps: Sequence[FollowUp]) -> str:
    return next((step.step.plan.name for step in steps if step.step), "A plan")
