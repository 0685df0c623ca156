"""Who may send us patients, where the owner has put them, and the rhythm we keep with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from auditlog.registry import auditlog
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Func, Q, Value, When
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from crm.people.addresses import address
from crm.people.models import Contact
from partners.book import opened
from partners.models.codes import new_code
from partners.names import closest


class Kind(models.TextChoices):
    """Which sort of partner."""

    GYM = "gym", "Gym"
    YOGA_STUDIO = "yoga_studio", "Yoga studio"
    RUNNING_CLUB = "running_club", "Running club"
    DPC_PHYSICIAN = "dpc_physician", "DPC physician"
    FUNCTIONAL_MEDICINE = "functional_medicine", "Functional medicine"
    OTHER = "other", "Other"

    @property
    def group(self) -> Group:
        """Scripts, guards and reports go by group: every kind of studio and club is fitness."""
        return GROUPS[self]


class Group(models.TextChoices):
    """Which sort of partnership it is, whatever the kind."""

    FITNESS = "fitness", "Fitness"
    DPC = "dpc", "Direct primary care"
    FUNCTIONAL = "functional", "Functional medicine"
    OTHER = "other", "Other"

    @property
    def kinds(self) -> list[Kind]:
        return [kind for kind, group in GROUPS.items() if group == self]


GROUPS = {
    Kind.GYM: Group.FITNESS,
    Kind.YOGA_STUDIO: Group.FITNESS,
    Kind.RUNNING_CLUB: Group.FITNESS,
    Kind.DPC_PHYSICIAN: Group.DPC,
    Kind.FUNCTIONAL_MEDICINE: Group.FUNCTIONAL,
    Kind.OTHER: Group.OTHER,
}


class Stage(models.TextChoices):
    """Where the owner has put a partner. Only a person moves it."""

    IDENTIFIED = "identified", "Identified"
    SHOWING_UP = "showing_up", "Showing up"
    CONVERSATION = "conversation", "Conversation"
    GIVING_VALUE = "giving_value", "Giving value"
    FIRST_REFERRAL = "first_referral", "First referral"
    ACTIVE = "active", "Active"
    CHAMPION = "champion", "Champion"
    PAUSED = "paused", "Paused"
    DORMANT = "dormant", "Dormant"
    NOT_A_FIT = "not_a_fit", "Not a fit"


class Tier(models.TextChoices):
    """How much a partner that sends us patients matters: decides how often to be in touch."""

    A = "a", "A: sends regularly"
    B = "b", "B: sends now and then"
    C = "c", "C: sends seldom"


class NotAFit(models.TextChoices):
    """Why a partner is not a fit."""

    NO_FIT = "no_fit", "Their people are not ours"
    NO_INTEREST = "no_interest", "They are not interested"
    COMPETITOR = "competitor", "They are tied to another practice"
    WANTS_KICKBACK = "wants_kickback", "They want to be paid for referrals"
    NO_RESPONSE = "no_response", "They never answer"
    CLOSED = "closed", "They have closed"
    CONFLICT = "conflict", "We did not get on"
    OTHER = "other", "Something else"


class Activity(models.TextChoices):
    """What their referrals say, whatever stage the owner has put them in. Computed live, never stored."""

    LEAD = "lead", "Lead"
    ACTIVE = "active", "Active"
    INACTIVE = "inactive", "Inactive"
    NOT_ENGAGED = "not_engaged", "Not engaged"


OFF_RAMPS = (Stage.PAUSED, Stage.DORMANT, Stage.NOT_A_FIT)
COURTING = (Stage.SHOWING_UP, Stage.CONVERSATION, Stage.GIVING_VALUE)
SENDING = (Stage.FIRST_REFERRAL, Stage.ACTIVE, Stage.CHAMPION)
LADDER = (Stage.IDENTIFIED, *COURTING, *SENDING)
KIND_LABELS, STAGE_LABELS = dict(Kind.choices), dict(Stage.choices)
Rots = tuple[tuple[Stage, int], ...]  # after how many days in which stage a partner is stuck
# What each part of the fit score is out of. Audience overlap, clients who pay themselves, use for both, distance, a warm path.
FIT_PARTS = {"fit_audience": 30, "fit_cash": 20, "fit_benefit": 20, "fit_distance": 15, "fit_warmth": 15}
SIFTED = 100  # more of the best matches than are asked for, since a filter may leave some out
FIT_TO_COURT = 60  # below it a partner stays on the list for later
ACTIVE_WITHIN = timedelta(days=90)  # WebPT's window: somebody in 90 days, or they no longer count as sending


FIT = sum((F(part) for part in FIT_PARTS), start=Value(0))  # nothing until every part has been judged


def is_quiet(now: datetime) -> Q:
    """Past the latest day for their next touch. A promise for today or later, a meeting and a snooze count as fresh."""
    return _past("latest_on", timezone.localdate(now))


def _past(column: str, today: date) -> Q:
    return Q(**{f"rhythm__{column}__lt": today}) & ~_fresh(today)


def _fresh(today: date) -> Q:
    fresh = Q()
    for until in ("next_step_on", "meeting_on", "snoozed_until"):
        fresh |= Q(**{f"rhythm__{until}__gte": today})
    return fresh


class PartnerQuerySet(models.QuerySet["Partner"]):
    def current(self) -> PartnerQuerySet:
        """Not archived."""
        return self.filter(archived_at=None)

    def with_rhythm(self) -> PartnerQuerySet:
        """Know of each the last touch, who did it, and what is promised next."""
        return self.select_related("rhythm__last_touch__by", "rhythm__next_step")

    def gone_quiet(self, now: datetime) -> PartnerQuerySet:
        """Those of whom is_quiet() is true."""
        return self.filter(is_quiet(now))

    def due_for_touch(self, now: datetime) -> PartnerQuerySet:
        """Past the ideal day for their next touch, gone quiet or not."""
        return self.filter(_past("ideal_on", timezone.localdate(now)))

    def due_soon(self, now: datetime) -> PartnerQuerySet:
        """Past the ideal day for their next touch, and not past the latest yet."""
        return self.due_for_touch(now).filter(rhythm__latest_on__gte=timezone.localdate(now))

    def with_needs(self, now: datetime, *, rots: Rots) -> PartnerQuerySet:
        """Know of each whether it is stuck in its stage, and whether it has gone quiet."""
        return self.annotate(
            is_stuck=ExpressionWrapper(self._stuck(now, rots), output_field=models.BooleanField()),
            is_quiet=ExpressionWrapper(is_quiet(now), output_field=models.BooleanField()),
        )

    @staticmethod
    def _stuck(now: datetime, rots: Rots) -> Q:
        """Too long in a stage, and nothing promised. Who sends us patients is measured by the cadence alone."""
        too_long = Q(pk__in=[])
        for stage, days in rots:
            too_long |= Q(stage=stage, stage_changed_at__lt=now - timedelta(days=days))
        return too_long & ~_fresh(timezone.localdate(now))

    def with_activity(self, now: datetime) -> PartnerQuerySet:
        """Know of each what their referrals say: the one place where an activity status is worked out."""
        sends_now = Q(rhythm__last_referral_at__gte=now - ACTIVE_WITHIN)
        return self.annotate(
            activity=Case(
                When(sends_now, then=Value(Activity.ACTIVE.value)),
                When(rhythm__referrals__gt=0, then=Value(Activity.INACTIVE.value)),
                When(stage__in=OFF_RAMPS, then=Value(Activity.NOT_ENGAGED.value)),
                default=Value(Activity.LEAD.value),
            )
        )

    def matching(self, typed: str, *, limit: int = 8) -> PartnerQuerySet:
        """Those whose name or city is like what was typed, half or misspelt as it may be; the best first."""
        first = opened().closest_of_all(typed, limit=limit + SIFTED)
        ours = set(self.order_by().filter(pk__in=first).values_list("pk", flat=True))
        keys = [key for key in first if key in ours][:limit]
        if len(keys) < limit and len(ours) < len(first):  # some of the best were left out: look at ours alone
            keys = closest(typed, self.order_by().values_list("pk", "name", "city"), limit=limit)
        return self.in_order(keys)

    def in_order(self, keys: list[int]) -> PartnerQuerySet:
        """Those with these keys, in this order."""
        place = Func(Value(keys), F("pk"), function="array_position", output_field=models.IntegerField())
        return self.filter(pk__in=keys).order_by(place)

    def recently_touched(self) -> PartnerQuerySet:
        """The last touched first."""
        return self.filter(rhythm__last_touch_at__isnull=False).order_by("-rhythm__last_touch_at")


def _part(most: int, question: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(most)], help_text=f"{question} 0 to {most}."
    )


class Partner(models.Model):
    """An organisation or solo provider that may send us patients."""

    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.IDENTIFIED)
    tier = models.CharField(
        max_length=1, choices=Tier.choices, default=Tier.B, help_text="Counts once they send us somebody."
    )
    stage_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    off_ramp_reason = models.CharField(
        "reason", max_length=200, blank=True, help_text="Why paused, dormant or not a fit."
    )
    not_a_fit_because = models.CharField("not a fit because", max_length=16, choices=NotAFit.choices, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(max_length=300, blank=True)
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    opening_hours = models.CharField(max_length=300, blank=True)
    notes = models.TextField(blank=True)
    fit_audience = _part(30, "Are their people the people we treat?")
    fit_cash = _part(20, "Do their clients pay for health themselves?")
    fit_benefit = _part(20, "Does it help them as much as us?")
    fit_distance = _part(15, "How near are they?")
    fit_warmth = _part(15, "Do we know somebody there?")
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    source = models.CharField(max_length=40, blank=True, editable=False, help_text="Where an imported partner is from.")
    external_id = models.CharField(max_length=80, blank=True, editable=False)
    batch = models.ForeignKey(
        "partners.ImportBatch", null=True, editable=False, on_delete=models.SET_NULL, related_name="partners"
    )
    merged_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged_from"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        permissions = [
            ("import_partner", "Can import partners from a file"),
            ("export_partner", "Can export lists"),
            ("merge_partner", "Can merge two partners"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="partner_external_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="partner_kind_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="partner_stage_known"),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="partner_tier_known"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(archived_at__isnull=False), name="partner_merged_is_archived"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{part: None}) | Q(**{f"{part}__lte": most}), name=f"partner_{part}_in_range"
                )
                for part, most in FIT_PARTS.items()
            ),
        ]
        indexes = [
            models.Index(Lower("name"), name="partner_name"),
            models.Index(fields=["stage", "kind"], name="partner_stage_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("partners:inspect", self.pk)

    @property
    def address(self) -> str:
        return ", ".join(part for part in (self.street, self.city, self.postal_code) if part)

    @property
    def group(self) -> Group:
        return Kind(self.kind).group

    @cached_property
    def activity(self) -> str:
        """What their referrals say; known already where the set was asked for with_activity()."""
        known = Partner.objects.with_activity(timezone.now()).filter(pk=self.pk)
        return known.values_list("activity", flat=True).get()  # type: ignore[misc]  # with_activity() brings it

    # Django's own read all choices anew each time, and a list asks for hundreds.
    def get_kind_display(self) -> str:  # type: ignore[no-redef]
        return KIND_LABELS.get(self.kind, self.kind)

    def get_stage_display(self) -> str:  # type: ignore[no-redef]
        return STAGE_LABELS.get(self.stage, self.stage)

    def get_activity_display(self) -> str:
        return Activity(self.activity).label

    @property
    def fit(self) -> int | None:
        """0 to 100; nothing until every part has been judged."""
        parts = [getattr(self, part) for part in FIT_PARTS]
        return None if None in parts else sum(parts)


class Rhythm(models.Model):
    """When we were last in touch with a partner, what is next, and by when we should be in touch again.

    PostgreSQL keeps it: triggers on touches, to dos, referrals and partners call one function, ``partners_keep_rhythm``,
    so no way of writing can pass it by. Only the snooze is ours to write. Days are the practice's.
    """

    partner = models.OneToOneField(Partner, primary_key=True, on_delete=models.CASCADE, related_name="rhythm")
    last_touch = models.ForeignKey(
        "partners.Touch", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    last_touch_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True, help_text="The last personal touch that was answered.")
    ideal_on = models.DateField(null=True, help_text="Touch them by this day. Empty: nothing is expected.")
    latest_on = models.DateField(null=True, help_text="After this day they have gone quiet.")
    meeting_on = models.DateField(null=True, help_text="The last booked meeting that is still open.")
    next_step = models.ForeignKey(
        "partners.FollowUp",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    next_step_on = models.DateField(null=True)
    referrals = models.PositiveIntegerField(default=0, help_text="How many they ever sent.")
    last_referral_at = models.DateTimeField(null=True)
    thanks_owed_since = models.DateTimeField(null=True)
    snoozed_until = models.DateField(null=True)
    snoozes = models.PositiveSmallIntegerField(default=0, help_text="In a row, since the last personal touch.")

    class Meta:
        indexes = [
            models.Index(fields=["latest_on"], name="rhythm_latest"),
            models.Index(fields=["-last_touch_at"], name="rhythm_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: last touch {self.last_touch_at or 'never'}"


class Role(models.Model):
    """A contact's place at a partner."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="roles")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="roles")
    title = models.CharField(max_length=80, blank=True)
    is_primary = models.BooleanField("main person", default=False)
    is_healthcare_provider = models.BooleanField(
        "health-care provider", default=False, help_text="Decides what may be said back about a shared patient."
    )

    class Meta:
        ordering = ["-is_primary", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "contact"], name="role_once"),
            models.UniqueConstraint(fields=["partner"], condition=Q(is_primary=True), name="role_one_primary"),
        ]

    def __str__(self) -> str:
        return f"{self.contact}, {self.title}" if self.title else str(self.contact)


for business_record in (Partner, Role):
    auditlog.register(business_record)
