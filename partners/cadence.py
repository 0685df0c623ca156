"""How often to be in touch: where a partner stands in it, and whether one person can keep it all up.

The days themselves are kept in ``Rhythm``; here they are only compared with today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Count, Q
from django.utils import timezone

from partners.actions.snoozing import snooze, unsnooze
from partners.models import COURTING, SENDING, CadencePolicy, Partner, Stage, Tier

__all__ = ["Band", "Load", "band", "load", "snooze", "unsnooze"]

Band = Literal["fresh", "due", "quiet", ""]


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
    sending = Q(stage__in=SENDING)
    resting = Q(stage=Stage.DORMANT)
    paces = {
        "courting_ideal": ~sending & ~resting,
        "a_ideal": sending & Q(tier=Tier.A),
        "b_ideal": sending & Q(tier=Tier.B),
        "c_ideal": sending & Q(tier=Tier.C),
        "dormant_ideal": resting,
    }
    expected = Partner.objects.current().order_by().filter(rhythm__ideal_on__isnull=False)
    counted = expected.aggregate(
        in_book=Count("pk", filter=~resting),
        courting=Count("pk", filter=Q(stage__in=COURTING)),
        **{name: Count("pk", filter=those) for name, those in paces.items()},
    )
    return Load(
        expected_a_week=sum(7 * counted[name] / getattr(policy, name) for name in paces),
        capacity=policy.weekly_touches,
        courting=counted["courting"],
        most_courting=policy.most_courting,
        in_book=counted["in_book"],
        most_in_book=policy.most_partners,
    )
