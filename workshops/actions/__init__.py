"""What may happen to workshops and the seats in them."""

from workshops.actions.refusals import (
    AlreadyCancelled,
    AlreadyPublished,
    BadSpan,
    Refusal,
    TooFewSeats,
    TooManyTries,
    WorkshopNotOpen,
    WorkshopOver,
)
from workshops.actions.registering import cancel, register
from workshops.actions.running import cancel_workshop, close_past, move, publish, refuse_bad_span
from workshops.actions.seats import change_capacity

__all__ = [
    "AlreadyCancelled",
    "AlreadyPublished",
    "BadSpan",
    "Refusal",
    "TooFewSeats",
    "TooManyTries",
    "WorkshopNotOpen",
    "WorkshopOver",
    "cancel",
    "cancel_workshop",
    "change_capacity",
    "close_past",
    "move",
    "publish",
    "refuse_bad_span",
    "register",
]
