"""What the class of a message decides: one rule for each, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from django.conf import settings

from crm.mail.models import CONSENT_NEEDED, MessageClass
from crm.people.models import Purpose

CAP_SPAN = timedelta(days=7)
NIGHT_FROM, NIGHT_UNTIL, MORNING = time(21), time(7), time(8)


class AfterUnknown(Enum):
    """What becomes of a message nobody can say has left."""

    REPEAT = "sent once more, while it is of use: a reminder twice harms less than none"
    ASK = "left to the owner: a letter twice harms more than none"


@dataclass(frozen=True)
class Rule:
    """How one class of message may travel."""

    purpose: Purpose | None  # the consent it needs
    keeps_hours: bool  # leaves only between the practice's hours for letters, by the recipient's clock
    weekly_cap: int | None  # at most so many of this class to one contact in seven days
    lifetime: timedelta  # how long it stays worth sending, unless whoever queues it says otherwise
    after_unknown: AfterUnknown
    shares_requests: bool  # may travel with others of the same content; alone, one lost answer leaves one unknown


RULES = {
    MessageClass.TRANSACTIONAL: Rule(None, False, None, timedelta(days=3), AfterUnknown.REPEAT, False),
    MessageClass.CARE: Rule(CONSENT_NEEDED[MessageClass.CARE], True, None, timedelta(days=3), AfterUnknown.ASK, False),
    MessageClass.MARKETING: Rule(
        CONSENT_NEEDED[MessageClass.MARKETING], True, 2, timedelta(days=14), AfterUnknown.ASK, True
    ),
    MessageClass.PARTNER: Rule(
        CONSENT_NEEDED[MessageClass.PARTNER], True, 2, timedelta(days=14), AfterUnknown.ASK, True
    ),
    MessageClass.SYSTEM: Rule(None, False, None, timedelta(days=1), AfterUnknown.ASK, False),
}
SHARING = tuple(name for name, rule in RULES.items() if rule.shares_requests)
REPEATED = tuple(name for name, rule in RULES.items() if rule.after_unknown == AfterUnknown.REPEAT)


def rule_of(message_class: str) -> Rule:
    return RULES[message_class]  # type: ignore[index]  # a MessageClass is the string it stands for


def next_opening(now: datetime, *, zone: ZoneInfo, opens: time, closes: time) -> datetime | None:
    """When the hours for letters begin next in this zone; None while they are open.

    The wall clock decides, so a day with a changed clock keeps its hours.
    """
    local = now.astimezone(zone)
    if opens <= local.time() < closes:
        return None
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, zone)


def is_night(at: datetime, zone: ZoneInfo) -> bool:
    """Does a clock in this zone say that people sleep?"""
    local = at.astimezone(zone).time()
    return local >= NIGHT_FROM or local < NIGHT_UNTIL


def after_night(at: datetime, zone: ZoneInfo) -> datetime:
    """The same moment, or the morning after it where it is night."""
    if not is_night(at, zone):
        return at
    local = at.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= NIGHT_FROM)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def agreement_missing(message_class: str, *, transport: str) -> str:
    """Why this transport may not carry letters to clients; empty where it may. What stays here needs no agreement."""
    if message_class != MessageClass.CARE or transport == "local":
        return ""
    if transport == "sendgrid":
        name, is_signed = "SENDGRID_BAA_SIGNED_ON", settings.SENDGRID_BAA_SIGNED_ON
    else:
        name, is_signed = "CLIENT_MAIL_URL and CLIENT_MAIL_BAA_SIGNED_ON", settings.CLIENT_MAIL_BAA_SIGNED_ON
        is_signed = is_signed if transport == "client" else None
    if is_signed:
        return ""
    return f"Care letters leave only under a signed agreement (BAA), and none is on record. Set {name}."
