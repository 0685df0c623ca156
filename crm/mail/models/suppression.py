from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.mail.models.messages import CONSENT_NEEDED, Message
from crm.people.models import Contact


def address_hash(email: str) -> bytes:
    """The SHA-256 of an address, case and surrounding spaces ignored: what a suppression remembers."""
    return hashlib.sha256(email.strip().lower().encode()).digest()


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of(self, email: str) -> SuppressionQuerySet:
        return self.filter(email_hash=address_hash(email))

    def against(self, message: Message) -> SuppressionQuerySet:
        """What keeps this very message from its address."""
        scopes = [
            Suppression.Scope.ALL,
            *([Suppression.Scope.LETTERS] if message.message_class in CONSENT_NEEDED else []),
        ]
        return self.of(message.to_email).filter(scope__in=scopes)

    def by_their_own_word(self) -> SuppressionQuerySet:
        """What the reader closed themselves, and may therefore open again themselves."""
        return self.filter(scope=Suppression.Scope.LETTERS, reason=Suppression.Reason.UNSUBSCRIBED)

    def by_anybody_else(self) -> SuppressionQuerySet:
        """What only the practice can open: a bounce, a complaint, a row added by hand."""
        return self.exclude(scope=Suppression.Scope.LETTERS, reason=Suppression.Reason.UNSUBSCRIBED)

    def scopes_of(self, emails: Iterable[str]) -> dict[str, set[str]]:
        """Which scopes are closed for each of these addresses, asked in one query."""
        hashes = {email: address_hash(email) for email in emails}
        among = RawSQL("SELECT unnest(%s::bytea[])", [list(hashes.values())])  # one parameter, however many they are
        closed: dict[bytes, set[str]] = {}
        for digest, scope in self.filter(email_hash__in=among).order_by().values_list("email_hash", "scope"):
            closed.setdefault(bytes(digest), set()).add(scope)
        return {email: closed[digest] for email, digest in hashes.items() if digest in closed} if closed else {}


class Suppression(models.Model):
    """Never write to this address. Only its hash is kept, so the row can outlive the contact."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "The address does not exist"
        COMPLAINED = "complained", "Marked a letter as spam"
        BY_HAND = "by_hand", "Added by hand"

    class Scope(models.TextChoices):
        ALL = "all", "Everything"
        LETTERS = "letters", "Letters"

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


class Reopening(models.Model):
    """A closed address was opened again by hand: what the provider reported before then does not close it anew."""

    email_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{bytes(self.email_hash).hex()[:12]} at {self.at:%Y-%m-%d %H:%M}"


class Pause(models.Model):
    """Somebody asked for no letters until a day; they are not unsubscribed."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="pause")
    until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.contact} until {self.until:%Y-%m-%d}"
