"""What may happen to workshops and the seats in them."""

from workshops.actions.answering import take_back_no, take_reply
from workshops.actions.capacity import change_capacity
from workshops.actions.debriefing import close_debrief, note_debrief, reopen_debrief
from workshops.actions.planning import plan_next, take_back_draft
from workshops.actions.preparing import prepare, put_aside
from workshops.actions.refusals import (
    AlreadyCancelled,
    AlreadyLookedBack,
    AlreadyPublished,
    BadSpan,
    NoFreeSeat,
    NotADraft,
    NotHeldYet,
    NothingNext,
    NotInDoubt,
    NotLookedBack,
    NotOffered,
    OfferLapsed,
    Refusal,
    TooFewSeats,
    TooManyTries,
    WorkshopNotOpen,
    WorkshopOver,
)
from workshops.actions.registering import cancel, register, release
from workshops.actions.running import (
    cancel_workshop,
    close_past,
    move,
    publish,
    refuse_bad_span,
)
from workshops.actions.subscriptions import open_feed, renew_feed, resume_feed, stop_feed
from workshops.actions.waiting import claim, give_seat, lapse_offers, promote

__all__ = [
    "AlreadyCancelled",
    "AlreadyLookedBack",
    "AlreadyPublished",
    "BadSpan",
    "NoFreeSeat",
    "NotADraft",
    "NotHeldYet",
    "NotInDoubt",
    "NotLookedBack",
    "NotOffered",
    "NothingNext",
    "OfferLapsed",
    "Refusal",
    "TooFewSeats",
    "TooManyTries",
    "WorkshopNotOpen",
    "WorkshopOver",
    "cancel",
    "cancel_workshop",
    "change_capacity",
    "claim",
    "close_debrief",
    "close_past",
    "give_seat",
    "lapse_offers",
    "move",
    "note_debrief",
    "open_feed",
    "plan_next",
    "prepare",
    "promote",
    "publish",
    "put_aside",
    "refuse_bad_span",
    "register",
    "release",
    "renew_feed",
    "reopen_debrief",
    "resume_feed",
    "stop_feed",
    "take_back_draft",
    "take_back_no",
    "take_reply",
]
