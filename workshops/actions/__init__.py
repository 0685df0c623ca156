"""What may happen to workshops and the seats in them."""

from workshops.actions.afterwards import promise_next, write_afterwards, write_week_later
from workshops.actions.answering import take_back_no, take_reply
from workshops.actions.capacity import change_capacity
from workshops.actions.confirming import ask_again, confirm, lapse_unconfirmed
from workshops.actions.debriefing import close_debrief, note_debrief, note_invited, reopen_debrief
from workshops.actions.door import (
    check_in,
    close_door,
    close_doors,
    reopen_door,
    seat_at_door,
    undo_check_in,
    walk_in,
)
from workshops.actions.doubtful import bring_back, doubt_again, let_in, throw_away
from workshops.actions.erasing import erase
from workshops.actions.forgetting import forget_given_up
from workshops.actions.parties import Person, register_again, register_party
from workshops.actions.planning import plan_next, refuse_to_drop, take_back_draft
from workshops.actions.preparing import prepare, put_aside
from workshops.actions.rating import forget_call_wishes, rate
from workshops.actions.refusals import (
    AlreadyCancelled,
    AlreadyGone,
    AlreadyLookedBack,
    AlreadyPublished,
    BadSpan,
    DoorClosed,
    DoorNotOpen,
    DoorOpen,
    IsNextDate,
    NoFreeSeat,
    NotADraft,
    NotBegun,
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
from workshops.actions.telling_host import take_back_letter, tell_host
from workshops.actions.waiting import claim, give_seat, lapse_offers, promote

__all__ = [
    "AlreadyCancelled",
    "AlreadyGone",
    "AlreadyLookedBack",
    "AlreadyPublished",
    "BadSpan",
    "DoorClosed",
    "DoorNotOpen",
    "DoorOpen",
    "IsNextDate",
    "NoFreeSeat",
    "NotADraft",
    "NotBegun",
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
    "ask_again",
    "bring_back",
    "cancel",
    "cancel_workshop",
    "change_capacity",
    "check_in",
    "claim",
    "close_debrief",
    "close_door",
    "close_doors",
    "close_past",
    "confirm",
    "doubt_again",
    "erase",
    "forget_call_wishes",
    "forget_given_up",
    "give_seat",
    "lapse_offers",
    "lapse_unconfirmed",
    "let_in",
    "move",
    "note_debrief",
    "note_invited",
    "open_feed",
    "plan_next",
    "prepare",
    "promise_next",
    "promote",
    "publish",
    "put_aside",
    "rate",
    "refuse_bad_span",
    "refuse_to_drop",
    "register",
    "register_again",
    "register_party",
    "release",
    "remind",
    "renew_feed",
    "reopen_debrief",
    "reopen_door",
    "resume_feed",
    "seat_at_door",
    "stop_feed",
    "take_back_draft",
    "take_back_letter",
    "take_back_no",
    "take_reply",
    "tell_host",
    "throw_away",
    "undo_check_in",
    "walk_in",
    "write_afterwards",
    "write_week_later",
]
