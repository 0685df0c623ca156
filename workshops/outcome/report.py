"""What workshops brought, by workshop, quarter, partner or topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from partners.results.spans import quarter_of
from workshops.outcome.comparing import numbered
from workshops.outcome.counting import Outcome

BY = {"workshop": "Workshop", "quarter": "Quarter", "partner": "Partner", "topic": "Topic"}
COLUMNS = (
    *(
        "Workshops",
        "Invited",
        "Registered",
        "Had a seat",
        "Came",
        "Came, in percent of seats",
        "Rated",
        "Stars on average",
    ),
    *("Asked to be called", "Evaluations asked for", "Referrals of the host within 90 days after"),
)


@dataclass(frozen=True)
class Row:
    """One workshop, quarter, partner or topic, and all that came of it."""

    label: str
    about: str
    url: str
    held: Sequence[Outcome]

    @property
    def numbers(self) -> dict[str, int | None]:
        return numbered(self.held)

    @property
    def seats(self) -> int:
        return sum(outcome.seats for outcome in self.held)

    @property
    def percent(self) -> int | None:
        """Out of a hundred with a seat came so many, where it was written down who did."""
        known = [outcome for outcome in self.held if outcome.came is not None]
        seats = sum(outcome.seats for outcome in known)
        return round(100 * sum(outcome.came or 0 for outcome in known) / seats) if seats else None

    @property
    def rating(self) -> float | None:
        rated = sum(outcome.rated for outcome in self.held)
        return sum(outcome.stars for outcome in self.held) / rated if rated else None

    @property
    def is_open(self) -> bool:
        """Are the 90 days of some of them still running?"""
        return any(not outcome.is_complete for outcome in self.held if outcome.host)

    @property
    def cells(self) -> list[object]:
        """As a spreadsheet gets them; what nobody wrote down stays empty."""
        told = self.numbers
        stars = None if self.rating is None else round(self.rating, 2)
        return [
            f"{self.label}, {self.about}" if self.about else self.label,
            *(
                len(self.held),
                told["invited"],
                told["registered"],
                self.seats,
                told["came"],
                self.percent,
                told["rated"],
                stars,
            ),
            *(told["to_call"], told["evaluations"], told["referrals"]),
        ]


def rows(held: Sequence[Outcome], by: str) -> list[Row]:
    """The workshops and quarters in their order, the latest first; partners and topics by who brought most people."""
    groups: dict[object, list[Outcome]] = defaultdict(list)
    for outcome in held:
        groups[_key(outcome, by)].append(outcome)
    found = [_row(group, by) for group in groups.values()]
    if by in ("workshop", "quarter"):
        return found
    return sorted(found, key=lambda row: (-(row.numbers["came"] or 0), -len(row.held), row.label))


def _key(outcome: Outcome, by: str) -> object:
    if by == "quarter":
        return quarter_of(outcome.day)
    return {"workshop": outcome.pk, "partner": outcome.host, "topic": outcome.topic}[by]


def _row(group: list[Outcome], by: str) -> Row:
    first = group[0]
    if by == "quarter":
        span = quarter_of(first.day)
        return Row(f"Quarter {(span.starts_on.month + 2) // 3} of {span.starts_on.year}", "", "", group)
    if by == "partner":
        return Row(first.host[1], "", reverse("partners:inspect", args=[first.host[0]]), group) if first.host else Row(
            "Without a host", "", "", group
        )  # fmt: skip
    if by == "topic":
        return Row(first.topic[1], "", reverse("topics:inspect", args=[first.topic[0]]), group) if first.topic else Row(
            "Without a topic", "", "", group
        )  # fmt: skip
    return Row(first.title, f"{first.day:%Y-%m-%d}", reverse("workshops:inspect", args=[first.pk]), group)
