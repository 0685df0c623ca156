from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from auditlog.registry import auditlog
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from crm.people.composed import AnyOf, records

TITLES = frozenset({"dr", "mr", "mrs", "ms"})  # written before a name
hex_color = RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write the colour as # and six digits, for example #1f6f5c.")


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that the IANA database does not know."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as America/Toronto.")


class UserManager(BaseUserManager["User"]):
    """Users are found and made by e-mail address, whatever its case."""

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractUser):
    """Somebody who works in the office. The e-mail address is the login."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


@register_setting(icon="home")
class PracticeProfile(BaseGenericSetting):
    """Who the practice is: the one source for the site, every e-mail and every calendar invite."""

    name = models.CharField(max_length=80, default="Our practice")
    tagline = models.CharField(max_length=140, blank=True)
    legal_name = models.CharField(
        max_length=120, blank=True, help_text="The legal sender of every e-mail. Empty means the name above."
    )
    email = models.EmailField(
        "e-mail", default="hello@example.com", help_text="Letters and invites come from here, and replies go here."
    )
    phone = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, default="CA", help_text="Two letters, for example CA or US.")
    hours = models.TextField(blank=True, help_text="One line for each span, for example: Mon-Fri 08:00-18:00")
    time_zone = models.CharField(max_length=60, default="America/Toronto", validators=[validate_time_zone])
    letters_from = models.TimeField(
        "letters leave from",
        default=time(8),
        help_text="Letters wait for the recipient's morning. Confirmations do not.",
    )
    letters_until = models.TimeField("letters leave until", default=time(20))
    license_number = models.CharField(max_length=60, blank=True)
    logo = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    brand_color = models.CharField("brand colour", max_length=7, default="#1f5f57", validators=[hex_color])
    accent_color = models.CharField("accent colour", max_length=7, default="#d9623b", validators=[hex_color])

    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("tagline"), FieldPanel("logo")], heading="Name"),
        MultiFieldPanel(
            [
                FieldPanel("legal_name"),
                FieldPanel("email"),
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("city"), FieldPanel("region")]),
                FieldRowPanel([FieldPanel("postal_code"), FieldPanel("country")]),
                FieldPanel("phone"),
            ],
            heading="Legal sender and postal address",
            help_text="The law asks for both at the foot of every letter.",
        ),
        MultiFieldPanel(
            [FieldPanel("hours"), FieldPanel("time_zone"), FieldPanel("license_number")], heading="Hours and zone"
        ),
        FieldRowPanel(
            [FieldPanel("letters_from"), FieldPanel("letters_until")],
            heading="When letters may leave",
            help_text="By the recipient's own clock. What falls due outside these hours waits for the next morning.",
        ),
        FieldRowPanel([FieldPanel("brand_color"), FieldPanel("accent_color")], heading="Colours"),
    ]

    class Meta:
        verbose_name = "practice profile"
        constraints = [
            models.CheckConstraint(
                condition=Q(letters_from__lt=models.F("letters_until")),
                name="practice_letters_have_hours",
                violation_error_message="The hours for letters must end later than they begin.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def _get_or_create(cls) -> PracticeProfile:
        """What ``load`` asks first in every request; Wagtail's own way writes the question anew each time."""
        found = records(_profiles, now=timezone.now())
        return found[0] if found else super()._get_or_create()

    @property
    def sender(self) -> str:
        """The legal sender's name."""
        return self.legal_name or self.name

    @property
    def postal_address(self) -> str:
        """The postal address on one line; empty while the profile has none."""
        town = " ".join(part for part in (self.city, self.region, self.postal_code) if part)
        return ", ".join(part for part in (self.street, town, self.country if town else "") if part)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def _profiles(*, now: datetime, key: int) -> models.QuerySet[PracticeProfile]:
    return PracticeProfile.objects.order_by("pk")[:1]


def first_name_in(name: str) -> str:
    """What somebody of this name is greeted with."""
    words = (word for word in name.split() if word.rstrip(".").lower() not in TITLES)
    return next(words, "")


class ContactQuerySet(models.QuerySet["Contact"]):
    def active(self) -> ContactQuerySet:
        return self.filter(archived_at=None)

    def with_email(self) -> ContactQuerySet:
        return self.exclude(email="")

    def by_email(self, email: str) -> ContactQuerySet:
        return self.by_emails([email.strip().lower()])

    def by_emails(self, addresses: list[str]) -> ContactQuerySet:
        """Whose addresses, in small letters, these are: found by the index that keeps them unique."""
        return self.with_email().alias(address=Lower("email")).filter(address=AnyOf(addresses, of=models.TextField))

    def known_by(self, email: str) -> Contact | None:
        """Whose address this is; that of a contact who was merged into another leads to that other."""
        found = self.by_email(email).select_related("merged_into").first() if email else None
        return found.survivor if found else None


class Contact(models.Model):
    """A person we can reach; one per e-mail address, case ignored."""

    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        validators=[validate_time_zone],
        help_text="Only where it differs from the practice's, for example America/Vancouver.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged_from"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="contact_email_once",
                violation_error_message="Somebody with this e-mail address is already in your contacts.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(archived_at__isnull=False) & ~Q(merged_into=models.F("id"))),
                name="contact_merged_is_archived",
            ),
        ]
        indexes = [models.Index(Lower("name"), name="contact_name")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def named(self) -> str:
        """The name with the address, where two of one name are told apart."""
        return f"{self.name} ({self.email})" if self.name and self.email else str(self)

    @property
    def survivor(self) -> Contact:
        """The contact that this one was merged into, else itself."""
        return self.merged_into or self

    @property
    def first_name(self) -> str:
        """The name to greet with; empty when only an address is known."""
        return first_name_in(self.name)

    @property
    def consent_standing(self) -> list[tuple[Purpose, ConsentEvent | None]]:
        """Each purpose with this contact's latest word on it, in one query."""
        latest: dict[str, ConsentEvent] = {}
        for event in self.consents.select_related("by"):
            latest.setdefault(event.purpose, event)
        return [(purpose, latest.get(purpose)) for purpose in Purpose]


class Purpose(models.TextChoices):
    """What somebody may be written to about."""

    PARTNER = "partner", "Partner letters"
    NEWS = "news", "News, workshops and offers"
    CARE = "care", "Care letters"


class ConsentEvent(models.Model):
    """One line of the consent ledger. Rows are added, never changed or removed: a database trigger holds it."""

    class State(models.TextChoices):
        GRANTED = "granted", "Said yes"
        IMPLIED = "implied", "Implied by a business relationship"
        WITHDRAWN = "withdrawn", "Said no"

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    state = models.CharField(max_length=12, choices=State.choices)
    source = models.CharField(max_length=60, help_text="Where it was said, for example: website form, in person.")
    evidence = models.TextField(blank=True, help_text="The words they agreed to, or how you know.")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["contact", "purpose", "-at", "-id"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_purpose_display()}, {self.get_state_display()}"


class Tally(models.Model):
    """How often something was tried within a span of time. The name is a hash, and the row is forgotten after it."""

    name = models.CharField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%H:%M}"


auditlog.register(User, exclude_fields=["password", "last_login"])
auditlog.register(PracticeProfile)
auditlog.register(Contact)
