from partners.models.follow_up import FollowUp, Plan, PlanStep
from partners.models.gift import Gift, GiftLimit
from partners.models.imports import IMPORT_LARGE, IMPORT_STALE_AFTER, ImportBatch, ImportRow
from partners.models.log_address import LogAddress
from partners.models.lookalikes import Lookalikes
from partners.models.merge import UNDO_WITHIN, ContactMerge, Merge, NotOnePerson, NotTwins
from partners.models.morning import LATE_BY, MorningMail
from partners.models.partner import (
    ACTIVE_WITHIN,
    COURTING,
    FIT_PARTS,
    FIT_TO_COURT,
    LADDER,
    OFF_RAMPS,
    SENDING,
    Activity,
    Group,
    Kind,
    NotAFit,
    Partner,
    Rhythm,
    Role,
    Stage,
    Tier,
)
from partners.models.policy import CadencePolicy
from partners.models.refer_page import ReferPage
from partners.models.referral import (
    THANKS_DUE,
    THANKS_LATE,
    Alert,
    Disclosure,
    Referral,
    SentReferral,
    ServiceLine,
    WordPermission,
)
from partners.models.results import Goal, Outing, Review, ToMeet
from partners.models.script import Script
from partners.models.sweep import Sweep
from partners.models.touch import Touch

__all__ = [
    "ACTIVE_WITHIN",
    "COURTING",
    "FIT_PARTS",
    "FIT_TO_COURT",
    "IMPORT_LARGE",
    "IMPORT_STALE_AFTER",
    "LADDER",
    "LATE_BY",
    "OFF_RAMPS",
    "SENDING",
    "THANKS_DUE",
    "THANKS_LATE",
    "UNDO_WITHIN",
    "Activity",
    "Alert",
    "CadencePolicy",
    "ContactMerge",
    "Disclosure",
    "FollowUp",
    "Gift",
    "GiftLimit",
    "Goal",
    "Group",
    "ImportBatch",
    "ImportRow",
    "Kind",
    "LogAddress",
    "Lookalikes",
    "Merge",
    "MorningMail",
    "NotAFit",
    "NotOnePerson",
    "NotTwins",
    "Outing",
    "Partner",
    "Plan",
    "PlanStep",
    "ReferPage",
    "Referral",
    "Review",
    "Rhythm",
    "Role",
    "Script",
    "SentReferral",
    "ServiceLine",
    "Stage",
    "Sweep",
    "Tier",
    "ToMeet",
    "Touch",
    "WordPermission",
]
