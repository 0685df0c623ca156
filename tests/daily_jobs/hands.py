"""Counts what a person's hands do on a page, and estimates their seconds by the keystroke-level model.

The page itself keeps the tally, of trusted events only, across page loads. Constants: Card, Moran and Newell, “The
psychology of human-computer interaction” (1983): K 0.28 s for an average typist, P 1.10 s to point and press, H 0.40 s to
move a hand between keyboard and mouse, M 1.35 s to make up one's mind. A thumb on glass: 36.2 words a minute, so 0.33 s a
key (Palin and others, “How do people type on mobile devices?”, 2019), and no hand to move.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import BrowserContext, Page

KEY, THUMB_KEY, POINT, HOMING, THOUGHT = 0.28, 0.33, 1.10, 0.40, 1.35
# A letter for each: p a tap or a click, k a key. Held keys repeat and count once.
TALLY = """
for (const [event, letter] of [["pointerdown", "p"], ["keydown", "k"]]) {
    addEventListener(event, (each) => {
        if (each.isTrusted && !each.repeat) sessionStorage.hands = (sessionStorage.hands || "") + letter;
    }, true);
}
"""


@dataclass(frozen=True)
class Effort:
    """What one job took: taps, keys, the machine's own seconds and a person's."""

    taps: int
    keys: int
    machine: float
    person: float


def watch(context: BrowserContext) -> None:
    """Keep the tally on every page of this browser from now on."""
    context.add_init_script(TALLY)


def estimate(tally: str, *, waited: float, is_phone: bool) -> float:
    """The seconds of somebody who knows the way: every tap and every stretch of typing is thought of first.

    Typing into what was tapped just now needs no new thought. What the machine takes is added.
    """
    switches = sum(a != b for a, b in pairwise(tally))
    typing = tally.startswith("k")
    thoughts = tally.count("p") + typing
    hands = POINT * tally.count("p") + (THUMB_KEY if is_phone else KEY) * tally.count("k")
    return hands + THOUGHT * thoughts + (0 if is_phone else HOMING * switches) + waited


class Hands:
    """Measures from its making to effort()."""

    def __init__(self, page: Page, *, is_phone: bool) -> None:
        self.page, self.is_phone = page, is_phone
        page.evaluate("delete sessionStorage.hands")
        self.began = time.perf_counter()

    def effort(self) -> Effort:
        waited = time.perf_counter() - self.began
        tally = self.page.evaluate("sessionStorage.hands || ''")
        person = estimate(tally, waited=waited, is_phone=self.is_phone)
        return Effort(tally.count("p"), tally.count("k"), waited, person)
