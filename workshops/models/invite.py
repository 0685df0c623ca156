from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from crm.mail.letterheads import invites_address
from crm.mail.models import InboundMail
from crm.people.models import PracticeProfile
from workshops.models.registration import Registration
from workshops.models.workshop import Workshop


def new_uid() -> str:
    """A name for one calendar object, like no other in the world (RFC 5545, 3.8.4.7), and not to be guessed."""
    return f"{uuid.uuid4()}@{settings.HOST_NAME}"


def answered_at(practice: PracticeProfile | None = None) -> str:
    """The address that calendars answer to: where answers are read, or the practice's own as it is now."""
    return invites_address() or (practice or PracticeProfile.load()).email


class Invite(models.Model):
    """The calendar object one registrant holds: one UID and organizer for life, a SEQUENCE that only rises."""

    class Answer(models.TextChoices):
        NONE = "", "No answer"
        ACCEPTED = "accepted", "Yes"
        TENTATIVE = "tentative", "Maybe"
        DECLINED = "declined", "No"

    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="invite")
    uid = models.CharField(max_length=255, unique=True, default=new_uid, editable=False)
    organizer = models.EmailField(
        blank=True,
        default=answered_at,
        editable=False,
        help_text="Where calendars send answers; the same for life. Empty: the practice's own address.",
    )
    sequence = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    stamped_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, editable=False)
    answer_stamped_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="DTSTAMP of the newest answer: an older one changes nothing."
    )

    def __str__(self) -> str:
        return f"{self.uid}, sequence {self.sequence}"


class InviteReplyQuerySet(models.QuerySet["InviteReply"]):
    def of(self, workshop: Workshop) -> InviteReplyQuerySet:
        """What came for this workshop, the newest first."""
        mine = self.filter(invite__registration__workshop=workshop).select_related("invite__registration")
        return mine.order_by("-created_at", "-pk")


class InviteReply(models.Model):
    """One answer that came back from a calendar (RFC 5546, REPLY), taken to heart once."""

    invite = models.ForeignKey(Invite, on_delete=models.PROTECT, related_name="replies")
    mail = models.ForeignKey(InboundMail, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of message id, UID and DTSTAMP.")
    answer = models.CharField(max_length=10, choices=Invite.Answer.choices)
    sequence = models.PositiveIntegerField(default=0)
    stamped_at = models.DateTimeField()
    outcome = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    objects = InviteReplyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.outcome
