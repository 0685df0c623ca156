"""What may happen to workshops and the seats in them."""

from workshops.actions.afterwards import promise_afterwards, write_afterwards
from workshops.actions.answering import take_back_no, take_reply
from workshops.actions.capacity import change_capacity
from workshops.actions.debriefing import close_debrief, note_debrief, reopen_debrief
from workshops.actions.doubtful import bring_back, doubt_again, let_in, throw_away
from workshops.actions.parties import Person, register_again, register_party
from workshops.actions.planning import plan_next, take_back_draft
from workshops.actions.preparing import prepare, put_aside
from workshops.actions.rating import rate
from workshops.actions.refusals import (
    AlreadyCancelled,
    AlreadyGone,
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
    NotRated,
    OfferLapsed,
    Refusal,
    TooFewSeats,
    TooManyTries,
    WorkshopNotOpen,
    WorkshopOver,
)
from workshops.actions.registering import cancel, register, release
from workshops.actions.reminding import remind
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
    "AlreadyGone",
    "AlreadyLookedBack",
    "AlreadyPublished",
    "BadSpan",
    "NoFreeSeat",
    "NotADraft",
    "NotHeldYet",
    "NotInDoubt",
    "NotLookedBack",
    "NotOffered",
    "NotRated",
    "NothingNext",
    "OfferLapsed",
    "Person",
    "Refusal",
    "TooFewSeats",
    "TooManyTries",
    "WorkshopNotOpen",
    "WorkshopOver",
    "bring_back",
    "cancel",
    "cancel_workshop",
    "change_capacity",
    "claim",
    "close_debrief",
    "close_past",
    "doubt_again",
    "give_seat",
    "lapse_offers",
    "let_in",
    "move",
    "note_debrief",
    "open_feed",
    "plan_next",
    "prepare",
    "promise_afterwards",
    "promote",
    "publish",
    "put_aside",
    "rate",
    "refuse_bad_span",
    "register",
    "register_again",
    "register_party",
    "release",
    "remind",
    "renew_feed",
    "reopen_debrief",
    "resume_feed",
    "stop_feed",
    "take_back_draft",
    "take_back_no",
    "take_reply",
    "throw_away",
    "write_afterwards",
]
