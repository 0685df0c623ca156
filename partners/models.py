from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from auditlog.registry import auditlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from crm.people.models import Contact
from partners.names import closest

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """A short random code without look-alike letters, never derived from a person."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))


class Kind(models.TextChoices):
    """Which sort of partner."""

    GYM = "gym", "Gym"
    YOGA_STUDIO = "yoga_studio", "Yoga studio"
    RUNNING_CLUB = "running_club", "Running club"
    DPC_PHYSICIAN = "dpc_physician", "DPC physician"
    FUNCTIONAL_MEDICINE = "functional_medicine", "Functional medicine"
    OTHER = "other", "Other"


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


IMPORT_STALE_AFTER = timedelta(minutes=2)
IMPORT_LARGE = 2_000
OFF_RAMPS = (Stage.PAUSED, Stage.DORMANT, Stage.NOT_A_FIT)
COURTING = (Stage.SHOWING_UP, Stage.CONVERSATION, Stage.GIVING_VALUE)
SENDING = (Stage.FIRST_REFERRAL, Stage.ACTIVE, Stage.CHAMPION)


# After how many days without a touch a partner has gone quiet, by where it stands.
QUIET_AFTER = {
    timedelta(days=21): (Stage.IDENTIFIED, *COURTING),
    timedelta(days=45): SENDING,
}


class PartnerQuerySet(models.QuerySet["Partner"]):
    def current(self) -> PartnerQuerySet:
        """Not archived."""
        return self.filter(archived_at=None)

    def with_last_touch(self) -> PartnerQuerySet:
        """Know of each when it was last touched, how, and in which words."""
        latest = Touch.objects.standing().filter(partner=OuterRef("pk")).order_by("-occurred_at")
        return self.annotate(
            last_touch_at=Subquery(latest.values("occurred_at")[:1]),
            last_touch_kind=Subquery(latest.values("kind")[:1]),
            last_touch_summary=Subquery(latest.values("summary")[:1]),
        )

    def with_next_step(self) -> PartnerQuerySet:
        """Know of each what is promised next, and by when."""
        nearest = FollowUp.objects.open().filter(partner=OuterRef("pk")).order_by("due_on", "pk")
        return self.annotate(
            next_step=Subquery(nearest.values("title")[:1]), next_step_on=Subquery(nearest.values("due_on")[:1])
        )

    def gone_quiet(self, now: datetime) -> PartnerQuerySet:
        """Too long without a touch for their stage. A promise for today or later counts as fresh; who rests is left be."""
        latest = Touch.objects.standing().filter(partner=OuterRef("pk")).order_by("-occurred_at")
        promised = FollowUp.objects.open().filter(partner=OuterRef("pk"), due_on__gte=timezone.localdate(now))
        overlong = Q()
        for limit, stages in QUIET_AFTER.items():
            overlong |= Q(stage__in=stages, quiet_since__lt=now - limit)
        # Somebody merely identified owes us no rhythm until we have begun one.
        begun = ~Q(stage=Stage.IDENTIFIED) | Q(touched_at__isnull=False)
        touched = self.annotate(touched_at=Subquery(latest.values("occurred_at")[:1]))
        since = touched.annotate(quiet_since=Coalesce("touched_at", "created_at"))
        return since.filter(overlong, begun).exclude(Exists(promised))

    def matching(self, typed: str, *, limit: int = 8) -> PartnerQuerySet:
        """Those whose name or city is like what was typed, half or misspelt as it may be; the best first."""
        keys = closest(typed, self.order_by().values_list("pk", "name", "city"), limit=limit)
        rank = Case(*(When(pk=key, then=place) for place, key in enumerate(keys)), default=len(keys))
        return self.filter(pk__in=keys).order_by(rank)

    def recently_touched(self) -> PartnerQuerySet:
        """The last touched first."""
        latest = Touch.objects.standing().filter(partner=OuterRef("pk")).order_by("-occurred_at")
        touched = self.annotate(touched_at=Subquery(latest.values("occurred_at")[:1]))
        return touched.filter(touched_at__isnull=False).order_by("-touched_at")


class Partner(models.Model):
    """An organisation or solo provider that may send us patients."""

    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.IDENTIFIED)
    stage_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    off_ramp_reason = models.CharField(
        "reason", max_length=200, blank=True, help_text="Why paused, dormant or not a fit."
    )
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
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    source = models.CharField(max_length=40, blank=True, editable=False, help_text="Where an imported partner is from.")
    external_id = models.CharField(max_length=80, blank=True, editable=False)
    batch = models.ForeignKey(
        "partners.ImportBatch", null=True, editable=False, on_delete=models.SET_NULL, related_name="partners"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        permissions = [("import_partner", "Can import partners from a file")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="partner_external_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="partner_kind_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="partner_stage_known"),
        ]
        indexes = [
            models.Index(Lower("name"), name="partner_name"),
            models.Index(fields=["stage", "kind"], name="partner_stage_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:inspect", args=[self.pk])

    def clean(self) -> None:
        if self.stage == Stage.NOT_A_FIT and not self.off_ramp_reason.strip():
            raise ValidationError({"off_ramp_reason": "Write down why. You will want to know in a year."})

    @property
    def address(self) -> str:
        return ", ".join(part for part in (self.street, self.city, self.postal_code) if part)


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
        CARD = "card", "Card"
        INTRO = "intro", "Introduction"
        CONTENT = "content", "Shared something useful"
        ADVICE_ASKED = "advice_asked", "Asked for advice"
        WORKSHOP = "workshop", "Workshop"
        THANKS = "thanks", "Thank-you"
        VOICEMAIL = "voicemail", "Voicemail"
        ISSUE = "issue", "Complaint"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="touches")
    contacts = models.ManyToManyField(Contact, blank=True, related_name="touches")
    kind = models.CharField(max_length=14, choices=TouchKind.choices, default=TouchKind.VISIT)
    summary = models.CharField(max_length=280, blank=True)
    is_give = models.BooleanField("gave value", default=False)
    occurred_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    once = models.UUIDField(null=True, unique=True, editable=False, help_text="A form sent twice is one touch.")

    objects = TouchQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        verbose_name_plural = "touches"
        indexes = [
            models.Index(fields=["partner", "-occurred_at"], condition=Q(taken_back_at=None), name="touch_latest"),
            models.Index(fields=["-occurred_at", "-id"], condition=Q(taken_back_at=None), name="touch_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary}" if self.summary else self.get_kind_display()

    def clean(self) -> None:
        if self.occurred_at and self.occurred_at > timezone.now():
            raise ValidationError({"occurred_at": "A touch has already happened. Choose a time gone by."})


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> FollowUpQuerySet:
        return self.filter(done_at=None, taken_back_at=None)

    def overdue(self, today: date) -> FollowUpQuerySet:
        return self.open().filter(due_on__lt=today)

    def due(self, today: date) -> FollowUpQuerySet:
        return self.open().filter(due_on=today)

    def coming(self, today: date) -> FollowUpQuerySet:
        return self.open().filter(due_on__gt=today)


class FollowUp(models.Model):
    """Something promised, with a due date. The screen says “To do”."""

    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups")
    touch = models.ForeignKey(
        Touch, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="follow_ups"
    )
    title = models.CharField("what", max_length=200)
    due_on = models.DateField("due")
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = "to do"
        verbose_name_plural = "to dos"
        constraints = [
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(contact__isnull=False),
                name="follow_up_is_about_someone",
                violation_error_message="Say whom it is about: choose a partner or a contact.",
            )
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_at=None, taken_back_at=None), name="follow_up_open")
        ]

    def __str__(self) -> str:
        return self.title


class ReferralQuerySet(models.QuerySet["Referral"]):
    def awaiting_thanks(self) -> ReferralQuerySet:
        """Nobody has thanked for them yet; those that came to nothing deserve thanks as well."""
        return self.filter(thanked_at=None)


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

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="referrals")
    referred_by = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="referrals")
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    thanked_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(thanked_at=None) | Q(thanked_at__gte=F("received_at")), name="referral_thanked_after"
            )
        ]

    def __str__(self) -> str:
        return f"R-{self.code}"


class ImportBatch(models.Model):
    """One file of partners: uploaded, mapped, tried out, committed, and undone as a whole."""

    class State(models.TextChoices):
        DRAFT = "draft", "Waiting for its columns"
        CHECKING = "checking", "Being checked"
        READY = "ready", "Checked, not imported yet"
        RUNNING = "running", "Importing"
        DONE = "done", "Imported"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Stopped, nothing changed"

    filename = models.CharField(max_length=200)
    about = models.CharField(max_length=120, blank=True, help_text="How the file was read.")
    body = models.BinaryField(help_text="The file as it came.")
    mapping = models.JSONField(default=dict, help_text="Our field for each of the file's columns.")
    defaults = models.JSONField(default=dict, help_text="The kind, city and consent that rows without their own get.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    reason = models.CharField(max_length=300, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="How many rows had which fate.")
    run = models.CharField(max_length=16, blank=True, help_text="Who works on it: only the holder may finish.")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="When the work last got on.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "import batches"

    def __str__(self) -> str:
        return f"{self.filename}, {date_format(self.created_at, 'SHORT_DATE_FORMAT')}"

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.RUNNING, self.State.UNDOING)

    @property
    def is_stuck(self) -> bool:
        """At work, by its state, and yet nothing has moved for a while: its worker is gone."""
        return self.is_working and (self.moved_at is None or timezone.now() - self.moved_at > IMPORT_STALE_AFTER)

    @property
    def is_large(self) -> bool:
        """Too large to be worked on while somebody waits for a page."""
        return self.rows_total >= IMPORT_LARGE


class ImportRow(models.Model):
    """What one row of a file will do, or did, with what stood there before: what an undo needs."""

    class Fate(models.TextChoices):
        NEW = "new", "New"
        UPDATE = "update", "Update"
        UNCHANGED = "unchanged", "Up to date"
        DUPLICATE = "duplicate", "Duplicate"
        PROBLEM = "problem", "Problem"

    class Decision(models.TextChoices):
        NEW = "new", "Import it as another partner"
        SAME = "same", "It is the same partner"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    fate = models.CharField(max_length=10, choices=Fate.choices)
    reason = models.CharField(max_length=300, blank=True)
    partner = models.ForeignKey(Partner, null=True, on_delete=models.SET_NULL, related_name="import_rows")
    said = models.JSONField(default=dict, help_text="What the row says, once read.")
    may_decide = models.BooleanField(default=False, help_text="A possible duplicate: the owner may say which it is.")
    decision = models.CharField(max_length=4, choices=Decision.choices, blank=True)
    before = models.JSONField(default=dict, help_text="What stood on the partner where the row changed it.")
    after = models.JSONField(default=dict, help_text="What the row put there, and the person it brought.")
    kept = models.CharField(max_length=300, blank=True, help_text="Why an undo left it.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "fate", "number"], name="import_row_fate")]

    def __str__(self) -> str:
        return f"row {self.number}: {self.get_fate_display()}"


for business_record in (Partner, Role, FollowUp, Referral):
    auditlog.register(business_record)
auditlog.register(Touch, exclude_fields=["once"])
auditlog.register(ImportBatch, include_fields=["filename", "state", "reason", "defaults"])
