"""What became of a broadcast, counted from its recipients and never kept as a number that could drift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count

from campaigns.models import Broadcast, Outcome, Recipient


@dataclass(frozen=True)
class Segment:
    """One part of the bar."""

    outcome: Outcome
    count: int
    start: int
    width: int


@dataclass(frozen=True)
class Results:
    """How many recipients had which outcome."""

    by_outcome: dict[str, int] = field(default_factory=dict)

    @property
    def everybody(self) -> int:
        return sum(self.by_outcome.values())

    @property
    def waiting(self) -> int:
        return self.by_outcome.get(Outcome.WAITING, 0)

    @property
    def parts(self) -> list[tuple[Outcome, int]]:
        """Each outcome with its number, in the order of the bar."""
        return [(outcome, self.by_outcome.get(outcome, 0)) for outcome in Outcome]

    @property
    def segments(self) -> list[Segment]:
        """The parts of the bar that are not empty, from 0 to 1000, with a small gap between them."""
        segments, start = [], 0
        for outcome, count in self.parts:
            end = start + count
            left, right = (1000 * edge // max(self.everybody, 1) for edge in (start, end))
            if count:
                segments.append(Segment(outcome, count, left, max(right - left - 3, 3)))
            start = end
        return segments

    def __str__(self) -> str:
        """For example “40 handed over, 3 not sent”."""
        return ", ".join(f"{count:,} {outcome.label.lower()}" for outcome, count in self.parts if count)


def results_of(broadcasts: Iterable[Broadcast]) -> dict[int, Results]:
    """The results of several broadcasts in one query."""
    broadcasts = list(broadcasts)
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Recipient.objects.filter(broadcast__in=broadcasts).with_outcome().order_by()
    for broadcast, outcome, count in rows.values_list("broadcast", "outcome").annotate(Count("pk")):
        counted[broadcast][outcome] = count
    return {broadcast.pk: Results(counted.get(broadcast.pk, {})) for broadcast in broadcasts}
