"""Who came to the demo's workshops, what they thought of it, and the workshops of the half-year before the last one."""

from __future__ import annotations

from datetime import timedelta

from auditlog.models import LogEntry
from django.utils import timezone

from content.call_wishes import receive_call_wishes
from content.models import Lead
from crm.mail.models import Message
from crm.office.demo import post
from crm.office.demo.acquaintance import Acquaintance, Story
from crm.people.actions import find_or_create_contact
from partners.actions import complete
from partners.models import FollowUp
from workshops.actions import rate
from workshops.models import Debrief, Registration, Workshop

# title, address, host, weeks ago, weekday, hour, capacity, guests, came, stars, evaluations, what it was about
EARLIER = (
    ("Wrists on the mat", "wrists-on-the-mat", "Still Water Yoga", 24, 5, 10, 10, 9, 6, (4, 5, 4), 1,
     "Down dog without sore wrists: load, rest, and three ways around."),
    ("Backs that carry", "backs-that-carry", "Ironpeak Strength", 19, 3, 18, 14, 14, 11, (5, 5, 4, 5, 5, 4), 3,
     "Deadlifts and groceries: what a back likes, and what it only puts up with."),
    ("Back to running", "back-to-running", "Port Alder Striders", 12, 5, 9, 12, 11, 9, (5, 4, 5, 5), 2,
     "The first six weeks after a break, a cold or a child."),
)  # fmt: skip
# Dr. Haddad of Cedar Lane came with an address of his own: the one pair of contacts who may be one person.
NAMES = (
    "Ines Calloway", "Brett Osei", "Yvonne Pruitt", "Samir Haddad", "Tess Moravec", "Curtis Bell", "Ludmila Petrov",
    "Owen Birch", "Faye Lockhart", "Dario Conti", "Hilde Amsel", "Marcus Tate", "Rosalind Kerr", "Nico Duarte",
)  # fmt: skip
WORDS = ("Best Saturday morning in weeks.", "More time for questions, please.", "", "Clear and friendly.")
CALLED = "Had a good talk. Booked a first visit."


def look_further_back(known: dict[str, Acquaintance], story: Story) -> None:
    """Three more that were held, so that there is something usual to compare with."""
    for title, slug, host, weeks, weekday, hour, capacity, guests, came, stars, evaluations, summary in EARLIER:
        partner = known[host].partner
        day = story.calendar.next_on(weekday, after=story.calendar.today - timedelta(weeks=weeks, days=4))
        starts_at = story.calendar.at(day, hour)
        workshop = Workshop.objects.create(
            title=title, slug=slug, host=partner, summary=summary, description=summary,
            place=f"{partner.name}, {partner.address}", starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90),
            time_zone=story.calendar.zone.key, capacity=capacity, seats_taken=guests, state=Workshop.State.HELD,
            created_at=starts_at - timedelta(weeks=7),
        )  # fmt: skip
        for place, name in enumerate(NAMES[:guests]):
            email = f"{name.lower().replace(' ', '.')}@example.com"
            Registration.objects.create(
                workshop=workshop, contact=find_or_create_contact(email, name=name), name=name, email=email,
                state=Registration.State.CONFIRMED, created_at=starts_at - timedelta(days=12, hours=place),
            )  # fmt: skip
        _come(workshop, came=came, stars=stars)
        Debrief.objects.create(
            workshop=workshop, host_satisfaction=5, evaluations=evaluations, learned="Start with the movement.",
            no_next_reason="They asked for another topic.", closed_at=starts_at + timedelta(days=7), by=story.owner,
        )  # fmt: skip


def remember(workshop: Workshop, *, came: int, stars: tuple[int, ...], story: Story) -> None:
    """The last one: who came, how they liked it, and one who asked to be called and was."""
    _come(workshop, came=came, stars=stars)
    Debrief.objects.create(workshop=workshop, host_satisfaction=5, evaluations=2, by=story.owner)
    asked = workshop.registrations.came().filter(rating=4).first()
    if asked is None:
        return
    at = workshop.ends_at + timedelta(days=1, hours=3)
    words = asked.rating_words
    Registration.objects.filter(pk=asked.pk).update(rating=None, rated_at=None)  # a month later nobody may change it
    rate(asked, stars=4, words=words, may_call=True, phone="613-555-0127", call_when="weekdays after five")
    receive_call_wishes()
    Registration.objects.filter(pk=asked.pk).update(rated_at=at, may_call_at=at)
    Lead.objects.filter(registration=asked).update(created_at=at)
    post.keep(Message.objects.filter(contact=asked.contact), at=at)
    todo = FollowUp.objects.get(lead__registration=asked)
    complete(todo, by=story.owner, outcome=CALLED)
    FollowUp.objects.filter(pk=todo.pk).update(created_at=at, due_on=at.date(), done_at=at + timedelta(hours=20))
    LogEntry.objects.get_for_object(todo).filter(timestamp__gt=timezone.now() - timedelta(hours=1)).update(timestamp=at)


def _come(workshop: Workshop, *, came: int, stars: tuple[int, ...]) -> None:
    """The first of them came, and the first of those said how it was on the day after."""
    Workshop.objects.filter(pk=workshop.pk).update(door_closed_at=workshop.ends_at)
    for place, guest in enumerate(workshop.registrations.order_by("pk")[:came]):
        Registration.objects.filter(pk=guest.pk).update(
            checked_in_at=workshop.starts_at - timedelta(minutes=12 - place),
            rating=stars[place] if place < len(stars) else None,
            rated_at=workshop.ends_at + timedelta(days=1, hours=place) if place < len(stars) else None,
            rating_words=WORDS[place % len(WORDS)] if place < len(stars) else "",
        )
