"""The demo's workshop of today, so that the door has somebody to let in: a few hours ahead, whenever the demo is loaded."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm.mail.models import Message
from crm.office.demo import post, reminded
from crm.office.demo.acquaintance import Acquaintance, Story
from partners.actions import complete
from partners.models import FollowUp
from workshops.actions import publish, register
from workshops.actions.preparing import steps_of
from workshops.models import Registration, Workshop

HOST = "Second Wind Training"
GUESTS = (
    "Amara Diallo", "Bettina Roth", "Callum Reid", "Delphine Roy", "Edgar Moss", "Fatima Zahra", "Gordon Pike",
    "Hazel Quinn",
)  # fmt: skip
SEATS = 7  # one more wants to come


def open_today(known: dict[str, Acquaintance], story: Story) -> Workshop:
    """A workshop that begins within half a day, full and with one who waits."""
    host = known[HOST].partner
    starts_at = _begins(story)
    workshop = Workshop.objects.create(
        title="Hips after a day of sitting", slug="hips-after-sitting", host=host, place=f"{host.name}, {host.address}",
        summary="Forty minutes on the floor for hips that have sat all day.",
        description="Three tests, five exercises, one habit. Come as you are.",
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=60), time_zone=story.calendar.zone.key,
        capacity=SEATS, created_at=story.calendar.now - timedelta(days=40),
    )  # fmt: skip
    publish(workshop, by=story.owner)
    prepare(workshop, story)
    for number, name in enumerate(GUESTS):
        take_seat(workshop, name, at=story.calendar.now - timedelta(days=9 - number, hours=number))
    reminded.remind(workshop, now=story.calendar.now)
    return workshop


def _begins(story: Story) -> datetime:
    """By day at the full hour in two hours at the latest, by night at eight in the morning."""
    now = story.calendar.now.astimezone(story.calendar.zone)
    if now.hour >= 20:
        return story.calendar.at(story.calendar.today + timedelta(days=1), 8)
    return story.calendar.at(story.calendar.today, max(8, now.hour + 2))


def prepare(workshop: Workshop, story: Story) -> None:
    """What led up to it has been done, each on its day."""
    for step in steps_of(workshop).filter(due_on__lte=story.calendar.today).select_related("step"):
        if step.done_at is None:
            complete(step, by=story.owner, outcome="Done in good time.")
        due_on = workshop.local_start.date() + timedelta(days=step.step.days if step.step else 0)
        at = max(story.calendar.at(due_on, 12, 30), workshop.created_at)
        FollowUp.objects.filter(pk=step.pk).update(due_on=due_on, done_at=min(at, story.calendar.now))
    steps_of(workshop).update(created_at=workshop.created_at)


def take_seat(workshop: Workshop, name: str, *, at: datetime) -> None:
    """Or a place on the waiting list."""
    registration = register(workshop, name=name, email=f"{name.lower().replace(' ', '.')}@example.com")
    Registration.objects.filter(pk=registration.pk).update(created_at=at)
    post.keep(Message.objects.filter(contact=registration.contact), at=at)
