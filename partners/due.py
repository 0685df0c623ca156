"""What is due with partners, cut to what a page or an e-mail can show. Today and the morning's e-mail share it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, Value, When, Window
from django.db.models.functions import RowNumber

from partners.models import THANKS_LATE, FollowUp, Partner, Referral

SHOWN = 10
COMING = timedelta(days=14)


@dataclass(frozen=True)
class Section:
    """A list cut at SHOWN, and how many there are in truth."""

    rows: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        return max(0, self.total - len(self.rows))


def section(rows: Iterable[Any]) -> Section:
    """Every row carries how many there are."""
    rows = list(rows)
    return Section(rows, rows[0].total if rows else 0)


def to_dos(today: date, *, until: timedelta = COMING) -> dict[str, Section]:
    """The open to dos by urgency: overdue, due, meetings ahead and other things coming; one query, however many."""
    urgency = Case(
        When(due_on__lt=today, then=Value("overdue")),
        When(due_on=today, then=Value("due")),
        When(is_meeting=True, then=Value("meetings")),
        default=Value("coming"),
    )
    ranked = (
        FollowUp.objects.open()
        .filter(due_on__lte=today + until)
        .annotate(
            urgency=urgency,
            rank=Window(RowNumber(), partition_by="urgency", order_by=["due_on", "pk"]),
            total=Window(Count("*"), partition_by="urgency"),
        )
    )
    shown = ranked.filter(rank__lte=SHOWN).select_related("partner", "contact", "step__plan").order_by("due_on", "pk")
    rows: dict[str, list[FollowUp]] = {"overdue": [], "due": [], "meetings": [], "coming": []}
    for todo in shown:
        rows[todo.urgency].append(todo)
    return {name: section(found) for name, found in rows.items()}


def slipping(now: datetime) -> dict[str, Section]:
    """Who has gone quiet, and who is due for a touch; the longest first, both in one query."""
    partners = Partner.objects.current()
    is_quiet = Q(pk__in=partners.gone_quiet(now).order_by().values("pk"))
    ranked = partners.due_for_touch(now).annotate(
        band=Case(When(is_quiet, then=Value("quiet")), default=Value("soon")),
    )
    ranked = ranked.annotate(
        rank=Window(RowNumber(), partition_by="band", order_by=[F("rhythm__latest_on"), F("pk")]),
        total=Window(Count("*"), partition_by="band"),
    )
    rows: dict[str, list[Partner]] = {"quiet": [], "soon": []}
    for partner in ranked.filter(rank__lte=SHOWN).with_rhythm().order_by("rhythm__latest_on", "pk"):
        rows[partner.band].append(partner)  # type: ignore[attr-defined]  # annotated above
    return {name: section(found) for name, found in rows.items()}


def referrals(now: datetime) -> dict[str, Section]:
    """Referrals owed a thank-you for over 48 hours, other thanks owed, and those that wait too long; in one query.

    One that waits for its thanks and for a call stands in both lists.
    """
    thanks = Case(
        When(thanked_at__isnull=False, then=Value("")),
        When(received_at__lt=now - THANKS_LATE, then=Value("late")),
        default=Value("owed"),
    )
    waits = Case(When(~Q(alert="") & Q(state__in=Referral.OPEN_STATES), then=Value(True)), default=Value(False))
    ranked = (
        Referral.objects.standing().with_alert(now).annotate(thanks=thanks, waits=waits)
        .filter(~Q(thanks="") | Q(waits=True))
        .annotate(thanks_rank=_rank("thanks"), thanks_total=_total("thanks"), wait_rank=_rank("waits"),
                  wait_total=_total("waits"))
    )  # fmt: skip
    shown = ranked.filter((~Q(thanks="") & Q(thanks_rank__lte=SHOWN)) | Q(waits=True, wait_rank__lte=SHOWN))
    found = list(shown.select_related("partner").order_by("received_at", "pk"))
    late, owed = ([each for each in found if each.thanks == band][:SHOWN] for band in ("late", "owed"))
    ageing = [each for each in found if each.waits][:SHOWN]
    return {
        "late": Section(late, late[0].thanks_total if late else 0),
        "owed": Section(owed, owed[0].thanks_total if owed else 0),
        "ageing": Section(ageing, ageing[0].wait_total if ageing else 0),
    }


def _rank(part: str) -> Window:
    return Window(RowNumber(), partition_by=part, order_by=["received_at", "pk"])


def _total(part: str) -> Window:
    return Window(Count("*"), partition_by=part)
