"""Fifteen minutes on one week: five results, each beside the work that feeds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from wagtail import hooks

from partners.due import cut
from partners.models import SENDING, Partner, Referral, Review, Stage
from partners.results import counting
from partners.results.counting import Tally
from partners.results.spans import Span, week_of, weeks_until

WEEKS = 6
SHOWN = 4
OLDEST = ["received_at", "pk"]
BAR, GAP, HIGH = 26, 8, 40
YOUNG = 2  # on Monday and Tuesday it is last week that is looked back on


@dataclass(frozen=True)
class Line:
    """One thing to do, or one partner behind a number."""

    text: str
    url: str
    about: str = ""


@dataclass(frozen=True)
class Bar:
    """One week of the small picture beside a result."""

    starts_on: date
    number: int | None
    x: int
    height: int
    is_this: bool

    @property
    def y(self) -> int:
        return HIGH - self.height


@dataclass
class Result:
    """One of the five: its number, the weeks before it, who is behind it, and what feeds it."""

    key: str
    label: str
    number: int | None
    unit: str = ""
    bars: Sequence[Bar] = ()
    behind: Sequence[Line] = ()
    work: str = ""
    feed: list[Line] = field(default_factory=list)
    more: int = 0
    note: str = ""

    @property
    def before(self) -> float | None:
        """What the weeks before brought on average."""
        known = [bar.number for bar in self.bars if not bar.is_this and bar.number is not None]
        return sum(known) / len(known) if known else None

    @property
    def sentence(self) -> str:
        """How it compares with the weeks before."""
        if self.number is None:
            return "Nobody was to be thanked."
        if self.before is None:
            return ""
        usual = f"{self.before:.0f}{self.unit}" if self.unit else f"{self.before:.1f}".removesuffix(".0")
        return f"{usual} a week before that." if not self.unit else f"{usual} in the weeks before."


LABELS = {
    counting.CONVERSATIONS: ("New conversations", "You show up here: start to talk"),
    counting.GIVES: ("Things given", "Bring these something"),
    counting.REFERRALS: ("Referrals in", "Keep in touch with those who send"),
    counting.THANKED: ("Thanked on time", "Say thank you"),
    counting.WORKSHOPS: ("Workshops booked", "Propose a date"),
}
FEEDS = {
    counting.CONVERSATIONS: (Stage.SHOWING_UP,),
    counting.GIVES: (Stage.CONVERSATION, Stage.GIVING_VALUE),
    counting.REFERRALS: SENDING,
}


def to_look_at(today: date) -> Span:
    """The week that a review is about: while this one is young, the one before."""
    this = week_of(today)
    return week_of(today - timedelta(days=7)) if today.weekday() < YOUNG else this


def results(week: Span, *, now: datetime | None = None) -> list[Result]:
    """The five results of a week, in the order in which they follow from one another."""
    found = counting.tallies(weeks_until(week, WEEKS), now=now)
    feeds = _feeds()
    this = found[-1]
    return [_result(key, found, this, feeds.get(key, ([], 0))) for key in LABELS]


def _result(key: str, found: list[Tally], this: Tally, feed: tuple[list[Line], int]) -> Result:
    numbers = [_number(tally, key) for tally in found]
    label, work = LABELS[key]
    behind = this.behind.get(counting.REFERRALS if key == counting.THANKED else key, [])
    result = Result(key, label, numbers[-1], unit=" %" if key == counting.THANKED else "", work=work)
    result.bars = _bars(found, numbers)
    result.behind = [Line(name, reverse("partners:inspect", args=[pk])) for pk, name in behind]
    result.feed, result.more = feed
    if key == counting.WORKSHOPS and this.held:
        result.note = f"{this.held} held."
    if key == counting.THANKED and this.to_thank:
        result.note = f"{this.thanked} of {this.to_thank} within 48 hours."
    return result


def _number(tally: Tally, key: str) -> int | None:
    return tally.thanked_percent if key == counting.THANKED else getattr(tally, key)


def _bars(found: list[Tally], numbers: list[int | None]) -> list[Bar]:
    most = max([number for number in numbers if number] or [1])
    return [
        Bar(
            tally.span.starts_on,
            number,
            place * (BAR + GAP),
            round(HIGH * (number or 0) / most),
            place == len(found) - 1,
        )
        for place, (tally, number) in enumerate(zip(found, numbers, strict=True))
    ]


def _feeds() -> dict[str, tuple[list[Line], int]]:
    """What is to be done for each result, and how much more there is of it."""
    feeds = _partners_to_see()
    waiting = Referral.objects.all()
    owed = list(cut(waiting.select_related("partner"), {"owed": waiting.awaiting_thanks()}, order=OLDEST, shown=SHOWN))
    lines = [Line(str(row.partner), row.get_absolute_url(), f"sent somebody {_ago(row.received_at)}") for row in owed]
    feeds[counting.THANKED] = (lines, _total(owed, "owed") - len(owed))
    for work in hooks.get_hooks("partner_results_work"):
        lines, more = work(SHOWN)
        feeds[counting.WORKSHOPS] = ([Line(*line) for line in lines], more)
    return feeds


def _total(rows: Sequence[Any], name: str) -> int:
    """How many a set has, as each row of a cut knows it."""
    return getattr(rows[0], f"{name}_total") if rows else 0


def _partners_to_see() -> dict[str, tuple[list[Line], int]]:
    """The partners whose touch is due first, for the three results that come from touches; one query."""
    current = Partner.objects.current()
    sets = {key: current.filter(stage__in=stages) for key, stages in FEEDS.items()}
    key_of = {stage: key for key, stages in FEEDS.items() for stage in stages}
    found: dict[str, tuple[list[Line], int]] = {}
    for partner in cut(Partner.objects.with_rhythm(), sets, order=["rhythm__latest_on", "pk"], shown=SHOWN):
        key = key_of[Stage(partner.stage)]
        lines, _more = found.setdefault(key, ([], max(0, getattr(partner, f"{key}_total") - SHOWN)))
        lines.append(Line(partner.name, partner.get_absolute_url(), _next_of(partner)))
    return found


def _next_of(partner: Partner) -> str:
    step = partner.rhythm.next_step
    if step is not None:
        return f"next: {step.title}"
    touched = partner.rhythm.last_touch_at
    return f"no next step, last touch {_ago(touched)}" if touched else "no next step, no touch yet"


def _ago(at: datetime) -> str:
    days = (timezone.localdate() - timezone.localdate(at)).days
    return "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"


def decisions(week: Span) -> tuple[Review | None, Review | None]:
    """What was decided about this week, and about the one before."""
    before = week.starts_on - timedelta(days=7)
    found = {review.monday: review for review in Review.objects.filter(monday__in=[week.starts_on, before])}
    return found.get(week.starts_on), found.get(before)
