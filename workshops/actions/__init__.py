"""What may happen to workshops and the seats in them."""

from workshops.actions.debriefing import close_debrief, note_debrief, reopen_debrief
from workshops.actions.planning import plan_next, take_back_draft
from workshops.actions.preparing import prepare, put_aside
from workshops.actions.refusals import (
    AlreadyCancelled,
    AlreadyLookedBack,
    AlreadyPublished,
    BadSpan,
    NotADraft,
    NotHeldYet,
    NothingNext,
    NotLookedBack,
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
    "AlreadyLookedBack",
    "AlreadyPublished",
    "BadSpan",
    "NotADraft",
    "NotHeldYet",
    "NotLookedBack",
    "NothingNext",
    "Refusal",
    "TooFewSeats",
    "TooManyTries",
    "WorkshopNotOpen",
    "WorkshopOver",
    "cancel",
    "cancel_workshop",
    "change_capacity",
    "close_debrief",
    "close_past",
    "move",
    "note_debrief",
    "plan_next",
    "prepare",
    "publish",
    "put_aside",
    "refuse_bad_span",
    "register",
    "reopen_debrief",
    "take_back_draft",
]
