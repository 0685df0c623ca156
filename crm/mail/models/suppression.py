from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.people.models import Contact


def address_hash(email: str) -> bytes:
    """The SHA-256 of an address, case and surrounding spaces ignored: what a suppression remembers."""
    return hashlib.sha256(email.strip().lower().encode()).digest()


class Closure(NamedTuple):
    """An address that is to be closed: for what, why, and since when."""

    email_hash: bytes
    scope: str
    reason: str
    since: datetime


# The stronger reason stays, and of two alike the earlier. So it does not matter which of them was heard of first.
CLOSE = """
INSERT INTO mail_suppression AS known (email_hash, scope, reason, created_at)
SELECT DISTINCT ON (email_hash, scope) email_hash, scope, reason, since
FROM unnest(%(hashes)s::bytea[], %(scopes)s::text[], %(reasons)s::text[], %(since)s::timestamptz[])
    AS heard (email_hash, scope, reason, since)
WHERE NOT EXISTS (
    SELECT FROM mail_reopening opened
    WHERE opened.email_hash = heard.email_hash AND opened.scope = heard.scope AND opened.at >= heard.since
)
ORDER BY email_hash, scope, array_position(%(strongest)s::text[], reason), since
ON CONFLICT (email_hash, scope) DO UPDATE SET reason = excluded.reason, created_at = excluded.created_at
WHERE (array_position(%(strongest)s::text[], excluded.reason::text), excluded.created_at)
    < (array_position(%(strongest)s::text[], known.reason::text), known.created_at)
"""


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of(self, email: str) -> SuppressionQuerySet:
        return self.filter(email_hash=address_hash(email))

    def by_their_own_word(self) -> SuppressionQuerySet:
        """What the reader closed themselves, and may therefore open again themselves."""
        return self.filter(scope=Suppression.Scope.LETTERS, reason=Suppression.Reason.UNSUBSCRIBED)

    def by_anybody_else(self) -> SuppressionQuerySet:
        """What only the practice can open: a bounce, a complaint, a row added by hand."""
        return self.exclude(scope=Suppression.Scope.LETTERS, reason=Suppression.Reason.UNSUBSCRIBED)

    def scopes_of(self, emails: Iterable[str]) -> dict[str, set[str]]:
        """Which scopes are closed for each of these addresses, asked in one query."""
        hashes = {email: address_hash(email) for email in emails}
        in_hex = ",".join(digest.hex() for digest in hashes.values())  # one parameter, however many they are
        among = RawSQL("SELECT decode(unnest(string_to_array(%s, ',')), 'hex')", [in_hex])
        closed: dict[bytes, set[str]] = {}
        for digest, scope in self.filter(email_hash__in=among).order_by().values_list("email_hash", "scope"):
            closed.setdefault(bytes(digest), set()).add(scope)
        return {email: closed[digest] for email, digest in hashes.items() if digest in closed} if closed else {}

    def close(self, closures: Iterable[Closure]) -> int:
        """Close addresses, each once, unless they were opened again since; return how many rows that changed."""
        rows = list(closures)
        if not rows:
            return 0
        hashes, scopes, reasons, since = (list(column) for column in zip(*rows, strict=True))
        strongest = [str(reason) for reason in Suppression.STRONGEST]
        with connection.cursor() as cursor:
            cursor.execute(
                CLOSE,
                {"hashes": hashes, "scopes": scopes, "reasons": reasons, "since": since, "strongest": strongest},
            )
            return cursor.rowcount


class Suppression(models.Model):
    """Never write to this address. Only its hash is kept, so the row can outlive the contact."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "The address does not exist"
        COMPLAINED = "complained", "Marked a letter as spam"
        BY_HAND = "by_hand", "Added by hand"
        TURNED_AWAY = "turned_away", "Turned away three times"

    class Scope(models.TextChoices):
        ALL = "all", "Everything"
        LETTERS = "letters", "Letters"

    STRONGEST = (Reason.COMPLAINED, Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.BY_HAND, Reason.TURNED_AWAY)
    OURS = (Reason.BOUNCED, Reason.BY_HAND, Reason.TURNED_AWAY)  # nobody's own wish, so the office may open them again

    email_hash = models.BinaryField(max_length=32)
    scope = models.CharField(
        "closed for",
        max_length=8,
        choices=Scope.choices,
        default=Scope.LETTERS,
        help_text="Closed for letters, the address still gets confirmations and reminders.",
    )
    reason = models.CharField(max_length=14, choices=Reason.choices)
    created_at = models.DateTimeField("since", default=timezone.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "closed address"
        verbose_name_plural = "closed addresses"
        constraints = [models.UniqueConstraint(fields=["email_hash", "scope"], name="suppression_once")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.get_scope_display()}"

    @property
    def fingerprint(self) -> str:
        """The first digits of the hash: enough to tell two rows apart, and no address."""
        return bytes(self.email_hash).hex()[:12]


class ReopeningQuerySet(models.QuerySet["Reopening"]):
    def note(self, email_hash: bytes, *, scope: str) -> None:
        """Write down that an address is open again from now on."""
        self.update_or_create(email_hash=email_hash, scope=scope, defaults={"at": timezone.now()})


class Reopening(models.Model):
    """A closed address was opened again: what the provider reported before then does not close it anew."""

    email_hash = models.BinaryField(max_length=32)
    scope = models.CharField(max_length=8, choices=Suppression.Scope.choices, default=Suppression.Scope.ALL)
    at = models.DateTimeField(default=timezone.now)

    objects = ReopeningQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email_hash", "scope"], name="reopening_once")]

    def __str__(self) -> str:
        return f"{bytes(self.email_hash).hex()[:12]} at {self.at:%Y-%m-%d %H:%M}"


class Pause(models.Model):
    """Somebody asked for no letters until a day; they are not unsubscribed."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="pause")
    until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.contact} until {self.until:%Y-%m-%d}"
