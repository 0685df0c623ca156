"""Hours and money in, referrals and evaluations out: by partner, by kind, by month.

Gifts are left out on purpose, and so is money for each referral: nothing we give is a price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, DateField, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.formats import date_format

from partners.models import Kind, Partner, Referral, Touch
from partners.results.spans import Span

What = Touch.TouchKind
# What a touch takes, in minutes, where nobody wrote it down. Our guess, and marked as one.
USUAL_MINUTES = {
    What.VISIT: 45,
    What.CALL: 15,
    What.TEXT: 5,
    What.EMAIL: 10,
    What.MEETING: 60,
    What.CLASS: 75,
    What.PURCHASE: 15,
    What.DM: 5,
    What.CARD: 10,
    What.INTRO: 10,
    What.CONTENT: 20,
    What.FREE_SCREEN: 60,
    What.ADVICE_ASKED: 30,
    What.REPORTED_BACK: 10,
    What.WORKSHOP: 120,
    What.THANKS: 10,
    What.VOICEMAIL: 5,
    What.ISSUE: 30,
}
BY = {"partner": "Partner", "kind": "Kind", "month": "Month"}
COLUMNS = ("Touches", "Hours", "Of them guessed, in percent", "Money", "Referrals", "Evaluations")


@dataclass
class Row:
    """One partner, kind or month."""

    label: str
    url: str = ""
    touches: int = 0
    minutes: int = 0
    guessed_minutes: int = 0
    cost_cents: int = 0
    referrals: int = 0
    evaluations: int = 0

    @property
    def hours(self) -> float:
        return self.minutes / 60

    @property
    def money(self) -> float:
        return self.cost_cents / 100

    @property
    def guessed_percent(self) -> int:
        return round(100 * self.guessed_minutes / self.minutes) if self.minutes else 0

    @property
    def cells(self) -> list[object]:
        """As a spreadsheet gets them."""
        hours, money = f"{self.hours:.1f}", f"{self.money:.2f}"
        return [self.label, self.touches, hours, self.guessed_percent, money, self.referrals, self.evaluations]


def rows(span: Span, by: str) -> list[Row]:
    """What went in and what came out in this time; three queries. Who brought most comes first, months in their order."""
    touched, sent = _keys(by)
    found: dict[Any, Row] = {}
    for line in _touches(span, touched):
        row = found.setdefault(line["key"], Row(""))
        row.touches, row.minutes, row.guessed_minutes = line["n"], line["spent"] or 0, line["guessed"] or 0
        row.cost_cents = line["cost"] or 0
    for line in _referrals(span, sent):
        row = found.setdefault(line["key"], Row(""))
        row.referrals, row.evaluations = line["n"], line["seen"]
    _name(found, by)
    if by == "month":
        return [found[key] for key in sorted(found)]
    return sorted(found.values(), key=lambda row: (-row.evaluations, -row.referrals, -row.minutes, row.label))


def total(found: Iterable[Row]) -> Row:
    """All of it together."""
    everything = Row("All")
    for row in found:
        for name in ("touches", "minutes", "guessed_minutes", "cost_cents", "referrals", "evaluations"):
            setattr(everything, name, getattr(everything, name) + getattr(row, name))
    return everything


def _keys(by: str) -> tuple[Any, Any]:
    if by == "month":
        return TruncMonth("occurred_at", output_field=DateField()), TruncMonth("received_at", output_field=DateField())
    column = "partner_id" if by == "partner" else "partner__kind"
    return F(column), F(column)


def _touches(span: Span, key: Any) -> Iterable[Any]:
    usual = Case(
        *(When(kind=kind, then=Value(minutes)) for kind, minutes in USUAL_MINUTES.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
    within = Touch.objects.standing().order_by().filter(occurred_at__gte=span.since, occurred_at__lt=span.until)
    counted: Any = (
        within.annotate(key=key)
        .values("key")
        .annotate(
            n=Count("pk"),
            spent=Sum(Coalesce("minutes", usual)),
            guessed=Sum(usual, filter=Q(minutes=None)),
            cost=Sum("cost_cents"),
        )
    )
    return counted


def _referrals(span: Span, key: Any) -> Iterable[Any]:
    within = Referral.objects.standing().order_by().filter(received_at__gte=span.since, received_at__lt=span.until)
    seen = Count("pk", filter=Q(evaluated_at__isnull=False))
    counted: Any = within.annotate(key=key).values("key").annotate(n=Count("pk"), seen=seen)
    return counted


def _name(found: dict[Any, Row], by: str) -> None:
    partners = Partner.objects.in_bulk(list(found)) if by == "partner" else {}
    for key, row in found.items():
        if by == "partner":
            row.label, row.url = str(partners[key]), partners[key].get_absolute_url()
        else:
            row.label = str(Kind(key).label) if by == "kind" else _month(key)


def _month(first: date) -> str:
    return date_format(first, "YEAR_MONTH_FORMAT")
