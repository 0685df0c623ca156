"""The demo's workshop of the day after: full until somebody gave a seat back, which is offered to who waited longest."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm.mail.models import Message
from crm.office.demo import post, reminded
from crm.office.demo.acquaintance import Acquaintance, Story
from crm.office.demo.days import Calendar
from crm.office.demo.tonight import prepare, take_seat
from workshops.actions import cancel, publish
from workshops.models import Audience, Registration, Topic, Workshop

HOST = "Foundry Barbell Club"
TOPIC = "Warm-ups that earn their time"
GUESTS = ("Ike Sorensen", "Jolene Marsh", "Kofi Adjei", "Linnea Falk", "Moses Hart", "Nadine Weiss", "Orla Quigley")
SEATS = 5  # two more want to come
LATEST, EARLIEST = 19, 9  # hours of the day


def open_tomorrow(known: dict[str, Acquaintance], story: Story) -> Workshop:
    """A workshop for trainers within a day, where the first of two who wait has hours to say yes."""
    host = known[HOST].partner
    starts_at = begins(story.calendar)
    topic = Topic.objects.get(name=TOPIC)
    workshop = Workshop.objects.create(
        topic=topic, title=topic.name, slug="warm-ups-for-trainers", host=host, place=f"{host.name}, {host.address}",
        audience=Audience.STAFF, summary=topic.summary, description=topic.description, starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=topic.minutes), time_zone=story.calendar.zone.key, capacity=SEATS,
        created_at=story.calendar.now - timedelta(days=34),
    )  # fmt: skip
    publish(workshop, by=story.owner)
    prepare(workshop, story)
    for number, name in enumerate(GUESTS):
        take_seat(workshop, name, at=story.calendar.now - timedelta(days=10 - number, hours=number))
    reminded.remind(workshop, now=story.calendar.now)
    _give_back(workshop.registrations.get(name=GUESTS[2]), at=story.calendar.now - timedelta(minutes=20))
    return workshop


def begins(calendar: Calendar) -> datetime:
    """Within a day and not before long: a seat is offered then, where it is given outright earlier and by hand later."""
    now = calendar.now.astimezone(calendar.zone)
    if now.hour < EARLIEST:
        return calendar.at(calendar.today, LATEST)
    # An hour short of a day, so that it is one on the day the clocks go back, too.
    return calendar.at(calendar.today + timedelta(days=1), min(now.hour - 1, LATEST))


def _give_back(registration: Registration, *, at: datetime) -> None:
    """One says no; the seat is offered, and both letters left then."""
    cancel(registration)
    workshop = Registration.objects.filter(workshop=registration.workshop)
    workshop.filter(pk=registration.pk).update(cancelled_at=at)
    post.keep(Message.objects.filter(contact__registrations__in=workshop), at=at)
