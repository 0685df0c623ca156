"""How often to be in touch: where a partner stands in it, and whether one person can keep it all up.

The days themselves are kept in ``Rhythm``; here they are only compared with today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format

from crm.people.composed import ask
from crm.people.models import User
from partners import guard
from partners.actions.snoozing import SNOOZES_IN_A_ROW, snooze, unsnooze
from partners.models import COURTING, SENDING, CadencePolicy, Partner, Referral, Rhythm, Stage, Tier, Touch

__all__ = ["Band", "Load", "Picture", "band", "for_page", "load", "picture", "snooze", "to_ease", "unsnooze"]

Band = Literal["fresh", "due", "quiet", ""]
WIDE = 300  # of the picture, in its own units
PAUSE = timedelta(days=30)  # what the page proposes


def band(partner: Partner, *, today: date | None = None) -> Band:
    """Fresh, due (past the ideal day), quiet (past the latest), or nothing where no touch is expected."""
    rhythm, today = partner.rhythm, today or timezone.localdate()
    if rhythm.ideal_on is None or rhythm.latest_on is None or partner.archived_at:
        return ""
    fresh_until = (rhythm.next_step_on, rhythm.meeting_on, rhythm.snoozed_until)
    if any(day and day >= today for day in fresh_until):
        return "fresh"
    if rhythm.latest_on < today:
        return "quiet"
    return "due" if rhythm.ideal_on < today else "fresh"


@dataclass(frozen=True)
class Picture:
    """Where the ideal day, the latest day and today lie on a line of WIDE units that begins with the last touch."""

    ideal: int
    latest: int
    today: int
    wide: int = WIDE

    @property
    def due_width(self) -> int:
        return self.latest - self.ideal

    @property
    def late_width(self) -> int:
        return self.wide - self.latest


def picture(rhythm: Rhythm, *, today: date) -> Picture | None:
    """The line from the last touch over the ideal and the latest day; nothing where no touch is expected."""
    if rhythm.ideal_on is None or rhythm.latest_on is None:
        return None
    begun = timezone.localdate(rhythm.counted_at or rhythm.partner.created_at)
    days = max(1, (rhythm.latest_on - begun).days) * 5 // 4 + 1  # a fifth of the line is for those gone quiet

    def at(day: date) -> int:
        return max(0, min(WIDE, WIDE * (day - begun).days // days))

    return Picture(at(rhythm.ideal_on), at(rhythm.latest_on), at(today))


def for_page(partner: Partner, user: User, *, balance: guard.Balance | None = None) -> dict[str, Any]:
    """What the partner's page says of keeping in touch; the partner is read with_rhythm()."""
    rhythm = partner.rhythm
    today, has_sent = timezone.localdate(), rhythm.referrals > 0
    return {
        "rhythm": rhythm,
        "band": band(partner, today=today),
        "picture": picture(rhythm, today=today),
        "fresh_until": _fresh_until(rhythm, today),
        "must_decide": rhythm.snoozes >= SNOOZES_IN_A_ROW,
        "tiers": list(Tier) if partner.stage in SENDING else [],
        "pause_until": today + PAUSE,
        "lacking": None if has_sent else guard.lacking(partner),
        "balance": (guard.balance(partner) if balance is None else balance) if has_sent else None,
        "may_snooze": user.has_perm("partners.change_partner"),
    }


def _fresh_until(rhythm: Rhythm, today: date) -> list[str]:
    """Why they count as fresh although their day has come, or will."""
    why = [
        ("a meeting is booked for", rhythm.meeting_on),
        ("a next step is promised for", rhythm.next_step_on if rhythm.next_step_on != rhythm.meeting_on else None),
        ("snoozed until", rhythm.snoozed_until),
    ]
    return [f"{words} {date_format(day, 'MONTH_DAY_FORMAT')}" for words, day in why if day and day >= today]


@dataclass(frozen=True)
class Load:
    """What the book asks of a week, beside what one person can keep up."""

    expected_a_week: float
    capacity: int
    courting: int
    most_courting: int
    in_book: int
    most_in_book: int

    @property
    def is_over(self) -> bool:
        return bool(self.sentences)

    @property
    def sentences(self) -> list[str]:
        """What is too much, and what to do about it; nothing where all is well."""
        found = []
        if self.expected_a_week > self.capacity:
            found.append(
                f"Your book asks for {self.expected_a_week:.1f} touches a week, and you can keep up {self.capacity}. "
                "Move a partner a tier down."
            )
        if self.courting > self.most_courting:
            found.append(
                f"You are courting {self.courting} at once, and {self.most_courting} is the most. Pause a few of them."
            )
        if self.in_book > self.most_in_book:
            found.append(
                f"There are {self.in_book} partners in the book, and {self.most_in_book} is the most one person can "
                "know well. Let some go dormant."
            )
        return found


def load() -> Load:
    """Weigh the book: one query, and one for the limits."""
    policy = CadencePolicy.load()
    expected = ask(_expected, now=timezone.now())
    return Load(
        expected_a_week=sum(7 * count / _pace(policy, stage, tier) for stage, tier, count in expected),
        capacity=policy.weekly_touches,
        courting=sum(count for stage, _tier, count in expected if stage in COURTING),
        most_courting=policy.most_courting,
        in_book=sum(count for stage, _tier, count in expected if stage != Stage.DORMANT),
        most_in_book=policy.most_partners,
    )


def _expected(*, now: datetime, key: int) -> QuerySet[Any]:
    """How many are to be touched, by stage and tier."""
    touched = Partner.objects.current().order_by().filter(rhythm__ideal_on__isnull=False)
    return touched.values_list("stage", "tier").annotate(count=Count("pk"))


def _pace(policy: CadencePolicy, stage: str, tier: str) -> int:
    """The days from one touch to the next."""
    if stage in SENDING:
        return getattr(policy, f"{tier}_ideal")
    return policy.dormant_ideal if stage == Stage.DORMANT else policy.courting_ideal


def to_ease() -> QuerySet[Partner]:
    """Whom to move a tier down: of those in A and B, who sent least in the last half year, then whom we gave most."""
    since = timezone.now() - guard.BALANCE_OVER
    sent = Referral.objects.filter(received_at__gt=since, taken_back_at=None, is_quarantined=False)
    given = Touch.objects.standing().filter(guard.GAVE, occurred_at__gt=since)
    return (
        Partner.objects.current()
        .filter(stage__in=SENDING, tier__in=(Tier.A, Tier.B), rhythm__ideal_on__isnull=False)
        .annotate(sent_lately=_count_of(sent), given_lately=_count_of(given))
        .order_by("sent_lately", "-given_lately", "tier", "pk")
    )


def _count_of(rows: QuerySet[Any]) -> Coalesce:
    theirs = rows.order_by().filter(partner=OuterRef("pk")).values("partner").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(theirs, output_field=IntegerField()), 0)
