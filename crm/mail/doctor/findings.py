"""What one check found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.text import slugify


class Verdict(Enum):
    FIT = "fit"
    UNFIT = "unfit"
    UNSURE = "unsure"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True)
class Finding:
    """One line of the list: what was looked at, how it stands, and what to do about it."""

    name: str
    verdict: Verdict
    sentence: str
    what_to_do: str = ""

    @property
    def slug(self) -> str:
        """Where the handbook and the office find it."""
        return slugify(self.name)


class Told(Exception):
    """A check that cannot go on; it carries what can be said all the same."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence)
        self.finding = finding


def fit(sentence: str, what_to_do: str = "") -> Finding:
    return Finding("", Verdict.FIT, sentence, what_to_do)


def unfit(sentence: str, what_to_do: str) -> Finding:
    return Finding("", Verdict.UNFIT, sentence, what_to_do)


def unsure(sentence: str, what_to_do: str) -> Finding:
    return Finding("", Verdict.UNSURE, sentence, what_to_do)


def not_needed(sentence: str, what_to_do: str = "") -> Finding:
    return Finding("", Verdict.NOT_NEEDED, sentence, what_to_do)
