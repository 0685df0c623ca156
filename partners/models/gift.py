"""What was given away, to whom and why. It knows partners and people, and nothing of referrals: no gift can follow one."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.people.models import Contact
from partners.models.partner import Partner


class GiftLimitQuerySet(models.QuerySet["GiftLimit"]):
    def of(self, year: int) -> GiftLimit | None:
        """The limits of this year; where nobody wrote them down, those of the newest year before it."""
        return self.filter(year__lte=year).order_by("-year").first()


class GiftLimit(models.Model):
    """The limits of one calendar year, in cents; each for one recipient.

    The hard stop is the non-monetary limit of the Stark law (42 CFR 411.357(k); CMS publishes it every year), used here
    as a yardstick. The figures for patients are those of the OIG (15 and 75 US dollars).
    """

    year = models.PositiveSmallIntegerField(unique=True)
    licensed_item_cents = models.PositiveIntegerField("licensed: warn above, one gift", default=5_000)
    licensed_year_cents = models.PositiveIntegerField("licensed: warn above, in a year", default=15_000)
    licensed_stop_cents = models.PositiveIntegerField("licensed: never above, in a year")
    patient_item_cents = models.PositiveIntegerField("patient: never above, one gift", default=1_500)
    patient_year_cents = models.PositiveIntegerField("patient: never above, in a year", default=7_500)
    source = models.CharField("where these figures are from", max_length=300)

    objects = GiftLimitQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    licensed_item_cents__lte=F("licensed_year_cents"), licensed_year_cents__lte=F("licensed_stop_cents")
                ),
                name="gift_limit_licensed_in_order",
                violation_error_message="One gift comes before the year, and the warning before the stop: put them in order.",
            ),
            models.CheckConstraint(
                condition=Q(patient_item_cents__lte=F("patient_year_cents")),
                name="gift_limit_patient_in_order",
                violation_error_message="One gift to a patient cannot be more than a year’s.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="gift_limit_has_a_source",
                violation_error_message="Say where these figures are from.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)


class GiftQuerySet(models.QuerySet["Gift"]):
    def standing(self) -> GiftQuerySet:
        """Not taken back."""
        return self.filter(taken_back_at=None)

    def in_year(self, year: int) -> GiftQuerySet:
        return self.filter(given_on__year=year)

    def of(self, partner: Partner) -> GiftQuerySet:
        """To this partner, or to somebody there."""
        people = Contact.objects.filter(roles__partner=partner).values("pk")
        return self.filter(Q(partner=partner) | Q(partner=None, contact__in=people))


class Gift(models.Model):
    """Something of value that we gave. It has a purpose, and never anything to do with a referral.

    PostgreSQL itself refuses what the law forbids, whoever writes and however: see migration 0009.
    """

    class Recipient(models.TextChoices):
        LICENSED = "licensed", "A licensed health-care provider, or their practice"
        PARTNER = "partner", "Somebody else at a partner"
        PATIENT = "patient", "A patient"

    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="gifts")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="gifts")
    recipient = models.CharField("who they are", max_length=8, choices=Recipient.choices)
    what = models.CharField(max_length=160)
    purpose = models.CharField("what for", max_length=200, help_text="For example: thanks for lending the room.")
    value_cents = models.PositiveIntegerField("value, in cents")
    is_cash_like = models.BooleanField("cash or a gift card", default=False)
    given_on = models.DateField(default=timezone.localdate)
    override_reason = models.CharField("why all the same", max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    once = models.UUIDField(null=True, unique=True, editable=False, help_text="A form sent twice is one gift.")

    objects = GiftQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_cash_like=False) | Q(recipient="partner"),
                name="gift_no_cash_to_providers_or_patients",
                violation_error_message="Cash and gift cards may not go to a health-care provider or a patient.",
            ),
            models.CheckConstraint(
                condition=~Q(purpose=""), name="gift_has_a_purpose", violation_error_message="Say what it is for."
            ),
            models.CheckConstraint(
                condition=Q(value_cents__gt=0), name="gift_has_a_value", violation_error_message="Say what it is worth."
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(contact__isnull=False) | Q(recipient="patient"),
                name="gift_has_a_recipient",
                violation_error_message="Say who it is for: choose a partner or a contact.",
            ),
            models.CheckConstraint(
                condition=~Q(recipient="patient") | Q(contact=None, partner=None),
                name="gift_names_no_patient",
                violation_error_message="A patient is not named here: leave partner and contact empty.",
            ),
        ]
        indexes = [models.Index(fields=["given_on"], name="gift_day")]

    def __str__(self) -> str:
        return self.what

    def clean(self) -> None:
        if self.given_on and self.given_on > timezone.localdate():
            raise ValidationError({"given_on": "A gift has already been given. Choose a day gone by."})

    @property
    def to_whom(self) -> str:
        """Whom it went to, in words; a patient has no name here."""
        if self.recipient == self.Recipient.PATIENT:
            return "A patient"
        return ", ".join(str(each) for each in (self.contact, self.partner) if each)

    @property
    def dollars(self) -> str:
        return f"{self.value_cents / 100:,.2f}"


auditlog.register(Gift, exclude_fields=["once"])
auditlog.register(GiftLimit)
