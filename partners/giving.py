"""What the law lets us give, and what was given: to one practice, in one calendar year.

PostgreSQL works out who is licensed and what they were given, and refuses what is too much; here it is put in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from crm.people.models import Contact, PracticeProfile, User
from partners.models import Gift, GiftLimit, Partner

Recipient = Gift.Recipient

# States whose kickback laws bind whoever pays, cash included, and what they forbid.
ALL_PAYER = {
    "CA": ("California", "Business and Professions Code 650"),
    "TX": ("Texas", "Occupations Code 102.001"),
    "FL": ("Florida", "Statutes 817.505"),
}
STATE_NAMES = {"CALIFORNIA": "CA", "CALIF": "CA", "TEXAS": "TX", "TEX": "TX", "FLORIDA": "FL", "FLA": "FL"}


def is_licensed(partner: Partner | None, contact: Contact | None) -> bool:
    """Is this a licensed provider, or somebody at their practice? The facts decide, not whoever fills in the form."""
    return bool(_ask("SELECT partners_is_licensed(%s, %s)", partner, contact))


def given_cents(partner: Partner | None, contact: Contact | None, *, year: int) -> int:
    """What this practice as a whole, or this person, was given in a year as licensed."""
    return int(_ask("SELECT partners_gifts_given(%s, %s, %s)", partner, contact, year))


def _ask(question: str, partner: Partner | None, contact: Contact | None, *more: int):
    with connection.cursor() as cursor:
        cursor.execute(question, [partner.pk if partner else None, contact.pk if contact else None, *more])
        return cursor.fetchone()[0]


def dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}".replace(".00", "")


def warnings_of(gift: Gift, *, limits: GiftLimit, before: int) -> list[str]:
    """What is unusual about a gift to somebody licensed, a sentence each; nothing stops it but a reason is kept."""
    found = []
    if gift.value_cents > limits.licensed_item_cents:
        found.append(f"This is more than {dollars(limits.licensed_item_cents)} for one gift.")
    total = before + gift.value_cents
    if total > limits.licensed_year_cents:
        year = gift.given_on.year
        found.append(f"With it they had {dollars(total)} in {year}, more than {dollars(limits.licensed_year_cents)}.")
    return found


@dataclass(frozen=True)
class Limits:
    """The limits that hold for a year, and whether they were written down for it."""

    year: int
    row: GiftLimit | None

    @classmethod
    def on(cls, day: date) -> Limits:
        return cls(day.year, GiftLimit.objects.of(day.year))

    @property
    def note(self) -> str:
        """What to say where the limits are those of another year, or none at all."""
        if self.row is None:
            return f"There are no limits for {self.year} yet. Write them down before you log a gift."
        if self.row.year != self.year:
            return f"Nobody has written down the limits of {self.year} yet, so those of {self.row.year} hold."
        return ""

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Who, and what holds for them."""
        row = self.row
        if row is None:
            return []
        return [
            (
                "Licensed providers and their practices",
                f"No cash, no gift cards. Above {dollars(row.licensed_item_cents)} a gift or "
                f"{dollars(row.licensed_year_cents)} a year, write down why. "
                f"Never above {dollars(row.licensed_stop_cents)} a year for the whole practice.",
            ),
            (
                "Patients",
                f"No cash, no gift cards. Never above {dollars(row.patient_item_cents)} a gift, "
                f"and {dollars(row.patient_year_cents)} a year. Nobody is named here, so keep each patient’s count "
                "of the year in your clinical records.",
            ),
        ]


def state_notice(profile: PracticeProfile) -> str:
    """What a practice in one of the strict states has to know; empty elsewhere."""
    region = profile.region.strip().strip(".").upper()
    found = ALL_PAYER.get(STATE_NAMES.get(region, region))
    if not found:
        return ""
    state, law = found
    return (
        f"{state} ({law}) forbids anything of value for sending a patient, whoever pays. "
        "That your patients pay cash is no safe harbour. Give for what somebody did, never for whom they sent."
    )


@dataclass(frozen=True)
class Bar:
    """A year's total beside its limits, as a bar that is full at the stop."""

    total: int
    limits: GiftLimit

    @property
    def percent(self) -> int:
        return (
            min(100, round(100 * self.total / self.limits.licensed_stop_cents))
            if self.limits.licensed_stop_cents
            else 100
        )

    @property
    def warn_percent(self) -> int:
        return round(100 * self.limits.licensed_year_cents / self.limits.licensed_stop_cents)

    @property
    def is_over_warning(self) -> bool:
        return self.total > self.limits.licensed_year_cents

    @property
    def sentence(self) -> str:
        row = self.limits
        left = max(0, row.licensed_stop_cents - self.total)
        if self.is_over_warning:
            return (
                f"{dollars(self.total)} of {dollars(row.licensed_stop_cents)}. {dollars(left)} is left before the stop."
            )
        return f"{dollars(self.total)} of {dollars(row.licensed_year_cents)}, then a reason is asked. The stop is {dollars(row.licensed_stop_cents)}."


def for_page(partner: Partner, user: User) -> dict:
    """The gifts of this year to one partner, beside the limits where they are licensed."""
    if not user.has_perm("partners.view_gift"):
        return {"gifts": None}
    limits = Limits.on(timezone.localdate())
    gifts = list(Gift.objects.standing().of(partner).in_year(limits.year).select_related("contact", "partner"))
    licensed = is_licensed(partner, None)
    is_barred = licensed and limits.row is not None
    total = given_cents(partner, None, year=limits.year) if licensed else sum(gift.value_cents for gift in gifts)
    return {
        "gifts": gifts,
        "gifts_total": total,
        "gifts_bar": Bar(total, limits.row) if is_barred and limits.row else None,
        "gift_limits": limits,
    }
