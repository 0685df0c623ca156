"""How well a partner fits, before any time is spent on courting: five questions, 0 to 100 points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from crm.people.widgets import RadioSelect
from partners.models import FIT_PARTS, FIT_TO_COURT, Group, Partner

Answers = tuple[tuple[int, str], ...]
# What each answer is worth; the first of each is all that the part is out of.
ANSWERS: dict[str, Answers] = {
    "fit_audience": ((30, "Most of them"), (20, "Many"), (10, "A few"), (0, "Hardly any")),
    "fit_cash": ((20, "As a rule"), (13, "Often"), (6, "Seldom"), (0, "Never")),
    "fit_benefit": ((20, "As much as us"), (13, "Clearly"), (6, "A little"), (0, "No")),
    "fit_distance": ((15, "On my way"), (10, "A short drive"), (5, "Half an hour"), (0, "Further")),
    "fit_warmth": ((15, "Yes, well"), (10, "Somebody can introduce us"), (5, "We have met"), (0, "Nobody")),
}
QUESTIONS = {
    "fit_audience": "Are their people the people we treat?",
    "fit_cash": "Do their clients pay for health themselves?",
    "fit_benefit": "Does it help them as well?",
    "fit_distance": "How near are they?",
    "fit_warmth": "Do we know somebody there?",
}
SHORT = {
    "fit_audience": "Their people",
    "fit_cash": "Paying themselves",
    "fit_benefit": "Good for both",
    "fit_distance": "Nearness",
    "fit_warmth": "A warm path",
}


@dataclass(frozen=True)
class Part:
    """One question, and how it was answered."""

    name: str
    points: int | None
    of: int

    @property
    def label(self) -> str:
        return SHORT[self.name]

    @property
    def percent(self) -> int:
        return round(100 * (self.points or 0) / self.of)


@dataclass(frozen=True)
class Fit:
    """The five parts and what they come to; nothing until every part has been judged."""

    score: int | None
    parts: Sequence[Part]

    @property
    def is_for_later(self) -> bool:
        return self.score is not None and self.score < FIT_TO_COURT

    @property
    def sentence(self) -> str:
        if self.score is None:
            missing = sum(part.points is None for part in self.parts)
            many = "one question is" if missing == 1 else f"{missing} questions are"
            return f"Not judged yet: {many} open."
        if self.is_for_later:
            return f"For later: below {FIT_TO_COURT}. Your time does more elsewhere."
        return "Worth courting."


def of(partner: Partner) -> Fit:
    """How well this partner fits."""
    return Fit(partner.fit, [Part(name, getattr(partner, name), most) for name, most in FIT_PARTS.items()])


def beginning(partner: Partner) -> dict[str, int | None]:
    """What the form begins with. Whoever goes to a DPC physician pays for health themselves already."""
    said = {name: getattr(partner, name) for name in FIT_PARTS}
    if said["fit_cash"] is None and partner.group == Group.DPC:
        said["fit_cash"] = FIT_PARTS["fit_cash"]
    return {name: None if points is None else nearest(name, points) for name, points in said.items()}


def nearest(name: str, points: int) -> int:
    """The answer that is worth about as much: points may have come from elsewhere."""
    return min((worth for worth, _words in ANSWERS[name]), key=lambda worth: abs(worth - points))


class FitForm(forms.Form):
    """One tap a question. What is left out stays open."""

    def __init__(self, data: QueryDict | None = None, *, partner: Partner) -> None:
        super().__init__(data, initial=beginning(partner), auto_id="fit_%s")
        for name, answers in ANSWERS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=QUESTIONS[name], choices=answers, coerce=int, empty_value=None, required=False,
                widget=RadioSelect,
            )  # fmt: skip
