"""The five results, counted for any number of spans at once.

A conversation is new when it is the first time that somebody at a partner talked with us: a call, a meeting, advice, or
a message that was answered or came from them. A thank-you was on time when it was said within 48 hours of the referral.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Case, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from wagtail import hooks

from partners.models import THANKS_LATE, Referral, Touch
from partners.models.touch import gave
from partners.results.spans import Span

Kind = Touch.TouchKind
TALKS = (Kind.CALL, Kind.MEETING, Kind.ADVICE_ASKED)
MESSAGES = (Kind.TEXT, Kind.EMAIL, Kind.DM)
ANSWERED = (Touch.Outcome.POLITE, Touch.Outcome.WARM, Touch.Outcome.YES)

CONVERSATIONS, GIVES, REFERRALS, THANKED, WORKSHOPS = "conversations", "gives", "referrals", "thanked", "workshops"
NAMED = 12  # so many partners behind a number are named


@dataclass
class Tally:
    """The results of one span."""

    span: Span
    conversations: int = 0
    gives: int = 0
    referrals: int = 0
    thanked: int = 0
    to_thank: int = 0
    workshops: int = 0
    held: int = 0
    behind: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @property
    def thanked_percent(self) -> int | None:
        """Nobody to thank is nothing, not nought."""
        return round(100 * self.thanked / self.to_thank) if self.to_thank else None


def talked() -> Q:
    """Somebody there really talked with us."""
    answered = Q(direction=Touch.Direction.IN) | Q(outcome__in=ANSWERED)
    return Q(kind__in=TALKS) & ~Q(outcome=Touch.Outcome.NO_REPLY) | Q(kind__in=MESSAGES) & answered


def new_conversations(since: datetime, until: datetime) -> QuerySet[Touch]:
    """The first touch of each partner that was a talk, where it falls into this time."""
    standing = Touch.objects.standing().order_by()
    earlier = standing.filter(talked(), partner=OuterRef("partner")).filter(
        Q(occurred_at__lt=OuterRef("occurred_at")) | Q(occurred_at=OuterRef("occurred_at"), pk__lt=OuterRef("pk"))
    )
    within = standing.filter(talked(), occurred_at__gte=since, occurred_at__lt=until)
    return within.filter(~Exists(earlier))


def gives(since: datetime, until: datetime) -> QuerySet[Touch]:
    return Touch.objects.standing().order_by().filter(gave(), occurred_at__gte=since, occurred_at__lt=until)


def referrals(since: datetime, until: datetime) -> QuerySet[Referral]:
    return Referral.objects.standing().order_by().filter(received_at__gte=since, received_at__lt=until)


def tallies(spans: Sequence[Span], *, now: datetime | None = None) -> list[Tally]:
    """The results of each span; as many queries for two spans as for twelve."""
    now = now or timezone.now()
    since, until = min(span.since for span in spans), max(span.until for span in spans)
    found = [Tally(span) for span in spans]
    edges = [(tally, tally.span.since, tally.span.until) for tally in found]
    talks = _rows(CONVERSATIONS, new_conversations(since, until), "occurred_at")
    given = _rows(GIVES, gives(since, until), "occurred_at")
    for what, partner, name, at, is_thanked, is_over in talks.union(given, _thanks(since, until, now), all=True):
        for tally, begins, ends in edges:
            if begins <= at < ends:
                _count(tally, what, (partner, name), is_thanked=is_thanked, is_over=is_over)
    _add_workshops(found)
    return found


def _rows(what: str, rows: QuerySet, at: str) -> QuerySet:
    nothing = Value(False, output_field=BooleanField())
    named = rows.annotate(what=Value(what), at=F(at), is_thanked=nothing, is_over=nothing)
    return named.values_list("what", "partner", "partner__name", "at", "is_thanked", "is_over")


def _thanks(since: datetime, until: datetime, now: datetime) -> QuerySet:
    """Referrals, each with whether it was thanked for in time, and whether its time is over."""
    in_time = Q(thanked_at__lte=F("received_at") + THANKS_LATE)
    is_over = Q(thanked_at__isnull=False) | Q(received_at__lt=now - THANKS_LATE)
    rows = referrals(since, until).annotate(
        what=Value(REFERRALS),
        at=Case(default=F("received_at"), output_field=DateTimeField()),
        is_thanked=Case(When(in_time, then=True), default=False),
        is_over=Case(When(is_over, then=True), default=False),
    )
    return rows.values_list("what", "partner", "partner__name", "at", "is_thanked", "is_over")


def _count(tally: Tally, what: str, partner: tuple[int, str], *, is_thanked: bool, is_over: bool) -> None:
    setattr(tally, what, getattr(tally, what) + 1)
    if what == REFERRALS:
        tally.thanked += is_thanked and is_over
        tally.to_thank += is_over
    named = tally.behind.setdefault(what, [])
    if partner not in named and len(named) < NAMED:
        named.append(partner)


def _add_workshops(found: list[Tally]) -> None:
    """Workshops are planned a room above: whoever knows of them registers ``partner_results``, spans in, counts out."""
    for counted in hooks.get_hooks("partner_results"):
        for tally, (booked, held) in zip(found, counted([tally.span for tally in found]), strict=True):
            tally.workshops += booked
            tally.held += held


def share_sentence(rows: Iterable[tuple[int, str]], kinds: dict[int, str]) -> str:
    """“3 of your 5 referrals came from one gym: Ironworks.” Nothing below three, or where nobody stands out."""
    sent: dict[tuple[int, str], int] = defaultdict(int)
    for row in rows:
        sent[row] += 1
    total = sum(sent.values())
    if total < 3:
        return ""
    (pk, name), most = max(sent.items(), key=lambda pair: (pair[1], pair[0]))
    if 2 * most <= total:
        return ""
    return f"{_word(most)} of your {_word(total).lower()} referrals came from one {kinds.get(pk, 'partner')}: {name}."


WORDS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def _word(number: int) -> str:
    return WORDS[number] if number < len(WORDS) else f"{number:,}"
