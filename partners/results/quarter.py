"""A quarter's scoreboard: what it was to bring, what it has brought, and whether that keeps pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from partners import conversions
from partners.models import Goal, Kind, Referral
from partners.results import counting
from partners.results.spans import Span

WIDE = 300


@dataclass(frozen=True)
class Score:
    """One measure against its goal."""

    name: str
    label: str
    done: int | None
    goal: int | None
    expected: float | None
    unit: str = ""

    @property
    def top(self) -> int:
        return 100 if self.unit else max(self.done or 0, self.goal or 0, 1)

    @property
    def width(self) -> int:
        return round(WIDE * min(self.done or 0, self.top) / self.top)

    @property
    def goal_at(self) -> int | None:
        return None if self.goal is None else round(WIDE * min(self.goal, self.top) / self.top)

    @property
    def is_behind(self) -> bool:
        return self.goal is not None and self.done is not None and self.done < (self.expected or 0)

    @property
    def sentence(self) -> str:
        """“4 of 10. To keep pace it would be 5 by now.”"""
        if self.done is None:
            return "Nobody was to be thanked."
        if self.goal is None:
            return f"{self.done}{self.unit}. No goal."
        head = f"{self.done}{self.unit} of {self.goal}{self.unit}."
        if self.done >= self.goal:
            return f"{head} Reached."
        if self.is_behind and not self.unit:
            return f"{head} To keep pace it would be {_least(self.expected)} by now."
        return f"{head} Below the goal." if self.unit else f"{head} On pace."


def _least(expected: float | None) -> int:
    return int(-(-(expected or 0) // 1))


MEASURES = {
    "conversations": "New conversations",
    "gives": "Things given",
    "referrals": "Referrals in",
    "evaluations": "Evaluations",
    "workshops": "Workshops held",
    "thanked_percent": "Thanked on time",
}


ONE_OF = {
    Kind.GYM: "gym",
    Kind.YOGA_STUDIO: "yoga studio",
    Kind.RUNNING_CLUB: "running club",
    Kind.DPC_PHYSICIAN: "DPC physician",
    Kind.FUNCTIONAL_MEDICINE: "functional medicine practice",
    Kind.OTHER: "partner",
}


def scores(quarter: Span, goal: Goal | None, *, today: date, now: datetime | None = None) -> list[Score]:
    """Every measure of a quarter, beside its goal and what it would be if the work came evenly."""
    [tally] = counting.tallies([quarter], now=now)
    seen = Referral.objects.standing().filter(evaluated_at__gte=quarter.since, evaluated_at__lt=quarter.until).count()
    done = {
        "conversations": tally.conversations,
        "gives": tally.gives,
        "referrals": tally.referrals,
        "evaluations": seen,
        "workshops": tally.held,
        "thanked_percent": tally.thanked_percent,
    }
    return [_score(name, done[name], goal, quarter.gone_by(today)) for name in MEASURES]


def _score(name: str, done: int | None, goal: Goal | None, gone_by: float) -> Score:
    is_share = name == "thanked_percent"
    aim = getattr(goal, name) if goal else None
    expected = None if aim is None else float(aim) if is_share else aim * gone_by
    return Score(name, MEASURES[name], done, aim, expected, " %" if is_share else "")


def sentences(span: Span, *, now: datetime | None = None) -> list[str]:
    """Who the referrals of this time came from, and whether too much hangs on one."""
    rows = list(counting.referrals(span.since, span.until).values_list("partner", "partner__name", "partner__kind"))
    kinds = {pk: ONE_OF[Kind(kind)] for pk, _name, kind in rows}
    said = [counting.share_sentence([(pk, name) for pk, name, _kind_ in rows], kinds)]
    return [*filter(None, said), *conversions.concentration(now=now).sentences]
