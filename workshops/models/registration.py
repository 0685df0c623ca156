from __future__ import annotations

from datetime import datetime, timedelta

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format

from crm.mail.models import new_token
from crm.people import addresses
from crm.people.models import Contact
from partners.models import Partner
from workshops.models.workshop import Workshop

SEATED = ("confirmed", "offered")
ACTIVE = (*SEATED, "waiting")
HELD = ("quarantined", "unconfirmed")  # neither a seat nor a place on the list yet
UNDO_FOR = timedelta(hours=24)
RATING_CHANGES_FOR = timedelta(days=30)


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def confirmed(self) -> RegistrationQuerySet:
        return self.filter(state=Registration.State.CONFIRMED)

    def seated(self) -> RegistrationQuerySet:
        """Whoever takes up a seat: confirmed, or offered one that is kept for them."""
        return self.filter(state__in=SEATED)

    def active(self) -> RegistrationQuerySet:
        """Seats and places on the waiting list."""
        return self.filter(state__in=ACTIVE)

    def admitted(self) -> RegistrationQuerySet:
        """Everybody who has or had a seat or a place on the list: without those who are held back."""
        return self.exclude(state__in=HELD)

    def thrown_away(self) -> RegistrationQuerySet:
        """Looked wrong, and were put away unseen by anybody: they never had a seat or a letter."""
        put_away = self.filter(state=Registration.State.CANCELLED, cancelled_by=Registration.CancelledBy.OFFICE)
        return put_away.filter(invite=None).exclude(doubt="")

    def waiting(self) -> RegistrationQuerySet:
        """Those waiting for a seat, first come first; who let an offer go by comes last."""
        return self.filter(state=Registration.State.WAITING).order_by(
            F("offer_lapsed_at").asc(nulls_first=True), "created_at", "pk"
        )

    def to_check(self) -> RegistrationQuerySet:
        """Those that looked odd and wait for a look, while there is a seat to give."""
        coming = Workshop.objects.coming().order_by()
        return self.filter(state=Registration.State.QUARANTINED, workshop__in=coming)

    def came(self) -> RegistrationQuerySet:
        return self.confirmed().filter(checked_in_at__isnull=False)

    def stayed_away(self) -> RegistrationQuerySet:
        """Who had a seat and was not seen when the door closed."""
        return self.confirmed().filter(checked_in_at=None, workshop__door_closed_at__isnull=False)


class Registration(models.Model):
    """A seat taken or waited for by one person."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        OFFERED = "offered", "Seat offered"
        WAITING = "waiting", "Waiting list"
        QUARANTINED = "quarantined", "To check"
        UNCONFIRMED = "unconfirmed", "Link not pressed"
        CANCELLED = "cancelled", "Cancelled"

    class Source(models.TextChoices):
        SITE = "site", "The site"
        HOST_LINK = "host_link", "The host's link"
        PARTNER_LINK = "partner_link", "Another partner's link"
        OFFICE = "office", "Put in by us"
        WALK_IN = "walk_in", "At the door"

    class CancelledBy(models.TextChoices):
        THEMSELVES = "themselves", "On their page"
        REPLY = "reply", "By declining the invite"
        OFFICE = "office", "By us"
        ERASED = "erased", "Erased on their wish"
        UNCONFIRMED = "unconfirmed", "The link was never pressed"

    workshop = models.ForeignKey(Workshop, on_delete=models.PROTECT, related_name="registrations")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="registrations")
    name = models.CharField(max_length=120)
    email = models.EmailField(
        "e-mail", blank=True, help_text="Empty: none of their own. We write to whoever brought them, their contact."
    )
    phone = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.SITE, editable=False)
    credited_to = models.ForeignKey(
        Partner, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="sign_ups",
        help_text="Whose link brought them.",
    )  # fmt: skip
    is_hosts = models.BooleanField(
        "of the host", default=False, editable=False, help_text="May take one of the seats kept for the host."
    )
    heard_from = models.CharField("how they heard", max_length=80, blank=True)
    party = models.CharField(
        max_length=32, blank=True, editable=False, help_text="People who were registered together have the same."
    )
    doubt = models.CharField(max_length=200, blank=True, editable=False, help_text="Why it waits for a look.")
    agreed_to = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="The sentence about letters that was ticked, while it is held.",
    )
    agreed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it was ticked.")
    offered_until = models.DateTimeField(null=True, blank=True, editable=False)
    offer_lapsed_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Which form was sent: a second press is told apart by it."
    )
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_by = models.CharField(max_length=12, choices=CancelledBy.choices, blank=True, editable=False)
    checked_in_at = models.DateTimeField(null=True, blank=True, editable=False)
    tapped_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The last tap at the door, by the clock of whoever tapped."
    )
    rating = models.PositiveSmallIntegerField(null=True, blank=True, editable=False, help_text="1 to 5.")
    rating_words = models.CharField(max_length=500, blank=True, editable=False)
    rated_at = models.DateTimeField(null=True, blank=True, editable=False)
    may_call_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When they asked to be called.")
    call_when = models.CharField("when to call", max_length=80, blank=True, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "workshop",
                Lower("email"),
                condition=Q(state__in=ACTIVE) & ~Q(email=""),
                name="registration_one_seat_each",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*ACTIVE, *HELD, "cancelled"]), name="registration_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="offered", offered_until__isnull=False) | ~Q(state="offered"),
                name="registration_offer_ends",
            ),
            models.CheckConstraint(
                condition=Q(checked_in_at=None) | Q(state="confirmed"), name="registration_came_with_a_seat"
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(1, 5), rated_at__isnull=False), name="registration_rating"
            ),
        ]
        indexes = [
            models.Index(fields=["workshop", "state", "created_at"], name="registration_order"),
            models.Index(fields=["may_call_at"], condition=Q(may_call_at__isnull=False), name="registration_to_call"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.workshop}"

    def get_absolute_url(self) -> str:
        return addresses.address("registration", self.token)

    @property
    def is_active(self) -> bool:
        """A seat or a place on the waiting list."""
        return self.state in ACTIVE

    @property
    def has_seat(self) -> bool:
        return self.state == self.State.CONFIRMED

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED

    @property
    def is_asked(self) -> bool:
        """Do we wait for them to press the link in a letter?"""
        return self.state == self.State.UNCONFIRMED

    @property
    def address(self) -> str:
        """Where we write to them: their own address, or that of whoever brought them."""
        return self.email or self.contact.email

    @property
    def together(self) -> list[Registration]:
        """Whom they brought without an address of their own: we reach these through them alone."""
        if not self.party or not self.email:
            return []
        brought = self.workshop.registrations.filter(party=self.party, contact=self.contact_id, email="")
        return list(brought)

    @property
    def is_offered(self) -> bool:
        """Is a seat kept for them at this moment?"""
        return self.state == self.State.OFFERED and bool(self.offered_until and self.offered_until > timezone.now())

    @property
    def has_let_go(self) -> bool:
        """They had an offer, and its time is over."""
        return self.state == self.State.OFFERED or (self.state == self.State.WAITING and bool(self.offer_lapsed_at))

    @property
    def offer_ends(self) -> str:
        """Until when the offer holds, on the workshop's own clock."""
        if not self.offered_until:
            return ""
        until = self.offered_until.astimezone(self.workshop.zone)
        return f"{date_format(until, 'TIME_FORMAT')} on {date_format(until, 'DATE_FORMAT')}"

    @property
    def manage_url(self) -> str:
        """The registrant's own page: goes into letters to them, never into a calendar others may see."""
        return f"{settings.BASE_URL}{self.get_absolute_url()}"

    @property
    def claim_url(self) -> str:
        """Where a seat that is offered is taken, with one press."""
        return f"{settings.BASE_URL}{addresses.address('registration_claim', self.token)}"

    @property
    def confirm_url(self) -> str:
        """Where whoever registered says once more, with one press, that it was them."""
        return f"{settings.BASE_URL}{addresses.address('registration_confirm', self.token)}"

    @property
    def cancel_url(self) -> str:
        """Where the seat is given back, with one press."""
        return f"{settings.BASE_URL}{addresses.address('registration_cancel', self.token)}"

    @property
    def undo_until(self) -> datetime | None:
        """Until when a no that their calendar sent can be taken back; None where there is none."""
        if self.cancelled_by != self.CancelledBy.REPLY or self.cancelled_at is None:
            return None
        return self.cancelled_at + UNDO_FOR

    @property
    def may_take_back_no(self) -> bool:
        return bool(self.undo_until and self.undo_until > timezone.now())

    @property
    def undo_url(self) -> str:
        """Where a no that their calendar sent is taken back, with one press."""
        return f"{settings.BASE_URL}{addresses.address('registration_undo', self.token)}"

    @property
    def since(self) -> Registration | None:
        """What the same person holds since this was cancelled: old letters lead here, and must not say that all is off."""
        if not self.is_cancelled:
            return None
        theirs = self.workshop.registrations.active().filter(contact=self.contact_id, email=self.email)
        return (theirs if self.email else theirs.filter(name=self.name)).first()

    @property
    def has_come(self) -> bool:
        """Were they seen at the door?"""
        return self.has_seat and self.checked_in_at is not None

    @property
    def rating_until(self) -> datetime | None:
        """Until when what they thought of it can be changed; None while they have said nothing."""
        return self.rated_at + RATING_CHANGES_FOR if self.rated_at else None

    @property
    def may_rate(self) -> bool:
        """Who came says what they thought once, whenever that is, and may change it for a while."""
        return self.has_come and (self.rating_until is None or self.rating_until > timezone.now())

    @property
    def position(self) -> int:
        """The place on the waiting list, counted from 1; 0 for those who do not wait."""
        if self.state != self.State.WAITING:
            return 0
        waiting = self.workshop.registrations.waiting().values_list("pk", flat=True)
        return list(waiting).index(self.pk) + 1


# What a guest wrote in their own words is kept in one place, where it can be taken out.
WORDS = ("rating_words", "call_when")
# The invite tells its own story; asking for it here would cost a query under the workshop's lock.
auditlog.register(Registration, exclude_fields=["token", "submission", "invite", *WORDS])
