"""What the loopback SendGrid is told to do: rules, tried in order for each request, the same way for the same seed."""

from __future__ import annotations

import dataclasses
import random

from tests.fakes.sendgrid.limits import NO_ADDRESS, addresses

WAYS = {
    "answer",  # and keep the connection
    "close",  # answer, and close the connection without having said so
    "silence",  # never answer
    "hang up",  # close in place of an answer
    "reset",  # TCP reset in place of an answer
    "half",  # TCP reset after half of the body
}


@dataclasses.dataclass
class Rule:
    """One way to treat a request.

    ``status`` 0 means judged as ever: accepted if it is valid. Only ``times`` requests are treated so (None: all), of
    those that come by only a ``fraction``, and only if they write ``to`` an address, where these are given. A refusal
    with 400 names the recipient in ``to``, or the ``field`` given, or, without ``names``, nothing. With ``accepts`` a
    request is taken although the answer is another. ``holds`` waits for ``fake.go_on`` before it answers.
    """

    status: int = 0
    then: str = "answer"
    times: int | None = None
    fraction: float = 1.0
    latency: float = 0.0
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    to: str = ""
    field: str | None = None
    message: str = ""
    names: bool = True
    accepts: bool = False
    holds: bool = False

    def __post_init__(self) -> None:
        if self.then not in WAYS:
            raise ValueError(f"“{self.then}” is none of {sorted(WAYS)}.")

    def complaint(self, payload: dict) -> tuple[str, str | None]:
        """The words and the field of this rule's 400."""
        if not self.names:
            return self.message or "Bad Request", None
        if self.field:
            return self.message or NO_ADDRESS, self.field
        number = next((n for n, email in addresses(payload) if email == self.to.lower()), 0)
        return self.message or NO_ADDRESS, f"personalizations.{number}.to.0.email"


class Script:
    """The rules in force, and the dice."""

    def __init__(self, *rules: Rule, seed: int = 0) -> None:
        self.rules = list(rules)
        self.dice = random.Random(seed)

    def pick(self, payload: dict | None) -> Rule | None:
        """The first rule for this request; without its payload, before the body is read, only rules of “half”."""
        for rule in self.rules:
            if (rule.then == "half") != (payload is None) or rule.times == 0:
                continue
            if rule.to and payload and rule.to.lower() not in {email for _, email in addresses(payload)}:
                continue
            if rule.fraction < 1 and self.dice.random() >= rule.fraction:
                continue
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None
