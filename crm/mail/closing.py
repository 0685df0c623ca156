"""Which addresses the provider's reports close, for what, and since when.

The rules read all that is known of an address, and not what came last, so the order of the reports does not matter.
No report ever opens an address that was closed for a person's own sake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from crm.mail.actions import UNSUBSCRIBE_PROVIDER, stop_letters
from crm.mail.models import Closure, DeliveryEvent, Message, Reopening, Suppression, address_hash
from crm.people.models import Contact

Reason, Scope = Suppression.Reason, Suppression.Scope

CLOSING = ("bounce", "dropped", "spamreport", "unsubscribe", "group_unsubscribe")
# The provider drops what it would not send anyway; its exact words tell why. “Invalid SMTPAPI header” is our fault.
DROPPED = {
    "bounced address": (Scope.ALL, Reason.BOUNCED),
    "invalid": (Scope.ALL, Reason.BOUNCED),
    "unsubscribed address": (Scope.LETTERS, Reason.UNSUBSCRIBED),
    "spam reporting address": (Scope.LETTERS, Reason.COMPLAINED),
}
SOURCES = {Reason.UNSUBSCRIBED: UNSUBSCRIBE_PROVIDER, Reason.COMPLAINED: "spam report"}

TURNED_AWAY = 3
TURNED_AWAY_WITHIN = timedelta(days=30)
# A block for one of these is about us and not about the address: it must not empty the list of the practice.
OUR_OWN_FAULT = ("Content", "Frequency or Volume Too High", "Reputation", "Technical Failure")


ADDRESS = Lower(KeyTextTransform("email", "raw"))


def close_addresses(events: QuerySet[DeliveryEvent]) -> None:
    """Close what these events close, each by itself or together with what we knew."""
    closing = events.filter(kind__in=CLOSING).select_related("message__contact").order_by("happened_at", "event_id")
    gone = [closure for event in closing if (closure := _take_off(event))]
    Suppression.objects.close(gone)
    turned_away = events.filter(kind="blocked").annotate(address=ADDRESS).values_list("address", flat=True)
    judge({address for address in turned_away if address})


def _take_off(event: DeliveryEvent) -> Closure | None:
    """Take a reader off the letters, or return what closes their address for everything."""
    address, verdict = address_of(event), verdict_on(event)
    if not address or verdict is None:
        return None
    scope, reason = verdict
    if scope == Scope.ALL:
        return Closure(address_hash(address), scope, reason, event.happened_at)
    stop_letters(
        address,
        contact=event.message.contact if event.message else Contact.objects.known_by(address),
        after=event.message,
        reason=reason,
        source=SOURCES[reason],
        evidence=f"The provider's event {event.event_id}.",
        at=event.happened_at,
    )
    return None


def verdict_on(event: DeliveryEvent) -> tuple[Suppression.Scope, Suppression.Reason] | None:
    """What this event alone closes, and why."""
    match event.kind:
        case "bounce":
            return Scope.ALL, Reason.BOUNCED
        case "dropped":
            return DROPPED.get(event.reason.strip().lower())
        case "spamreport":
            return Scope.LETTERS, Reason.COMPLAINED
        case "unsubscribe" | "group_unsubscribe":
            return Scope.LETTERS, Reason.UNSUBSCRIBED
    return None


def address_of(event: DeliveryEvent) -> str:
    """Whom the event is about."""
    address = event.raw.get("email")
    if isinstance(address, str) and "@" in address:
        return address
    return event.message.to_email if event.message else ""


def judge(addresses: Iterable[str]) -> None:
    """Close those of these addresses that keep turning us away, and open those of which that is no longer true."""
    since = {address_hash(address): at for address, at in _turning_away(set(addresses)).items()}
    known = Suppression.objects.filter(reason=Reason.TURNED_AWAY, email_hash__in=since)
    wrong = [row.pk for row in known if row.created_at != since[bytes(row.email_hash)]]
    Suppression.objects.filter(pk__in=wrong, reason=Reason.TURNED_AWAY).delete()
    Suppression.objects.close(
        Closure(digest, Scope.ALL, Reason.TURNED_AWAY, at) for digest, at in since.items() if at is not None
    )


def look_again() -> None:
    """Ask once more of each address that turned us away: has it taken a message since?"""
    closed = Suppression.objects.filter(reason=Reason.TURNED_AWAY).values_list("email_hash", flat=True)
    hashes = {bytes(digest) for digest in closed}
    if hashes:
        judge(address for address in addresses_that_blocked() if address_hash(address) in hashes)


def addresses_that_blocked() -> list[str]:
    """Every address that has ever turned a message away."""
    blocks = DeliveryEvent.objects.filter(kind="blocked").annotate(address=ADDRESS).exclude(address=None)
    return list(blocks.order_by("address").values_list("address", flat=True).distinct())


def _turning_away(addresses: set[str]) -> dict[str, datetime | None]:
    """Since when each of these addresses counts as one that keeps turning us away; None for one that does not."""
    blocks = _blocks(addresses)
    often = {address: times for address, times in blocks.items() if len(times) >= TURNED_AWAY}
    accepted = _last_accepted(often)
    opened = Reopening.objects.filter(scope=Scope.ALL, email_hash__in=[address_hash(address) for address in often])
    opened_at = {bytes(row.email_hash): row.at for row in opened}
    since: dict[str, datetime | None] = dict.fromkeys(addresses)
    for address, times in often.items():
        fresh_start = max(filter(None, [accepted.get(address), opened_at.get(address_hash(address))]), default=None)
        since[address] = _third_in_a_row(sorted(at for at in times.values() if fresh_start is None or at > fresh_start))
    return since


def _third_in_a_row(times: list[datetime]) -> datetime | None:
    for first, third in zip(times, times[TURNED_AWAY - 1 :], strict=False):
        if third - first <= TURNED_AWAY_WITHIN:
            return third
    return None


def _blocks(addresses: set[str]) -> dict[str, dict[object, datetime]]:
    """When each message to these addresses was first turned away, for the address's own sake."""
    found: dict[str, dict[object, datetime]] = defaultdict(dict)
    events = DeliveryEvent.objects.filter(kind="blocked").annotate(address=ADDRESS).filter(address__in=addresses)
    for event in events.order_by("happened_at"):
        if event.raw.get("bounce_classification") not in OUR_OWN_FAULT:
            found[event.address].setdefault(event.message_id or event.event_id, event.happened_at)
    return found


def _last_accepted(addresses: Iterable[str]) -> dict[str, datetime]:
    """When each of these addresses last took a message of ours."""
    wanted = set(addresses)
    if not wanted:
        return {}
    blocked = DeliveryEvent.objects.filter(kind="blocked").annotate(address=ADDRESS).filter(address__in=wanted)
    contacts = blocked.exclude(message__contact=None).values("message__contact")
    messages = Message.objects.filter(Q(contact__in=contacts) | Q(contact=None)).annotate(address=Lower("to_email"))
    taken = DeliveryEvent.objects.filter(
        rank=Message.Fate.DELIVERED, message__in=messages.filter(address__in=wanted).values("pk")
    )
    latest = taken.order_by().values_list(Lower("message__to_email")).annotate(Max("happened_at"))
    return dict(latest)
