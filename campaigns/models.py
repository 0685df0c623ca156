from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auditlog.registry import auditlog
from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from campaigns import printing
from campaigns.blocks import LetterBody
from crm.mail.models import Content, Message, MessageClass, Suppression
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose
from partners.models import Kind, Partner, Role, Stage

STALE_AFTER = timedelta(hours=48)


class Letter(DraftStateMixin, RevisionMixin, PreviewableMixin, models.Model):
    """Reusable e-mail content, with drafts and a live preview."""

    name = models.CharField(max_length=120, help_text="Only you see this.")
    subject = models.CharField(max_length=150)
    preheader = models.CharField(
        max_length=150, blank=True, help_text="The grey line beside the subject in most inboxes."
    )
    body = StreamField(LetterBody(), blank=True)
    message_class = models.CharField(
        "sort of letter",
        max_length=14,
        choices=[
            (MessageClass.PARTNER.value, "Partner letter"),
            (MessageClass.MARKETING.value, "News"),
        ],
        default=MessageClass.PARTNER,
        help_text="A partner letter goes to those who agreed to partner letters, news to those who agreed to news and offers.",
    )
    updated_at = models.DateTimeField(auto_now=True)
    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="letter")

    class Meta:
        ordering = [Lower("name"), "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def revisions(self):
        return self._revisions

    @property
    def purpose(self) -> Purpose:
        """What its readers must have agreed to."""
        return Purpose.PARTNER if self.message_class == MessageClass.PARTNER else Purpose.NEWS

    @property
    def standing(self) -> str:
        """Whether it may be sent, in the owner's words."""
        if not self.live:
            return "Draft"
        return "Published, with newer changes" if self.has_unpublished_changes else "Published"

    preview_modes = [("", "Sample contact"), ("bare", "Contact with missing data"), ("text", "Text part")]

    def serve_preview(self, request, mode_name) -> HttpResponse:
        """The letter as a reader sees it; nothing but the letter's own styles may run in the frame."""
        return printing.preview(self, mode_name)


class SkipReason(models.TextChoices):
    """Why somebody in the audience is not written to."""

    NO_EMAIL = "no_email", "There is no e-mail address on record."
    ARCHIVED = "archived", "This contact is archived."
    UNSUBSCRIBED = "unsubscribed", "They unsubscribed."
    BOUNCED = "bounced", "Letters to this address come back."
    COMPLAINED = "complained", "They marked a letter as spam."
    TURNED_AWAY = "turned_away", "Their mail server turned three of our messages away."
    BY_HAND = "by_hand", "You put this address on the list of those never to write to."
    NO_CONSENT = "no_consent", "They have not agreed to this sort of letter."

    @property
    def in_short(self) -> str:
        """As part of a count, for example “2 unsubscribed”."""
        return {
            SkipReason.NO_EMAIL: "without an e-mail address",
            SkipReason.ARCHIVED: "archived",
            SkipReason.UNSUBSCRIBED: "unsubscribed",
            SkipReason.BOUNCED: "whose address bounces",
            SkipReason.COMPLAINED: "who marked a letter as spam",
            SkipReason.TURNED_AWAY: "whose mail server turns us away",
            SkipReason.BY_HAND: "on your never-write list",
            SkipReason.NO_CONSENT: "without consent",
        }[self]


@dataclass(frozen=True)
class Tally:
    """How many contacts there are for each reason to leave them out; the empty reason means they are written to."""

    by_reason: dict[str, int]

    @property
    def everybody(self) -> int:
        return sum(self.by_reason.values())

    @property
    def writable(self) -> int:
        return self.by_reason.get("", 0)

    @property
    def skipped(self) -> int:
        return self.everybody - self.writable

    @property
    def reasons(self) -> str:
        """For example “2 unsubscribed, 1 without consent”, the most frequent first."""
        found = [(count, SkipReason(reason)) for reason, count in self.by_reason.items() if reason]
        return ", ".join(f"{count:,} {reason.in_short}" for count, reason in sorted(found, reverse=True))

    def __str__(self) -> str:
        if not self.everybody:
            return "Nobody is in this audience at the moment."
        people = "1 contact" if self.everybody == 1 else f"{self.everybody:,} contacts"
        if not self.skipped:
            return f"{people}, who can be written to." if self.everybody == 1 else f"{people}; all can be written to."
        return f"{people}, {self.skipped:,} of them can't be written to: {self.reasons}."


class AddressHash(models.Func):
    """The same hash of an address as crm.mail.models.address_hash, worked out by the database."""

    template = "sha256(convert_to(lower(btrim(%(expressions)s)), 'UTF8'))"
    output_field = models.BinaryField()


class Audience(models.Model):
    """A saved rule that yields contacts. Empty kinds or stages mean all of them."""

    name = models.CharField(max_length=120, help_text="Only you see this.")
    kinds = ArrayField(models.CharField(max_length=20, choices=Kind.choices), default=list, blank=True)
    stages = ArrayField(models.CharField(max_length=16, choices=Stage.choices), default=list, blank=True)

    class Meta:
        ordering = [Lower("name"), "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("audiences:inspect", args=[self.pk])

    @property
    def rule(self) -> str:
        """The rule in words."""
        kinds = ", ".join(Kind(kind).label for kind in self.kinds) or "Every kind of partner"
        stages = ", ".join(Stage(stage).label for stage in self.stages) or "every stage"
        return f"{kinds}; {stages}"

    def partners(self) -> QuerySet[Partner]:
        """The current partners that fit the rule."""
        fitting = Partner.objects.current()
        if self.kinds:
            fitting = fitting.filter(kind__in=self.kinds)
        if self.stages:
            fitting = fitting.filter(stage__in=self.stages)
        return fitting

    def roles(self) -> QuerySet[Role]:
        """The places of contacts at those partners."""
        return Role.objects.filter(partner__in=self.partners())

    def contacts(self) -> QuerySet[Contact]:
        """Everybody at a fitting partner, once each, whether or not they may be written to."""
        return Contact.objects.filter(Exists(self.roles().filter(contact=OuterRef("pk"))))

    def tally(self, *, purpose: Purpose) -> Tally:
        """How many are in it, and how many of them can't be written to, and why."""
        by_reason = self.examined(purpose=purpose).order_by().values_list("skip").annotate(Count("pk"))
        return Tally(dict(by_reason))

    def examined(self, *, purpose: Purpose) -> QuerySet[Any]:
        """Its contacts with ``skip``, why each can't be written to or empty, and ``at_partner``, whom they speak for."""
        place = self.roles().filter(contact=OuterRef("pk")).order_by("-is_primary", "pk")
        return self.contacts().annotate(skip=skip_reason(purpose), at_partner=Subquery(place.values("partner")[:1]))


def last_words(purpose: Purpose) -> QuerySet[Any]:
    """What was said about a purpose, the latest first, with ``skip``: unsubscribed, or empty for a yes."""
    said = ConsentEvent.objects.filter(purpose=purpose).order_by("-at", "-pk")
    allowing = (ConsentEvent.State.GRANTED, ConsentEvent.State.IMPLIED)
    return said.annotate(
        skip=Case(When(state__in=allowing, then=Value("")), default=Value(SkipReason.UNSUBSCRIBED.value))
    )


def skip_reason(purpose: Purpose) -> Case:
    """Why a contact can't be written to for this purpose, or the empty string."""
    suppression = Suppression.objects.filter(email_hash=AddressHash(OuterRef("email"))).order_by("scope", "pk")
    word = last_words(purpose).filter(contact=OuterRef("pk"))
    return Case(
        When(archived_at__isnull=False, then=Value(SkipReason.ARCHIVED.value)),
        When(email="", then=Value(SkipReason.NO_EMAIL.value)),
        default=Coalesce(
            Subquery(suppression.values("reason")[:1]),
            Subquery(word.values("skip")[:1]),
            Value(SkipReason.NO_CONSENT.value),
        ),
        output_field=models.CharField(),
    )


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    def due(self) -> BroadcastQuerySet:
        """Scheduled, and its time has come."""
        return self.filter(state=Broadcast.State.SCHEDULED, send_at__lte=timezone.now())

    def with_waiting(self) -> BroadcastQuerySet:
        """Each with ``is_waiting``: has it messages that have not reached an end?"""
        waiting = Recipient.objects.filter(broadcast=OuterRef("pk"), message__state__in=Message.OPEN_STATES)
        return self.annotate(is_waiting=Exists(waiting))


class Broadcast(models.Model):
    """One letter to one audience at a time."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        MISSED = "missed", "Missed its time"
        CANCELLED = "cancelled", "Cancelled"

    OPEN_STATES = (State.DRAFT, State.MISSED)

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="broadcasts")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="broadcasts")
    send_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    note = models.CharField(
        max_length=300, blank=True, editable=False, help_text="Why it did not leave, in a sentence."
    )
    content = models.ForeignKey(
        Content,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="broadcasts",
        help_text="What was sent.",
    )
    launched_at = models.DateTimeField(null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(send_at__isnull=False), name="broadcast_scheduled_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(content__isnull=False, launched_at__isnull=False),
                name="broadcast_sending_is_frozen",
            ),
        ]
        indexes = [models.Index(fields=["send_at"], condition=Q(state="scheduled"), name="broadcast_due")]

    def __str__(self) -> str:
        return f"{self.letter} to {self.audience}"

    def get_absolute_url(self) -> str:
        return reverse("broadcasts:inspect", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """May it still be changed and scheduled?"""
        return self.state in self.OPEN_STATES

    @property
    def is_stale(self) -> bool:
        """Is its time so long past that nobody would want it any more?"""
        return self.stale_at is not None and self.stale_at <= timezone.now()

    @property
    def stale_at(self) -> datetime | None:
        return self.send_at and self.send_at + STALE_AFTER

    @property
    def local_send_at(self) -> datetime | None:
        """When it leaves, on the practice's own clock."""
        return self.send_at and self.send_at.astimezone(PracticeProfile.load().zone)

    @property
    def state_words(self) -> str:
        """The state a person sees: a launched broadcast is sent once nothing waits any more."""
        if self.state != self.State.SENDING:
            return self.get_state_display()
        waits = self.is_waiting if hasattr(self, "is_waiting") else self.has_waiting()
        return "Sending" if waits else "Sent"

    def has_waiting(self) -> bool:
        return self.recipients.filter(message__state__in=Message.OPEN_STATES).exists()


class Outcome(models.TextChoices):
    """What became of one recipient, in the owner's words."""

    DELIVERED = "delivered", "Delivered"
    HANDED_OVER = "handed_over", "Handed over"
    WAITING = "waiting", "Waiting"
    SKIPPED = "skipped", "Not sent"
    REJECTED = "rejected", "Refused"
    BOUNCED = "bounced", "Came back"
    COMPLAINED = "complained", "Marked as spam"
    UNKNOWN = "unknown", "Unknown"


OUTCOME_SENTENCES = {
    Outcome.DELIVERED: "It arrived: the recipient's mail server took it.",
    Outcome.HANDED_OVER: "The mail provider took it, and has not reported its arrival yet.",
    Outcome.BOUNCED: "It did not arrive. Open the message to see why.",
    Outcome.COMPLAINED: "It arrived, and its reader marked it as spam. They get no more letters.",
    Outcome.WAITING: "It waits for its turn.",
    Outcome.SKIPPED: "It was not sent.",
    Outcome.REJECTED: "The mail provider refused it.",
    Outcome.UNKNOWN: "It may have left: the provider never answered.",
}


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def with_outcome(self) -> QuerySet[Any]:
        """Each with its ``outcome``."""
        return self.annotate(
            outcome=Case(
                When(message=None, then=Value(Outcome.SKIPPED.value)),
                When(message__state__in=Message.OPEN_STATES, then=Value(Outcome.WAITING.value)),
                When(
                    message__state__in=(Message.State.SKIPPED, Message.State.EXPIRED),
                    then=Value(Outcome.SKIPPED.value),
                ),
                When(message__state=Message.State.REJECTED, then=Value(Outcome.REJECTED.value)),
                When(message__state=Message.State.UNKNOWN, then=Value(Outcome.UNKNOWN.value)),
                When(message__fate=Message.Fate.DELIVERED, then=Value(Outcome.DELIVERED.value)),
                When(message__fate=Message.Fate.COMPLAINED, then=Value(Outcome.COMPLAINED.value)),
                When(message__fate__in=Message.FAILED_FATES, then=Value(Outcome.BOUNCED.value)),
                default=Value(Outcome.HANDED_OVER.value),
                output_field=models.CharField(),
            )
        )


class Recipient(models.Model):
    """One contact of a frozen audience: the message that was queued, or why there is none.

    PostgreSQL checks a foreign key row by row, and six of them were 40 % of a launch. So those whose other end is
    written by the same launch, and never deleted while anything hangs on it, are held by Django's PROTECT alone.
    """

    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.PROTECT, related_name="recipients", db_constraint=False, db_index=False
    )  # recipient_once begins with it, which is index enough
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="received", db_constraint=False)
    partner = models.ForeignKey(
        Partner, null=True, on_delete=models.SET_NULL, related_name="received", db_constraint=False
    )
    message = models.OneToOneField(
        Message, null=True, on_delete=models.PROTECT, related_name="recipient", db_constraint=False
    )
    skipped_because = models.CharField(max_length=14, choices=SkipReason.choices, blank=True)

    outcome: str  # with_outcome() gives it

    objects = RecipientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "contact"], name="recipient_once"),
            models.CheckConstraint(
                condition=Q(message__isnull=False, skipped_because="")
                | (Q(message__isnull=True) & ~Q(skipped_because="")),
                name="recipient_has_message_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} of {self.broadcast}"

    @property
    def outcome_words(self) -> str:
        return Outcome(self.outcome).label

    @property
    def why(self) -> str:
        """What became of it and why, as a sentence; needs ``outcome``."""
        if self.message is None:
            return self.get_skipped_because_display()
        if self.outcome == Outcome.HANDED_OVER and self.message.transport == "local":
            return "It is kept in the outbox: nothing left this machine."
        return self.message.reason or OUTCOME_SENTENCES[Outcome(self.outcome)]


auditlog.register(Letter, exclude_fields=["updated_at"])
auditlog.register(Audience)
auditlog.register(Broadcast)
