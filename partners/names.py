"""Finding a partner by a name that somebody types in a hurry: half of it, misspelt, without its accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process

ALIKE = 74  # of 100: below it, suggestions start to look like accidents
SHORT = 3  # fewer letters are looked up as the start of a word only
WIDE = 60  # candidates that are looked at more closely
PREFIX, INSIDE = 300.0, 200.0


@lru_cache(maxsize=32_768)
def fold(text: str) -> str:
    """Lower case, no accents, no punctuation: Café O'Brien becomes cafe obrien."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w\s]", " ", re.sub(r"['’.]", "", plain)).split())


def closest(typed: str, rows: Iterable[tuple[int, str, str]], *, limit: int) -> list[int]:
    """Return the keys of the (key, name, city) rows that fit best, best first."""
    return ranked(typed, {key: fold(f"{name} {city}") for key, name, city in rows}, limit=limit)


def ranked(typed: str, folded: Mapping[int, str], *, limit: int) -> list[int]:
    """Return the keys of the folded texts that fit best, best first."""
    wanted = fold(typed)
    if not wanted:
        return []
    scores = _literal(wanted, folded)
    if len(wanted) >= SHORT and len(scores) < limit:
        alike = process.extract(wanted, folded, scorer=fuzz.WRatio, score_cutoff=ALIKE, limit=WIDE)
        scores = {key: score + _whole(wanted, text) for text, score, key in alike} | scores
    return sorted(scores, key=lambda key: (-scores[key], folded[key]))[:limit]


def _whole(wanted: str, text: str) -> float:
    """How alike the two are letter by letter: puts Ironworks Gym before every other Iron for “iron wrks gim”."""
    return fuzz.ratio(wanted.replace(" ", ""), text.replace(" ", ""))


def _literal(wanted: str, folded: Mapping[int, str]) -> dict[int, float]:
    """Rank what contains the typed words as they are: at the start, then as starts of words."""
    words = wanted.split()
    scores = {}
    for key, text in folded.items():
        if words[0] not in text:
            continue
        if text.startswith(wanted):
            scores[key] = PREFIX
        elif all(f" {word}" in f" {text}" for word in words):
            scores[key] = INSIDE
    return scores
