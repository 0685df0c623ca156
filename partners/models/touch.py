from __future__ import annotations

from typing import Protocol

from auditlog.registry import auditlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.people.models import Contact
from partners.models.partner import Partner


class Deed(Protocol):
    """What decides who gave: a touch, or as much of one as was read."""

    @property
    def kind(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def is_give(self) -> bool: ...


def is_from_them(did: Deed) -> bool:
    """Did they give it to us? An introduction, a workshop or something useful that came to us is theirs."""
    return did.direction == Touch.Direction.IN and did.kind in Touch.EITHER_WAY


def is_given(did: Deed) -> bool:
    """Was it a give of ours: ticked as one, or one by its kind?"""
    return (did.is_give or did.kind in Touch.GIVING) and not is_from_them(did)


def is_shown(did: Deed) -> bool:
    """Did we go there as anybody may: a visit, a class, a purchase? Whoever came to us did the going."""
    return did.kind in Touch.SHOWING_UP and did.direction == Touch.Direction.OUT


def gave(at: str = "") -> Q:
    """The touches of which is_given() is true. ``at`` is the way to them, like “touches__”."""
    ours = Q(**{f"{at}is_give": True}) | Q(**{f"{at}kind__in": Touch.GIVING})
    return ours & ~from_them(at)


def showed_up(at: str = "") -> Q:
    """The touches of which is_shown() is true."""
    return Q(**{f"{at}kind__in": Touch.SHOWING_UP, f"{at}direction": Touch.Direction.OUT})


def from_them(at: str = "") -> Q:
    """The touches of which is_from_them() is true."""
    return Q(**{f"{at}kind__in": Touch.EITHER_WAY, f"{at}direction": Touch.Direction.IN})


class TouchQuerySet(models.QuerySet["Touch"]):
    def standing(self) -> TouchQuerySet:
        """Not taken back."""
        return self.filter(taken_back_at=None)


class Touch(models.Model):
    """Something that happened between us and a partner; always in the past."""

    class TouchKind(models.TextChoices):
        VISIT = "visit", "Visit"
        CALL = "call", "Call"
        TEXT = "text", "Text"
        EMAIL = "email", "E-mail"
        MEETING = "meeting", "Meeting"
        CLASS = "class", "Took a class"
        PURCHASE = "purchase", "Bought something"
        DM = "dm", "Direct message"
        CARD = "card", "Card"
        INTRO = "intro", "Introduction"
        CONTENT = "content", "Shared something useful"
        FREE_SCREEN = "free_screen", "Free screening"
        ADVICE_ASKED = "advice_asked", "Asked for advice"
        REPORTED_BACK = "reported_back", "Told them what came of it"
        WORKSHOP = "workshop", "Workshop"
        THANKS = "thanks", "Thank-you"
        VOICEMAIL = "voicemail", "Voicemail"
        ISSUE = "issue", "Complaint"

    class Direction(models.TextChoices):
        OUT = "out", "We went to them"
        IN = "in", "They came to us"

    class Outcome(models.TextChoices):
        NO_REPLY = "no_reply", "No answer"
        POLITE = "polite", "Polite"
        WARM = "warm", "Warm"
        YES = "yes", "They said yes"

    class Source(models.TextChoices):
        MANUAL = "manual", "Logged by hand"
        MAIL = "mail", "Logged by mail"
        IMPORT = "import", "Imported"
        SYSTEM = "system", "Noted by Rapport"

    SHOWING_UP = (TouchKind.VISIT, TouchKind.CLASS, TouchKind.PURCHASE)
    # Kinds that are a gift of time or knowledge by their nature.
    GIVING = (
        TouchKind.INTRO,
        TouchKind.CONTENT,
        TouchKind.FREE_SCREEN,
        TouchKind.WORKSHOP,
        TouchKind.REPORTED_BACK,
    )
    # Of these, kinds that are theirs where they came to us.
    EITHER_WAY = (TouchKind.INTRO, TouchKind.CONTENT, TouchKind.WORKSHOP)

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="touches")
    contacts = models.ManyToManyField(Contact, blank=True, related_name="touches")
    kind = models.CharField(max_length=14, choices=TouchKind.choices, default=TouchKind.VISIT)
    summary = models.CharField(max_length=280, blank=True)
    is_give = models.BooleanField("gave value", default=False)
    is_ask = models.BooleanField("asked for something", default=False, help_text="A referral, a workshop, a mention.")
    ask_reason = models.CharField(
        "why now", max_length=200, blank=True, help_text="Why it was asked before enough was given."
    )
    counts_for_cadence = models.BooleanField(
        "counts as being in touch", default=True, help_text="Mail to many never does."
    )
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    outcome = models.CharField("how it went", max_length=8, choices=Outcome.choices, blank=True)
    learned = models.CharField("what they told us", max_length=500, blank=True)
    script = models.ForeignKey(
        "partners.Script", null=True, blank=True, on_delete=models.SET_NULL, related_name="touches"
    )
    minutes = models.PositiveSmallIntegerField("minutes spent", null=True, blank=True)
    cost_cents = models.PositiveIntegerField("money spent, in cents", default=0)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.MANUAL, editable=False)
    occurred_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    once = models.UUIDField(null=True, unique=True, editable=False, help_text="A form sent twice is one touch.")

    objects = TouchQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        verbose_name_plural = "touches"
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="thanks") | Q(cost_cents=0),
                name="touch_thanks_cost_nothing",
                violation_error_message="A thank-you is words. Nothing of value goes with it.",
            ),
            models.CheckConstraint(condition=Q(ask_reason="") | Q(is_ask=True), name="touch_ask_reason_needs_ask"),
        ]
        indexes = [
            models.Index(fields=["partner", "-occurred_at"], condition=Q(taken_back_at=None), name="touch_latest"),
            models.Index(fields=["-occurred_at", "-id"], condition=Q(taken_back_at=None), name="touch_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary}" if self.summary else self.get_kind_display()

    def clean(self) -> None:
        if self.occurred_at and self.occurred_at > timezone.now():
            raise ValidationError({"occurred_at": "A touch has already happened. Choose a time gone by."})

    @property
    def gave(self) -> bool:
        """Did we give them something?"""
        return is_given(self)

    @property
    def details(self) -> list[str]:
        """What else was written down, a line each."""
        spent = [f"{self.minutes} minutes"] if self.minutes else []
        spent += [f"{self.cost_cents / 100:.2f} spent"] if self.cost_cents else []
        lines = [
            f"They told us: {self.learned}" if self.learned else "",
            f"Asked early because: {self.ask_reason}" if self.ask_reason else "",
            f"Script: {self.script}" if self.script_id else "",
            ", ".join(spent),
        ]
        return [line for line in lines if line]

    @property
    def tags(self) -> list[str]:
        """Its flags, in words."""
        flags = [
            ("gave value", self.gave),
            ("asked", self.is_ask),
            (self.get_outcome_display().lower(), bool(self.outcome)),
            ("they came to us", self.direction == self.Direction.IN),
            ("not counted", not self.counts_for_cadence),
        ]
        return [words for words, is_so in flags if is_so]

    @property
    def is_unanswered(self) -> bool:
        """A voicemail, or a message that nobody answered: half a touch, once."""
        return self.kind == self.TouchKind.VOICEMAIL or self.outcome == self.Outcome.NO_REPLY


auditlog.register(Touch, exclude_fields=["once"])
