"""How a workshop says no: each refusal carries a sentence for whoever asked."""

from __future__ import annotations


class Refusal(Exception):
    """A workshop says no. The text is a sentence for whoever asked."""

    sentence = ""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.sentence)


class WorkshopNotOpen(Refusal):
    sentence = "This workshop is not open for registration."


class WorkshopOver(Refusal):
    sentence = "This workshop has already begun, so nothing can be changed any more."


class AlreadyCancelled(Refusal):
    sentence = "This has already been cancelled."


class AlreadyPublished(Refusal):
    sentence = "This workshop has already been published."


class TooFewSeats(Refusal):
    """Fewer seats than people who hold one."""


class NoFreeSeat(Refusal):
    sentence = "All seats are taken. Add a seat first."


class NotOffered(Refusal):
    sentence = "No seat is free yet. You keep your place on the waiting list, and we write when one is."


class OfferLapsed(Refusal):
    sentence = "The time for this seat is over, and it went to the next person. You are still on the waiting list."


class AlreadyAnswered(Refusal):
    sentence = "This very answer came before, so nothing was changed."


class InviteOutdated(Refusal):
    sentence = "It answers an earlier state of the invite, which has changed or was cancelled since. Ask them."


class AnsweredBefore(Refusal):
    sentence = "A newer answer came before it, so nothing was changed."


class NotDeclined(Refusal):
    sentence = "A no can be taken back for a day. Please register again."


class NotInDoubt(Refusal):
    sentence = "This registration has been looked at already."


class AlreadyGone(Refusal):
    sentence = "The e-mail has left already. Cancel the registration on the workshop's page instead: they are told."


class BadSpan(Refusal):
    """An end before the start, or a workshop of a whole day and more."""


class TooManyTries(Refusal):
    sentence = "You have registered several times within the hour. Please wait a while, or call us."


class NotADraft(Refusal):
    sentence = "Only a draft can be deleted. Cancel this workshop instead: everybody is told."


class NotHeldYet(Refusal):
    sentence = "This workshop has not been held yet. Look back on it when it is over."


class AlreadyLookedBack(Refusal):
    sentence = "You have looked back on this workshop already. Open it again to change something."


class NotLookedBack(Refusal):
    sentence = "This is open already."


class NothingNext(Refusal):
    sentence = "Plan the next date with them, or write down why there is none."


class NotRated(Refusal):
    sentence = "This can't be changed any more. Call us if there is something you would like to add."


class AlreadyTold(Refusal):
    sentence = "This letter was sent already. Once is enough."


class NotTheTime(Refusal):
    sentence = "There is no host to write this to, or it is not the time for it."


class NotTheirAddress(Refusal):
    sentence = "Choose one of the host’s people who has an e-mail address."


class NamesSomebody(Refusal):
    """A letter to the host that names who registered."""


class LetterHasLeft(Refusal):
    sentence = "The letter has left already and cannot be called back."


class DoorNotOpen(Refusal):
    sentence = "Check-in opens twelve hours before the workshop begins."


class DoorClosed(Refusal):
    sentence = "Check-in has ended. Open it again first."


class DoorOpen(Refusal):
    sentence = "Check-in is open already."


class NotBegun(Refusal):
    sentence = "Check-in ends after the workshop has begun."


class IsNextDate(Refusal):
    """A workshop was looked back on, and closed with this one as the next date."""
