"""Why something could not be done, in the words the owner reads."""

from __future__ import annotations

from partners.gates import Ask
from partners.models import Stage


class Refused(Exception):
    """Something could not be done. The text says why, and what to do instead."""

    sentence = "That could not be done."

    def __str__(self) -> str:
        return self.sentence


class TouchInFuture(Refused):
    sentence = "A touch has already happened. For something still to come, write a next step with a date."


class AskedTooEarly(Refused):
    """Its sentence says what is missing: one more give, six days."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.sentence = f"{missing} Write down why now, and it is logged all the same."


class ThanksCostNothing(Refused):
    sentence = "A thank-you is words. Nothing of value goes with it: leave the money empty."


class AlreadyTakenBack(Refused):
    sentence = "This touch has been taken back already."


class NotTakenBack(Refused):
    sentence = "This touch still stands, so there is nothing to undo."


class AlreadyDone(Refused):
    sentence = "This to do is not open any more. Reload the page to see what became of it."


class NotDone(Refused):
    sentence = "This to do is still open, so there is nothing to undo."


class SnoozedToThePast(Refused):
    sentence = "Choose a day after today."


class SnoozedTooFar(Refused):
    sentence = "A snooze is for 90 days at most. For longer, pause this partner."


class SnoozedTwice(Refused):
    sentence = "Snoozed twice already. Decide now: get in touch, change the tier, or pause them."


class AlreadySnoozed(Refused):
    sentence = "Somebody snoozed or touched this partner in the meantime. Reload the page and look again."


class NotDropped(Refused):
    sentence = "This to do was not dropped, so there is nothing to bring back."


class NothingToSay(Refused):
    sentence = "Write what is next, in a few words."


class PlanOver(Refused):
    sentence = "Nothing of this plan is open any more."


class PlanStands(Refused):
    sentence = "This plan was not stopped, so there is nothing to bring back."


class AlreadyMoved(Refused):
    sentence = "Somebody moved this partner in the meantime. Reload the page and choose again."


class AlreadyThanked(Refused):
    sentence = "This referral has been thanked for already."


class NotThanked(Refused):
    sentence = "This thank-you has been taken back already."


class ReasonMissing(Refused):
    sentence = "Say why this partner is not a fit. You will want to know in a year."


class RestReasonMissing(Refused):
    sentence = "Write down why this partner rests. You will want to know when you come back to it."


class PauseHasNoEnd(Refused):
    sentence = "Say until when this partner is paused: a day after today."


class NotReadyYet(Refused):
    """A stage asks for something that is not there yet. It carries what is missing."""

    def __init__(self, stage: Stage, unmet: list[Ask]) -> None:
        super().__init__()
        self.stage, self.unmet = stage, unmet
        missing = " ".join(ask.text for ask in unmet)
        self.sentence = f"{stage.label} asks for more. {missing} You may move it all the same: say why."


class NobodyToSweep(Refused):
    sentence = "Nothing was changed: all of them are that already."


class AlreadyUndone(Refused):
    sentence = "This has been undone already."


class ReferralInFuture(Refused):
    sentence = "A referral has already come in. Choose a day gone by."


class ReferralMoved(Refused):
    sentence = "Somebody moved this referral in the meantime. Reload the page and choose again."


class ReferralTakenBack(Refused):
    sentence = "This referral has been taken back already."


class ReferralStands(Refused):
    sentence = "This referral still stands, so there is nothing to undo."


class LostReasonMissing(Refused):
    sentence = "Say why it was lost. It takes one tap, and in a year it shows what to mend."


class StepInFuture(Refused):
    sentence = "A step has already been taken. Choose a day gone by."


class StepOutOfOrder(Refused):
    sentence = "This day is before the step ahead of it. Choose a later day."


class NotTheirs(Refused):
    sentence = "This person does not belong to the partner who sent somebody."


class AlreadyTold(Refused):
    sentence = "This word has gone back already. It stands in the accounting of disclosures."


class NotTold(Refused):
    sentence = "No word has gone back, so there is nothing to undo."


class NothingMayGoBack(Refused):
    """The law lets nothing about a patient go to this person."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


class SentMoved(Refused):
    sentence = "Somebody moved this in the meantime. Reload the page and choose again."


class GiftInFuture(Refused):
    sentence = "A gift has already been given. Choose today, or a day gone by."


class GiftIncomplete(Refused):
    sentence = "Say what it was, what it was for, what it was worth and who it went to."


class PatientNamed(Refused):
    sentence = "A patient is not named here. Leave partner and contact empty."


class NoCash(Refused):
    sentence = (
        "Cash and gift cards may not go to a health-care provider, their practice or a patient. Give something else."
    )


class NoGiftLimits(Refused):
    sentence = "There are no limits for this year or one before it. Write them down under Settings, Gift limits, first."


class PatientGiftTooLarge(Refused):
    """Its sentence says what a gift to a patient may be worth."""

    def __init__(self, most: str) -> None:
        super().__init__(most)
        self.sentence = f"A gift to a patient may be worth {most} at most. Nothing overrides this limit."


class GiftAboveStop(Refused):
    """Its sentence says what is left of the year."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class GiftNeedsReason(Refused):
    """Its sentence says what is unusual."""

    def __init__(self, warnings: str) -> None:
        super().__init__(warnings)
        self.sentence = f"{warnings} Write down why, and it is logged all the same."


class GiftTakenBack(Refused):
    sentence = "This gift has been taken back already."


class GiftStands(Refused):
    sentence = "This gift still stands, so there is nothing to undo."


class MergedWithItself(Refused):
    sentence = "Choose two partners. One can't be merged with itself."


class AlreadyMerged(Refused):
    sentence = "One of the two was merged in the meantime. Reload the page and look again."


class KeptIsArchived(Refused):
    sentence = "The one that stays is archived. Bring it back first, or keep the other one."


class AddressChanged(Refused):
    sentence = "Somebody changed an e-mail address of the two in the meantime. Look again, and merge then."


class AlreadyUnmerged(Refused):
    sentence = "This merge has been undone already."


class TooLateToUnmerge(Refused):
    sentence = "A merge can be undone for 30 days. This one is older."


class MergedSince(Refused):
    """The one that stayed has been merged into another since."""

    def __init__(self, into: str) -> None:
        super().__init__(into)
        self.sentence = f"Both were merged into {into} since. Undo that merge first."


class NoStarter(Refused):
    sentence = "Rapport brought no words for this kind and stage, so there is nothing to restore."


class NothingDecided(Refused):
    sentence = "Write down one thing you will do differently. One sentence is enough."


class WeekToCome(Refused):
    sentence = "This week has not begun. Look back on one that has."


class NothingToPlan(Refused):
    sentence = "Say what it is called."


class NotYetThere(Refused):
    sentence = "This is still to come. Write down what came of it when you have been there."


class AlreadyMet(Refused):
    sentence = (
        "You have written down that you met, and it is a touch by now. Take the touch back on the partner's page."
    )
