"""A workshop beside what is usual here: the median of the last eight, once there are three to take it of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Q

from workshops.models import Workshop
from workshops.outcome.counting import Outcome, held, outcomes

LAST, FEWEST = 8, 3
TRACK = 300  # how wide the picture is
# Published by a vendor of workshop software over 527 workshops of optometrists. Another trade: no more than a hint.
YARDSTICK = (10, 15, 22)


@dataclass(frozen=True)
class Measure:
    """One step of the funnel, and how it is read off a workshop."""

    key: str
    label: str
    read: Callable[[Outcome], int | None]


def _referrals(outcome: Outcome) -> int | None:
    return len(outcome.referrals) if outcome.host else None


def _after_90_days(outcome: Outcome) -> int | None:
    return _referrals(outcome) if outcome.is_complete else None


def _if_came(read: Callable[[Outcome], int]) -> Callable[[Outcome], int | None]:
    """Only those who came are asked; where nobody wrote down who did, nobody was."""
    return lambda outcome: None if outcome.came is None else read(outcome)


MEASURES = (
    Measure("invited", "Invited", lambda outcome: outcome.invited),
    Measure("registered", "Registered", lambda outcome: outcome.registered),
    Measure("came", "Came", lambda outcome: outcome.came),
    Measure("rated", "Rated it", _if_came(lambda outcome: outcome.rated)),
    Measure("to_call", "Asked to be called", _if_came(lambda outcome: outcome.to_call)),
    Measure("evaluations", "Evaluations asked for", lambda outcome: outcome.evaluations),
    Measure("referrals", "Referrals of the host within 90 days", _referrals),
)


@dataclass(frozen=True)
class Step:
    """One bar of the funnel."""

    key: str
    label: str
    number: int | None
    usual: float | None
    most: float

    @property
    def width(self) -> int:
        return round(TRACK * (self.number or 0) / self.most)

    @property
    def usual_at(self) -> int | None:
        return round(TRACK * self.usual / self.most) if self.usual else None

    @property
    def usual_words(self) -> str:
        return "" if self.usual is None else f"usually {plain(self.usual)}"


def plain(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def usual(before: Iterable[Outcome]) -> dict[str, float]:
    """The median of each measure over the last eight workshops that know it; left out where fewer than three do."""
    before = list(before)[:LAST]
    found: dict[str, float] = {}
    for measure in MEASURES:
        read = _after_90_days if measure.key == "referrals" else measure.read
        known = [number for outcome in before if (number := read(outcome)) is not None]
        if len(known) >= FEWEST:
            found[measure.key] = median(known)
    return found


def beside_history(workshop: Workshop) -> tuple[Outcome, dict[str, float]]:
    """What came of it, and what was usual until then; three queries."""
    earlier = held().filter(Q(starts_at__lt=workshop.starts_at) | Q(pk=workshop.pk))
    this, *before = outcomes(earlier[: LAST + 1])
    return this, usual(before)


def for_page(workshop: Workshop) -> dict[str, Any]:
    """What came of it, for its own page; nothing while it is not over."""
    took_place = workshop.state in (Workshop.State.OPEN, Workshop.State.HELD) and workshop.is_over
    if not took_place:
        return {}
    outcome, usually = beside_history(workshop)
    return {
        "outcome": outcome,
        "outcome_steps": funnel(numbers_of(outcome), usually),
        "outcome_says": sentences(outcome, usually),
        "outcome_compared": compared_with(usually),
        "yardstick": yardstick(),
    }


def funnel(numbers: dict[str, int | None], usually: dict[str, float]) -> list[Step]:
    """The bars, each on the scale of the longest."""
    known = [number for number in numbers.values() if number]
    most = max([*known, *usually.values(), 1])
    return [
        Step(measure.key, measure.label, numbers[measure.key], usually.get(measure.key), most) for measure in MEASURES
    ]


def numbers_of(outcome: Outcome) -> dict[str, int | None]:
    return {measure.key: measure.read(outcome) for measure in MEASURES}


def sentences(outcome: Outcome, usually: dict[str, float]) -> list[str]:
    """What the picture says, for whoever reads rather than looks."""
    said = [_invited(outcome), _registered(outcome), _came(outcome, usually.get("came"))]
    if outcome.rating is not None:
        said.append(f"{_people(outcome.rated)} rated it, {outcome.rating:.1f} stars on average.")
    if outcome.to_call:
        said.append(f"{_people(outcome.to_call)} asked to be called.")
    if outcome.evaluations is not None:
        asked = _many(outcome.evaluations, "evaluation was", "evaluations were")
        said.append(f"{asked} asked for.")
    if outcome.host:
        said.append(_since(outcome))
    return said


def _invited(outcome: Outcome) -> str:
    """Always with whose number it is: one is a guess, the other is counted."""
    letters = f"{_people(outcome.invited_by_letter)} had a letter of yours with its link"
    if outcome.invited_by_word is None:
        return (
            f"{letters}. Whom the host told, nobody noted."
            if outcome.invited_by_letter
            else "Nobody noted how many were invited."
        )
    noted = f"About {_people(outcome.invited_by_word)} were invited, as you noted it"
    return f"{noted}. {letters}." if outcome.invited_by_letter else f"{noted}."


def _registered(outcome: Outcome) -> str:
    details = [
        f"{outcome.by_host} by the host’s link" if outcome.by_host else "",
        f"{outcome.at_door} at the door" if outcome.at_door else "",
        f"{outcome.gave_back} gave the seat back" if outcome.gave_back else "",
    ]
    told = ", ".join(filter(None, details))
    return f"{_people(outcome.registered)} registered{f' ({told})' if told else ''}."


def _came(outcome: Outcome, usually: float | None) -> str:
    if outcome.came is None:
        return "Nobody was checked in, so how many came is not known."
    share = f" of {outcome.seats} with a seat" if outcome.seats > outcome.came else ""
    return f"{outcome.came}{share} came{_compared(outcome.came, usually)}."


def _compared(number: int, usually: float | None) -> str:
    if usually is None:
        return ""
    more = number - usually
    if not more:
        return ", as many as usual"
    return f", {plain(abs(more))} {'more' if more > 0 else 'fewer'} than your usual {plain(usually)}"


def _since(outcome: Outcome) -> str:
    """Afterwards, and not therefore."""
    host = outcome.host[1] if outcome.host else ""
    sent = _many(len(outcome.referrals), "referral", "referrals") if outcome.referrals else "No referral"
    if outcome.is_complete:
        return f"{sent} from {host} within 90 days after."
    left = _many(outcome.days_left, "day is", "days are")
    return f"{sent} from {host} since; {left} left of the 90 that are counted."


def compared_with(usually: dict[str, float]) -> str:
    """What the marks in the picture are, or why there are none."""
    if not usually:
        return "With three workshops before it, your usual stands here beside each number."
    return "The mark is your usual: the median of up to eight workshops before."


def yardstick() -> str:
    low, middle, high = YARDSTICK
    return (
        f"From elsewhere, and only as a hint: of 527 workshops held by optometrists, half had {middle} people or fewer, "
        f"one in five {low} or fewer, and one in five more than {high}. A vendor of workshop software published it."
    )


def _people(number: int) -> str:
    return _many(number, "person", "people") if number else "Nobody"


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def numbered(outcomes_: Sequence[Outcome]) -> dict[str, int | None]:
    """All of them together; a referral that came after two workshops is one referral."""
    found: dict[str, int | None] = {}
    for measure in MEASURES:
        known = [number for outcome in outcomes_ if (number := measure.read(outcome)) is not None]
        found[measure.key] = sum(known) if known else None
    sent = {key for outcome in outcomes_ for key in outcome.referrals}
    found["referrals"] = len(sent) if any(outcome.host for outcome in outcomes_) else None
    return found
