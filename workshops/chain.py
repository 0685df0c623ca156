"""The chain around a workshop's day: what goes to whom and when, what has gone, and what does not go and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from crm.mail.models import Message
from partners.models import FollowUp
from workshops import around, host_letters
from workshops.actions.afterwards import letter_due_at, next_due_on, next_key, week_due_at
from workshops.actions.telling_host import KIT, NEAR
from workshops.host_letters import Letter, headcount
from workshops.models import Registration, Workshop
from workshops.reminders import REMINDERS, Reminder, is_news

DONE, NOW, COMING, SKIPPED = "done", "now", "coming", "skipped"
WORDS = {DONE: "Done", NOW: "Now", COMING: "Coming", SKIPPED: "Skipped"}
WHAT = {
    "48h": "Reminder, 48 hours before: what to bring",
    "24h": "Reminder, 24 hours before: how to get there",
    "2h": "Reminder, 2 hours before: where, and whom to call",
}
KIT_DAYS = timedelta(days=14)
NOT_SENT = (Message.State.SKIPPED, Message.State.EXPIRED, Message.State.REJECTED)


@dataclass(frozen=True)
class Link:
    """One link of the chain."""

    at: datetime
    what: str
    state: str
    words: str
    url: str = ""
    is_by_hand: bool = False
    has_hour: bool = True

    @property
    def standing(self) -> str:
        return WORDS[self.state]


class Chain:
    """The links of one workshop, in the order of their days; two queries, however many people there are."""

    def __init__(self, workshop: Workshop, rows: Iterable[Registration], steps: Iterable[FollowUp]) -> None:
        self.workshop, self.rows, self.steps, self.now = workshop, list(rows), list(steps), timezone.now()
        self.seated = [row for row in self.rows if row.state == Registration.State.CONFIRMED]
        self.sent = self._sent()
        self.promised = FollowUp.objects.filter(once_key=next_key(workshop)).first()

    def links(self) -> list[Link]:
        found = [*(self._reminder(reminder) for reminder in REMINDERS), *self._afterwards()]
        if self.workshop.host:
            found += [self._kit(), self._letter(Letter.COUNT), self._letter(Letter.THANKS), self._next()]
        return sorted(found, key=lambda link: link.at)

    def _sent(self) -> dict[str, str]:
        """The state of every message of the chain, by its key."""
        version = self.workshop.time_version
        keys = [one.key(row, version) for row in self.rows for one in REMINDERS]
        keys += [key(row) for row in self.rows for key in (around.after_key, around.week_key)]
        keys += [key for letter in Letter for key in host_letters.keys(self.workshop, letter)]
        return dict(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", "state"))

    def _counts(self, keys: Iterable[str]) -> tuple[int, int]:
        """How many of these went out or wait to, and how many were held back."""
        states = Counter(self.sent[key] for key in keys if key in self.sent)
        held = sum(states[state] for state in NOT_SENT)
        return states.total() - held, held

    def _reminder(self, reminder: Reminder) -> Link:
        workshop, at = self.workshop, reminder.due_at(self.workshop)
        went, held = self._counts(reminder.key(row, workshop.time_version) for row in self.rows)
        in_time = sum(row.created_at <= reminder.known_by(workshop) for row in self.seated)
        state, words = SKIPPED, ""
        if went:
            state, words = DONE, _went_to(went, held)
        elif workshop.is_cancelled:
            words = "The workshop was cancelled."
        elif is_news(workshop, reminder):
            words = "Everybody was told of the new time shortly before."
        elif held:
            words = f"Held back for {headcount(held)}."
        elif self.now < at:
            late = len(self.seated) - in_time
            state, words = (
                COMING,
                f"To {headcount(in_time)} so far." if workshop.state != "draft" else "Once published.",
            )
            words += f" {headcount(late)} registered too late for it." if late else ""
        elif self.now < reminder.useful_until(workshop) and in_time:
            state, words = NOW, "It leaves within minutes, by day."
        else:
            words = "Everybody registered too late for it." if not in_time else "No worker was running in time."
            words = words if self.seated else "Nobody had a seat."
        return Link(at, WHAT[reminder.name], state, words)

    def _afterwards(self) -> list[Link]:
        came = [row for row in self.seated if row.checked_in_at]
        away = [row for row in self.seated if not row.checked_in_at]
        due, week = letter_due_at(self.workshop), week_due_at(self.workshop)
        return [
            self._after(due, "Recap with five stars, to those who came", came, around.after_key),
            self._after(due, "A kind note, to those who did not", away, around.after_key),
            self._after(week, "How is it going? To those who came and agreed to news", came, around.week_key),
        ]

    def _after(self, at: datetime, what: str, rows: list[Registration], key) -> Link:
        went, held = self._counts(key(row) for row in rows)
        if went:
            return Link(at, what, DONE, _went_to(went, held))
        if self.workshop.is_cancelled:
            return Link(at, what, SKIPPED, "The workshop was cancelled.")
        if not self.workshop.is_over or self.now < at:
            return Link(at, what, COMING, "By itself, once the door is closed.")
        nobody = not any(row.checked_in_at for row in self.seated)
        if nobody:
            return Link(at, what, SKIPPED, "Nobody was checked in, so nobody knows who came.")
        if not self.workshop.door_closed_at:
            return Link(at, what, NOW, "It waits until the door is closed.")
        if not rows:
            return Link(at, what, SKIPPED, "There is nobody to write to.")
        if key is around.week_key:
            return Link(at, what, SKIPPED, "Nobody who came has agreed to news.")
        if self.now < at + timedelta(days=6):
            return Link(at, what, NOW, "It leaves within minutes, by day.")
        return Link(at, what, SKIPPED, "It did not leave within the week, and then it was too late.")

    def _kit(self) -> Link:
        at = self._day(self.workshop.local_start.date() - KIT_DAYS)
        url = reverse("workshop_kit", args=[self.workshop.pk])
        done = self._ticked_off(KIT)
        what = f"Kit for {self.workshop.host}: flyer, code, words to forward"
        if done:
            return Link(at, what, DONE, f"On {_on(done.done_at)}.", url, is_by_hand=True, has_hour=False)
        if not self.workshop.is_open and self.workshop.state != "draft":
            return Link(at, what, SKIPPED, "Nobody ticked it off.", "", is_by_hand=True, has_hour=False)
        return Link(at, what, self._by_hand(at), "You hand it on.", url, is_by_hand=True, has_hour=False)

    def _letter(self, letter: Letter) -> Link:
        at = self._day(host_letters.due_on(self.workshop, letter))
        went, _held = self._counts(host_letters.keys(self.workshop, letter))
        url = reverse("write_to_host", args=[self.workshop.pk, letter]) if letter.fits(self.workshop) else ""
        what = f"{letter.label}: {self.workshop.host}"
        if went:
            return Link(at, what, DONE, "You sent it.", is_by_hand=True, has_hour=False)
        if done := self._ticked_off(NEAR[letter]):
            return Link(at, what, DONE, f"You ticked it off on {_on(done.done_at)}.", is_by_hand=True, has_hour=False)
        if self.workshop.is_cancelled or (letter == Letter.COUNT and self.workshop.has_begun):
            return Link(at, what, SKIPPED, "Not sent from here.", is_by_hand=True, has_hour=False)
        words = "Drafted for you; you send it."
        return Link(at, what, self._by_hand(at), words, url, is_by_hand=True, has_hour=False)

    def _next(self) -> Link:
        at, what = self._day(next_due_on(self.workshop)), "To do: propose the next date"
        if self.promised:
            state = DONE if self.promised.done_at else NOW
            return Link(at, what, state, f"It stands on {self.workshop.host}’s page.", has_hour=False)
        if self.workshop.is_cancelled:
            return Link(at, what, SKIPPED, "The workshop was cancelled.", has_hour=False)
        if self.now < at:
            return Link(at, what, COMING, "Unless the next date stands by then.", has_hour=False)
        return Link(at, what, SKIPPED, "The next date stood, or there was a reason for none.", has_hour=False)

    def _ticked_off(self, days: range) -> FollowUp | None:
        """The last step of these days with the host that is done."""
        done = [todo for todo in self.steps if todo.step and todo.step.days in days and todo.done_at]
        return done[-1] if done else None

    def _by_hand(self, at: datetime) -> str:
        return NOW if at <= self.now else COMING

    def _day(self, day: date) -> datetime:
        return datetime.combine(day, time(9), self.workshop.zone)


def _went_to(went: int, held: int) -> str:
    return f"To {headcount(went)}." + (f" Held back for {headcount(held)}." if held else "")


def _on(at: datetime | None) -> str:
    return date_format(at, "MONTH_DAY_FORMAT") if at else ""
