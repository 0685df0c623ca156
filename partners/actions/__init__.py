"""What may happen to partners: touched, promised to, moved on, put away, and each of it taken back."""

from partners.actions.people import add_person, partner_contact
from partners.actions.plans import begin_plan
from partners.actions.referrals import thank, unthank
from partners.actions.refusals import (
    AlreadyDone,
    AlreadyMoved,
    AlreadySnoozed,
    AlreadyTakenBack,
    AlreadyThanked,
    AskedTooEarly,
    NotDone,
    NotTakenBack,
    NotThanked,
    ReasonMissing,
    Refused,
    SnoozedTooFar,
    SnoozedToThePast,
    SnoozedTwice,
    ThanksCostNothing,
    TouchInFuture,
)
from partners.actions.stages import archive, move_stage, restore
from partners.actions.todos import complete, drop, follow_up, put_due, reopen, snooze
from partners.actions.touches import log_touch, put_back, take_back

__all__ = [
    "AlreadyDone",
    "AlreadyMoved",
    "AlreadySnoozed",
    "AlreadyTakenBack",
    "AlreadyThanked",
    "AskedTooEarly",
    "NotDone",
    "NotTakenBack",
    "NotThanked",
    "ReasonMissing",
    "Refused",
    "SnoozedToThePast",
    "SnoozedTooFar",
    "SnoozedTwice",
    "ThanksCostNothing",
    "TouchInFuture",
    "add_person",
    "archive",
    "begin_plan",
    "complete",
    "drop",
    "follow_up",
    "log_touch",
    "move_stage",
    "partner_contact",
    "put_back",
    "put_due",
    "reopen",
    "restore",
    "snooze",
    "take_back",
    "thank",
    "unthank",
]
