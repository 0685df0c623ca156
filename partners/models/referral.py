"""Who sent whom, by a random code. Nothing here names a patient, and nothing here can carry money."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from auditlog.registry import auditlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from crm.people.addresses import address
from crm.people.models import Contact
from partners.models.codes import new_code
from partners.models.partner import Partner, Role

THANKS_DUE = timedelta(hours=24)
THANKS_LATE = timedelta(hours=48)
# A referral is to be contacted within a business day; hana.health warns at 7 and 14 days, as up to half never close.
SCHEDULED_WITHIN = timedelta(days=7)
OUTCOME_WITHIN = timedelta(days=14)


def business_day_before(now: datetime) -> datetime:
    """The same time one business day ago. On a weekend no more of it goes by; nobody counts holidays."""
    local = timezone.localtime(now)
    if local.weekday() >= 5:
        friday = local - timedelta(days=local.weekday() - 4)
        return friday.replace(hour=0, minute=0, second=0, microsecond=0)
    return local - timedelta(days=3 if local.weekday() == 0 else 1)


class ServiceLine(models.TextChoices):
    """What sort of help was asked for; coarse on purpose."""

    EVALUATION = "evaluation", "Evaluation and treatment"
    PERFORMANCE = "performance", "Performance and prevention"
    MEMBERSHIP = "membership", "Wellness membership"
    OTHER = "other", "Something else"


class Alert(models.TextChoices):
    """What a referral has waited for too long."""

    NOT_CONTACTED = "not_contacted", "Not contacted yet"
    NOT_SCHEDULED = "not_scheduled", "Not scheduled yet"
    NO_OUTCOME = "no_outcome", "No outcome yet"


class ReferralQuerySet(models.QuerySet["Referral"]):
    def standing(self) -> ReferralQuerySet:
        """Real ones: not taken back, and not waiting to be looked at."""
        return self.filter(taken_back_at=None, is_quarantined=False)

    def awaiting_thanks(self) -> ReferralQuerySet:
        """Nobody has thanked for them yet; those that came to nothing deserve thanks as well."""
        return self.standing().filter(thanked_at=None)

    def thanks_late(self, now: datetime) -> ReferralQuerySet:
        """Owed a thank-you for longer than anybody should wait."""
        return self.awaiting_thanks().filter(received_at__lt=now - THANKS_LATE)

    def quarantined(self) -> ReferralQuerySet:
        """Came by the partner's page and look wrong: to be accepted or discarded."""
        return self.filter(taken_back_at=None, is_quarantined=True)

    def with_alert(self, now: datetime, *, last_business_day: datetime | None = None) -> ReferralQuerySet:
        """Know of each as ``alert`` what it would be waiting for too long, were it open."""
        last_business_day = last_business_day or business_day_before(now)
        missing = Case(
            When(received_at__lt=now - OUTCOME_WITHIN, then=Value(Alert.NO_OUTCOME)),
            When(~Q(state=Referral.State.SCHEDULED) & Q(received_at__lt=now - SCHEDULED_WITHIN),
                 then=Value(Alert.NOT_SCHEDULED)),
            When(state=Referral.State.RECEIVED, received_at__lt=last_business_day,
                 then=Value(Alert.NOT_CONTACTED)),
            default=Value(""),
            output_field=models.CharField(),
        )  # fmt: skip
        return self.annotate(alert=missing)

    def ageing(self, now: datetime, *, last_business_day: datetime | None = None) -> ReferralQuerySet:
        """Waiting longer than anybody should, each with ``alert``: what is missing. The longest first."""
        last_business_day = last_business_day or business_day_before(now)
        no_outcome = Q(received_at__lt=now - OUTCOME_WITHIN)
        not_scheduled = ~Q(state=Referral.State.SCHEDULED) & Q(received_at__lt=now - SCHEDULED_WITHIN)
        not_contacted = Q(state=Referral.State.RECEIVED, received_at__lt=last_business_day)
        missing = Case(
            When(no_outcome, then=Value(Alert.NO_OUTCOME)),
            When(not_scheduled, then=Value(Alert.NOT_SCHEDULED)),
            default=Value(Alert.NOT_CONTACTED),
            output_field=models.CharField(),
        )
        waiting = self.open().filter(no_outcome | not_scheduled | not_contacted)
        return waiting.annotate(alert=missing).order_by("received_at", "pk")  # type: ignore[no-redef]

    def open(self) -> ReferralQuerySet:
        """Neither seen yet nor lost."""
        return self.standing().filter(state__in=Referral.OPEN_STATES)

    def with_provider(self) -> ReferralQuerySet:
        """Know of each whether a health-care provider of theirs sent them: ``to_provider``."""
        roles = Role.objects.filter(partner=OuterRef("partner"), contact=OuterRef("referred_by"))
        return self.annotate(to_provider=Exists(roles.filter(is_healthcare_provider=True)))

    def word_owed(self) -> ReferralQuerySet:
        """Seen, and the word that the law allows has not gone back yet: a notice to a provider, thanks to anybody else."""
        told = [Referral.Word.NOTICE, Referral.Word.PERMITTED]
        seen = self.standing().filter(evaluated_at__isnull=False).exclude(told__in=told)
        owed = Q(to_provider=True) | Q(told="", thanked_at=None)
        return seen.exclude(state__in=Referral.ENDED_STATES).with_provider().filter(owed)

    def converted(self) -> ReferralQuerySet:
        """They came for an evaluation."""
        return self.standing().filter(evaluated_at__isnull=False)


class Referral(models.Model):
    """A partner sent us someone. It carries a random code and names no patient."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        CONTACTED = "contacted", "Contacted"
        SCHEDULED = "scheduled", "Scheduled"
        EVALUATED = "evaluated", "Evaluated"
        IN_CARE = "in_care", "In care"
        COMPLETED = "completed", "Completed"
        LOST = "lost", "Lost"
        DECLINED = "declined", "Declined by us"

    class Lost(models.TextChoices):
        NOT_REACHED = "not_reached", "We could not reach them"
        PRICE = "price", "The price"
        WANTS_INSURANCE = "wants_insurance", "They want to use insurance"
        SCHEDULE = "schedule", "No time that suits"
        DISTANCE = "distance", "Too far"
        NOT_APPROPRIATE = "not_appropriate", "Not for us to treat"
        WENT_ELSEWHERE = "went_elsewhere", "They went elsewhere"
        CHANGED_MIND = "changed_mind", "They changed their mind"

    class Channel(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        PHONE = "phone", "By phone or text"
        EMAIL = "email", "By e-mail"
        PAGE = "page", "Their own page"
        WORKSHOP = "workshop", "At a workshop"
        OTHER = "other", "Another way"

    class Word(models.TextChoices):
        """What word went back to who referred."""

        NOTICE = "notice", "That they were seen, provider to provider"
        PERMITTED = "permitted", "What the patient signed for"
        THANKS_ONLY = "thanks_only", "Thanks only, nothing about anybody"

    OPEN_STATES = (State.RECEIVED, State.CONTACTED, State.SCHEDULED)
    ENDED_STATES = (State.LOST, State.DECLINED)
    # The way a referral goes, and when it got there.
    REACHED = {
        State.CONTACTED: "contacted_at",
        State.SCHEDULED: "scheduled_at",
        State.EVALUATED: "evaluated_at",
        State.IN_CARE: "in_care_at",
        State.COMPLETED: "completed_at",
    }

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="referrals")
    referred_by = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="referrals")
    channel = models.CharField("how it came", max_length=10, choices=Channel.choices, default=Channel.IN_PERSON)
    service_line = models.CharField("what for", max_length=12, choices=ServiceLine.choices, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    contacted_at = models.DateTimeField(null=True, blank=True, editable=False)
    scheduled_at = models.DateTimeField(null=True, blank=True, editable=False)
    evaluated_at = models.DateTimeField(null=True, blank=True, editable=False)
    in_care_at = models.DateTimeField(null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it was lost or declined.")
    lost_reason = models.CharField("why", max_length=16, choices=Lost.choices, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    told = models.CharField("word that went back", max_length=12, choices=Word.choices, blank=True, editable=False)
    sender = models.CharField(
        "who says they sent them",
        max_length=60,
        blank=True,
        editable=False,
        help_text="The first name somebody of theirs wrote on the page; never the patient's.",
    )
    is_quarantined = models.BooleanField(default=False, editable=False, help_text="Came by the page and looks wrong.")
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    moved_from = models.CharField(
        max_length=16, blank=True, editable=False, help_text="The stage that it brought its partner on from."
    )
    moved_since = models.DateTimeField(null=True, editable=False, help_text="Since when they had been there.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    once = models.UUIDField(null=True, unique=True, editable=False, help_text="A form sent twice is one referral.")

    objects = ReferralQuerySet.as_manager()

    alert: str = ""  # what it has waited for too long, where ageing() was asked
    to_provider: bool = False  # whether a provider sent them, where with_provider() was asked

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(thanked_at=None) | Q(thanked_at__gte=F("received_at")), name="referral_thanked_after"
            ),
            models.CheckConstraint(
                condition=~Q(state="lost") | ~Q(lost_reason=""),
                name="referral_lost_for_a_reason",
                violation_error_message="Say why it was lost.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["evaluated", "in_care", "completed"]) | Q(evaluated_at__isnull=False),
                name="referral_seen_is_dated",
            ),
            models.CheckConstraint(condition=Q(told_at=None, told="") | Q(told_at__isnull=False), name="referral_told"),
        ]
        indexes = [
            models.Index(fields=["partner", "-received_at"], name="referral_newest_of"),
            models.Index(fields=["-received_at"], name="referral_newest"),
            models.Index(fields=["received_at"], condition=Q(thanked_at=None), name="referral_unthanked"),
            models.Index(
                fields=["received_at"],
                include=["state"],
                condition=Q(is_quarantined=False, taken_back_at=None, state__in=["received", "contacted", "scheduled"]),
                name="referral_open",
            ),
        ]

    def __str__(self) -> str:
        return f"R-{self.code}"

    def get_absolute_url(self) -> str:
        return address("referrals:inspect", self.pk)

    def clean(self) -> None:
        if self.received_at and self.received_at > timezone.now():
            raise ValidationError({"received_at": "A referral has already come in. Choose a time gone by."})

    @property
    def progress(self) -> dict[str, Any]:
        """Where it stands and when it got there: what a step changes, and what undoing it puts back."""
        dates = {field: getattr(self, field) for field in self.REACHED.values()}
        return {"state": self.state, **dates, "ended_at": self.ended_at, "lost_reason": self.lost_reason}

    @property
    def next_state(self) -> Referral.State | None:
        """The next step on its way; nothing once it is at an end."""
        way = [self.State.RECEIVED, *self.REACHED]
        place = way.index(self.State(self.state)) + 1 if self.state in way else len(way)
        return way[place] if place < len(way) else None

    @property
    def thanks_band(self) -> str:
        """How long a thank-you is owed: fresh, due (after 24 hours), late (after 48); nothing once it was said."""
        if self.thanked_at or self.taken_back_at or self.is_quarantined:
            return ""
        waited = timezone.now() - self.received_at
        return "late" if waited > THANKS_LATE else "due" if waited > THANKS_DUE else "fresh"


class WordPermissionQuerySet(models.QuerySet["WordPermission"]):
    def in_force(self, today: date) -> WordPermissionQuerySet:
        """Signed, neither run out nor taken back."""
        lasting = Q(expires_on=None) | Q(expires_on__gte=today)
        return self.filter(lasting, revoked_at=None, signed_on__lte=today)


class WordPermission(models.Model):
    """What a patient has signed that we may say back. The paper, with the name on it, is in the clinical records."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="permissions")
    may_name = models.BooleanField("their name", default=False)
    may_say_visit = models.BooleanField("that they came", default=False)
    may_say_good_news = models.BooleanField("a line of good news", default=False)
    signed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = WordPermissionQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("signed_on")),
                name="permission_ends_after_it_begins",
                violation_error_message="It cannot end before it was signed.",
            ),
            models.CheckConstraint(
                condition=Q(may_name=True) | Q(may_say_visit=True) | Q(may_say_good_news=True),
                name="permission_for_something",
                violation_error_message="Tick what they signed for.",
            ),
        ]

    def __str__(self) -> str:
        return f"signed {self.signed_on}"

    @property
    def covers(self) -> list[str]:
        """What they signed for, in words."""
        parts = (
            (self.may_name, "their name"),
            (self.may_say_visit, "that they came"),
            (self.may_say_good_news, "a line of good news"),
        )
        return [words for is_given, words in parts if is_given]


class Disclosure(models.Model):
    """A line of the accounting of disclosures: to whom something about a referral went, what, why, and when (45 CFR 164.528).

    Rows are added, never changed or removed: a database trigger holds it.
    """

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="disclosures")
    recipient = models.CharField(max_length=160)
    what = models.CharField(max_length=200)
    why = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.what} to {self.recipient}"


class SentReferralQuerySet(models.QuerySet["SentReferral"]):
    def standing(self) -> SentReferralQuerySet:
        """Not taken back."""
        return self.filter(taken_back_at=None)


class SentReferral(models.Model):
    """We sent a partner someone. It names no patient either."""

    class State(models.TextChoices):
        ASKED = "asked", "The patient said yes"
        HANDED_OVER = "handed_over", "Handed over"
        FOLLOWED_UP = "followed_up", "Asked how it went"

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sent_referrals")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    sent_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True, blank=True, editable=False)
    followed_up_at = models.DateTimeField(null=True, blank=True, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = SentReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["partner", "-sent_at"], name="sent_referral_newest_of")]

    def __str__(self) -> str:
        return f"S-{self.code}"


for business_record in (Referral, WordPermission, SentReferral):
    auditlog.register(business_record)
