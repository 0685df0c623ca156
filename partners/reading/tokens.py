"""A line cut into words and signs, each knowing where it stands, so that no word can be lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from partners.names import fold

TOKEN = re.compile(
    r"""
    [\w.+-]+@[\w-]+(?:\.[\w-]+)+          # an e-mail address
    | https?://\S+
    | \d{4}-\d{1,2}-\d{1,2} | \d{1,2}/\d{1,2}(?:/\d{2,4})?
    | [$€£]?\d+(?:[.:,]\d+)*(?:[^\W\d_]+)? # 18:30, 12th, 20k
    | [ap]\.m\.
    | [^\W_]+(?:['’&-][^\W_]+)*           # a word
    | \n
    | \S
    """,
    re.VERBOSE,
)
ENDS = frozenset(',;:.!?()[]{}–—|\n•·…"“”')
DOTTED = frozenset({"dr", "mr", "mrs", "ms", "st", "mt", "jr", "sr", "no"})


@dataclass(frozen=True)
class Token:
    """One word or sign of a line."""

    text: str
    start: int
    end: int

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Lower case, no accents: e-mail is two parts."""
        return tuple(fold(self.text).split())

    @cached_property
    def low(self) -> str:
        return "".join(self.parts)

    @cached_property
    def bare(self) -> str:
        """The same without a possessive s: Dana's is dana."""
        return "".join(fold(re.sub(r"['’]s?$", "", self.text)).split())

    @property
    def is_word(self) -> bool:
        return bool(self.low)

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()


@dataclass(frozen=True)
class Line:
    """What somebody wrote, and its tokens."""

    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(Token(found[0], found.start(), found.end()) for found in TOKEN.finditer(self.text))

    @cached_property
    def flat(self) -> tuple[tuple[str, int], ...]:
        """Every part of every word with its token's place; a sign that ends a thought is an empty part."""
        pairs = []
        for place, token in enumerate(self.tokens):
            if token.is_word:
                pairs += [(part, place) for part in token.parts]
            elif self.ends(place):
                pairs.append(("", place))
        return tuple(pairs)

    @cached_property
    def phrases(self) -> dict[str, list[tuple[int, int]]]:
        """Every run of up to four words within a thought, with the tokens it stands on."""
        runs: dict[str, list[tuple[int, int]]] = {}
        for first in range(len(self.flat)):
            words: list[str] = []
            for part, place in self.flat[first : first + 4]:
                if not part:
                    break
                words.append(part)
                if self._is_torn(first, first + len(words)):
                    continue
                runs.setdefault(" ".join(words), []).append((self.flat[first][1], place))
        return runs

    def _is_torn(self, first: int, stop: int) -> bool:
        """Does this run begin or end within a word, as “warm” does in warm-up?"""
        flat = self.flat
        begins = first > 0 and bool(flat[first - 1][0]) and flat[first - 1][1] == flat[first][1]
        return begins or (stop < len(flat) and bool(flat[stop][0]) and flat[stop][1] == flat[stop - 1][1])

    @cached_property
    def clauses(self) -> tuple[range, ...]:
        """The thoughts between signs that end one, and between “then”s."""
        found, start = [], 0
        for place, token in enumerate(self.tokens):
            if self.ends(place) or token.low == "then":
                found.append(range(start, place))
                start = place + 1
        return tuple(
            each for each in (*found, range(start, len(self.tokens))) if any(self.tokens[n].is_word for n in each)
        )

    def ends(self, place: int) -> bool:
        """Does a thought end with this sign? Not with the full stop of Dr."""
        token = self.tokens[place]
        if token.text == "." and place and self.tokens[place - 1].low in DOTTED:
            return False
        is_dash = token.text in "-/" and self._stands_alone(place)
        return token.text in ENDS or is_dash

    def _stands_alone(self, place: int) -> bool:
        token = self.tokens[place]
        return self.text[token.start - 1 : token.start].isspace() and self.text[token.end : token.end + 1].isspace()

    def words_of(self, places: range) -> str:
        """The text these tokens stand on, as it was written."""
        return self.text[self.tokens[places.start].start : self.tokens[places.stop - 1].end] if len(places) else ""

    def pieces(self, places: set[int]) -> Iterator[range]:
        """Neighbouring tokens together."""
        start = None
        for place in range(len(self.tokens) + 1):
            if place in places:
                start = place if start is None else start
            elif start is not None:
                yield range(start, place)
                start = None
