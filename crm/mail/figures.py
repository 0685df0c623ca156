"""How well sending goes, in figures. They come from the requests and the reports: the outbox itself is never counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Q, Sum
from django.db.models.functions import TruncHour

from crm.mail.history import moment, sentence
from crm.mail.lanes import speed_of
from crm.mail.models import Batch, DeliveryEvent, EventReport, Lane, Message, Suppression
from crm.mail.outbox import COUNTED

HOURS = 24
BAR, GAP, HIGH = 18, 6, 96
REPORTING = ("sendgrid",)
WAYS = {"sendgrid": "SendGrid", "smtp": "Mail server", "client": "Client mail", "local": "This machine"}
STOPPED = "Sending has stopped. "  # as a lane's reason begins
CERTAINTY = 1.96  # of 95 in 100
Fate, End = Message.Fate, Batch.Outcome


@dataclass
class Hour:
    """One bar: what was handed over in an hour, and how much came back."""

    starts_at: datetime
    handed_over: int = 0
    delivered: int = 0
    failed: int = 0
    x: int = 0
    height: int = 0
    failed_height: int = 0

    @property
    def y(self) -> int:
        return HIGH - self.height

    @property
    def failed_y(self) -> int:
        return HIGH - self.failed_height


@dataclass
class Day:
    """The last 24 hours, hour by hour."""

    hours: list[Hour]

    @property
    def last(self) -> Hour:
        return self.hours[-1]

    @property
    def handed_over(self) -> int:
        return sum(hour.handed_over for hour in self.hours)

    @property
    def delivered(self) -> int:
        return sum(hour.delivered for hour in self.hours)

    @property
    def failed(self) -> int:
        return sum(hour.failed for hour in self.hours)


def day(now: datetime) -> Day:
    """What the last 24 hours did: two queries along their indexes."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = {at: Hour(at) for at in (this_hour - timedelta(hours=back) for back in reversed(range(HOURS)))}
    since = min(hours)
    left = Batch.objects.filter(claimed_at__gte=since, outcome=End.ACCEPTED).order_by()
    for at, count in left.values_list(TruncHour("claimed_at")).annotate(Sum("size")):
        if at in hours:
            hours[at].handed_over = count
    told = DeliveryEvent.objects.filter(happened_at__gte=since, rank__gte=Fate.DELIVERED).order_by()
    by_hour = told.values_list(TruncHour("happened_at"))
    for at, delivered, failed in by_hour.annotate(
        delivered=Count("pk", filter=Q(rank=Fate.DELIVERED)), failed=Count("pk", filter=Q(rank__gt=Fate.DELIVERED))
    ):
        if at in hours:
            hours[at].delivered, hours[at].failed = delivered, failed
    return Day(_drawn(list(hours.values())))


def _drawn(hours: list[Hour]) -> list[Hour]:
    most = max([1, *(max(hour.handed_over, hour.failed) for hour in hours)])
    for place, hour in enumerate(hours):
        hour.x = place * (BAR + GAP)
        hour.height = _tall(hour.handed_over, most)
        hour.failed_height = _tall(hour.failed, most)
    return hours


def _tall(count: int, most: int) -> int:
    return max(2, round(HIGH * count / most)) if count else 0


@dataclass(frozen=True)
class Waiting:
    """What has not left yet; counted to a point and no further."""

    due: int
    later: int
    is_more: bool


def waiting(now: datetime) -> Waiting:
    queued = Message.objects.filter(due_at__isnull=False).order_by()[:COUNTED]
    found = queued.aggregate(due=Count("pk", filter=Q(due_at__lte=now)), later=Count("pk", filter=Q(due_at__gt=now)))
    return Waiting(found["due"], found["later"], found["due"] + found["later"] >= COUNTED)


def sent(now: datetime) -> dict[str, int]:
    """How many messages left in the last minute; and in 7 and 30 days, through a provider that reports on them."""
    week, month = now - timedelta(days=7), now - timedelta(days=30)
    reporting = Q(transport__in=REPORTING)
    return Batch.objects.filter(claimed_at__gte=month, outcome=End.ACCEPTED).aggregate(
        minute=Sum("size", default=0, filter=Q(claimed_at__gte=now - timedelta(minutes=1))),
        week=Sum("size", default=0, filter=reporting & Q(claimed_at__gte=week)),
        month=Sum("size", default=0, filter=reporting),
    )


@dataclass(frozen=True)
class LaneNow:
    """One way out, as it may be used now."""

    lane: Lane
    now: datetime

    @property
    def name(self) -> str:
        return WAYS.get(self.lane.transport, self.lane.transport)

    @property
    def words(self) -> str:
        lane = self.lane
        if lane.is_stopped:
            return f"Stopped until somebody mends something. {lane.reason.removeprefix(STOPPED)}"
        if lane.paused_until and lane.paused_until > self.now:
            return sentence(f"Paused until {moment(lane.paused_until)}") + f" {lane.reason}"
        limit = speed_of(lane, self.now)
        if limit is not None:
            return f"Slowed down to {limit:,.0f} messages a second, and getting faster by itself. {lane.reason}"
        return "Open, at full speed."


def lanes(now: datetime) -> list[LaneNow]:
    """Every way out that its provider has taught us something about."""
    return [LaneNow(lane, now) for lane in Lane.objects.order_by("transport")]


@dataclass(frozen=True)
class Limit:
    """What counts as good, what never may be, and who says so."""

    good: float
    never: float
    source: str


COMPLAINTS = Limit(
    0.001,
    0.003,
    "Gmail asks every sender to stay below 0.10 %, and never to reach 0.30 % (its rules for senders, 2024).",
)
BOUNCES = Limit(
    0.02,
    0.05,
    "No mailbox provider publishes a limit. 2 % is the rule of thumb among senders; at 5 % Amazon's mail service "
    "puts a sender under review.",
)  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """So many of so many, and what may honestly be said about it."""

    name: str
    days: int
    count: int
    of: int
    limit: Limit

    @property
    def percent(self) -> float:
        return 100 * self.count / self.of if self.of else 0.0

    @property
    def verdict(self) -> str:
        """good, high or over where the figures carry it; few where chance alone could have made them."""
        if not self.of:
            return "none"
        low, high = _between(self.count, self.of)
        if low > self.limit.never:
            return "over"
        if low > self.limit.good:
            return "high"
        return "good" if high <= self.limit.never and self.count / self.of <= self.limit.good else "few"

    @property
    def words(self) -> str:
        of = f"{self.count:,} of {self.of:,}"
        match self.verdict:
            case "none":
                return "Nothing was sent, so there is nothing to say."
            case "good":
                return f"{of}: good."
            case "high":
                return f"{of}: higher than is good. Look at who bounced or complained before the next letter."
            case "over":
                return f"{of}: over the limit. Send no letter until you know why."
        return f"{of}: too few to judge."


def _between(count: int, of: int) -> tuple[float, float]:
    """Where the true share lies in 95 cases of 100 (Wilson's interval)."""
    share, square = count / of, CERTAINTY**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    spread = CERTAINTY / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    return max(0.0, middle - spread), middle + spread


def rates(now: datetime, sent: dict[str, int]) -> list[Rate]:
    """Bounces and complaints of the last 7 and 30 days, among what a reporting provider took."""
    week, month = now - timedelta(days=7), now - timedelta(days=30)
    wrong = DeliveryEvent.objects.filter(happened_at__gte=month, rank__in=(Fate.BOUNCED, Fate.COMPLAINED)).order_by()
    told = {
        rank: {"week": in_week, "month": in_month}
        for rank, in_week, in_month in wrong.values_list("rank").annotate(
            week=Count("message", distinct=True, filter=Q(happened_at__gte=week)),
            month=Count("message", distinct=True),
        )
    }
    return [
        Rate(name, days, told.get(rank, {}).get(span, 0), sent[span], limit)
        for name, rank, limit in (("Marked as spam", Fate.COMPLAINED, COMPLAINTS), ("Bounced", Fate.BOUNCED, BOUNCES))
        for days, span in ((7, "week"), (30, "month"))
    ]


@dataclass(frozen=True)
class Closed:
    """Addresses that were closed lately, for one reason."""

    reason: str
    week: int
    month: int


def closed_addresses(now: datetime) -> list[Closed]:
    week, month = now - timedelta(days=7), now - timedelta(days=30)
    counted = Suppression.objects.filter(created_at__gte=month).order_by().values_list("reason")
    found = counted.annotate(week=Count("pk", filter=Q(created_at__gte=week)), month=Count("pk"))
    return [Closed(Suppression.Reason(reason).label, in_week, in_month) for reason, in_week, in_month in found]


@dataclass(frozen=True)
class Reports:
    """What the provider's webhook has brought."""

    last_at: datetime | None
    are_waiting: bool


def reports() -> Reports:
    unread = EventReport.objects.filter(applied_at=None)
    last = EventReport.objects.order_by("-received_at").annotate(unread=Exists(unread)).values("received_at", "unread")
    found = last.first()
    return Reports(found["received_at"], found["unread"]) if found else Reports(None, False)
