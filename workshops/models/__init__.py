from workshops.models.debrief import Debrief
from workshops.models.feed import Feed
from workshops.models.invite import Invite, InviteReply, answered_at
from workshops.models.registration import ACTIVE, HELD, SEATED, Registration, RegistrationQuerySet
from workshops.models.topic import Audience, Topic
from workshops.models.workshop import Workshop, WorkshopQuerySet

__all__ = [
    "ACTIVE",
    "HELD",
    "SEATED",
    "Audience",
    "Debrief",
    "Feed",
    "Invite",
    "InviteReply",
    "Registration",
    "RegistrationQuerySet",
    "Topic",
    "Workshop",
    "WorkshopQuerySet",
    "answered_at",
]
