"""What is promised to one partner: single to dos, and the plans they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.people.models import User
from partners.models import FollowUp, Partner, Plan


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
    """The open to dos of a partner, those of a plan together; two queries, and one for the plans to begin."""
    todos = list(partner.follow_ups.open().select_related("partner", "contact", "step__plan"))
    return {
        "todos": [todo for todo in todos if not todo.run],
        "runs": _runs(partner, [todo for todo in todos if todo.run]),
        "plans": list(Plan.objects.filter(is_on=True)) if user.has_perm("partners.add_followup") else [],
    }


def _runs(partner: Partner, steps: Sequence[FollowUp]) -> list[Run]:
    """In the order in which their next steps are due."""
    grouped: dict[str, list[FollowUp]] = {}
    for step in steps:
        grouped.setdefault(step.run, []).append(step)
    if not grouped:
        return []
    totals: dict[str, int] = dict.fromkeys(grouped, 0)
    for key in partner.follow_ups.exclude(once_key="").values_list("once_key", flat=True):
        if (run := key.rpartition(":")[0]) in totals:
            totals[run] += 1
    return [Run(key, _name(rows), rows, totals[key]) for key, rows in grouped.items()]


def _name(steps: Sequence[FollowUp]) -> str:
    return next((step.step.plan.name for step in steps if step.step), "A plan")
