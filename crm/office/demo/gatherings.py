"""The workshops of the demo: those held, one nearly full, one more than full, one at the door, one with an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.mail.models import Message
from crm.office.demo import lines, post, reminded, tomorrow, tonight, trail, turnout
from crm.office.demo.acquaintance import Acquaintance, Story
from crm.people.actions import find_or_create_contact
from partners.actions import log_touch
from partners.models import FollowUp, Partner, Touch
from workshops import letters
from workshops.actions import publish, register, take_reply
from workshops.actions.preparing import steps_of
from workshops.actions.registering import Details
from workshops.models import Invite, Registration, Topic, Workshop

GUESTS = (
    "Hannah Brook", "Stefan Mayer", "Lucille Grant", "Devon Clarke", "Ruth Okafor", "Arjun Patel", "Maeve Doyle",
    "Frank Lindgren", "Sonia Marchand", "Ted Willoughby", "Carmen Silva", "Ibrahim Toure", "Paula Nowak",
    "George Hatch", "Mina Farrokh", "Viola Burns", "Kurt Sandstrom", "Esther Nkemelu", "Leo Fontana",
    "Margaret Poole", "Anton Ilic", "Bea Thornton", "Rashid Aman", "Gwen Ellis",
)  # fmt: skip

HEARD = ("A friend or family", "", "The internet")


# What the calendars of some guests said to the invite, by the order in which they came.
ANSWERS = {0: Invite.Answer.ACCEPTED, 1: Invite.Answer.ACCEPTED, 3: Invite.Answer.TENTATIVE, 6: Invite.Answer.ACCEPTED}


@dataclass(frozen=True)
class Gathering:
    """A workshop: who hosts it, how far off it is, how many seats there are and how many people want one."""

    title: str
    slug: str
    host: str
    weeks: int
    weekday: int
    hour: int
    minutes: int
    capacity: int
    guests: range
    summary: str
    description: str


GATHERINGS = (
    Gathering(
        "Knees that like stairs", "knees-that-like-stairs", "Still Water Yoga", -6, 5, 10, 90, 10, range(9),
        "Why stairs hurt, what to do about it, and an hour to try it.",
        "A small group, a staircase, and time for everybody's own question.\n\n"
        "We look at what a sore knee tells us, try six exercises at three levels, and write down which two are yours. "
        "Come in clothes you can move in. Props are there.",
    ),
    Gathering(
        "Run without shin pain", "run-without-shin-pain", "Port Alder Striders", 3, 5, 9, 120, 12,
        range(4, 15), "How much, how soon, and what to do when the shin complains.",
        "For runners who stop every year at the same place. We film everybody for twenty seconds, talk about load, and "
        "leave with a plan for six weeks.\n\nMeeting point is the boathouse. We run two easy kilometres at most.",
    ),
    Gathering(
        "Strong shoulders for lifting", "strong-shoulders", "Ironpeak Strength", 7, 3, 18, 90, 8, range(13, 23),
        "Press, pull and sleep on it: shoulders that keep up with your training.",
        "An evening on the gym floor with Dana and Maren. We go through pressing and hanging, find your painless range, "
        "and build the three exercises that widen it.\n\nEight places, so that everybody is seen.",
    ),
)  # fmt: skip


TOPICS = {
    "run-without-shin-pain": "Run without stopping every spring",
    "strong-shoulders": "Shoulders that keep up with your training",
}


def gather(known: dict[str, Acquaintance], story: Story) -> None:
    """Hold the workshops that are past, and fill those to come."""
    turnout.look_further_back(known, story)
    for gathering in GATHERINGS:
        host = known[gathering.host].partner
        workshop = _plan(gathering, host, story)
        if workshop.has_begun:
            _hold(workshop, gathering, known[gathering.host], story)
        else:
            _open(workshop, gathering, story)
    _doubt(Workshop.objects.coming()[0], story)
    tonight.open_today(known, story)
    tomorrow.open_tomorrow(known, story)


def _plan(gathering: Gathering, host: Partner, story: Story) -> Workshop:
    today = story.calendar.today
    day = story.calendar.next_on(gathering.weekday, after=today + timedelta(weeks=gathering.weeks) - timedelta(days=4))
    starts_at = story.calendar.at(day, gathering.hour)
    return Workshop.objects.create(
        topic=Topic.objects.filter(name=TOPICS.get(gathering.slug)).first(),
        title=gathering.title,
        slug=gathering.slug,
        host=host,
        summary=gathering.summary,
        description=gathering.description,
        place=f"{host.name}, {host.address}",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=gathering.minutes),
        time_zone=story.calendar.zone.key,
        capacity=gathering.capacity,
        created_at=min(starts_at - timedelta(weeks=7), story.calendar.now - timedelta(days=16)),
    )


def _hold(workshop: Workshop, gathering: Gathering, host: Acquaintance, story: Story) -> None:
    """Seat everybody by hand, for register() rightly refuses a workshop that is over; the letters are the real ones."""
    Workshop.objects.filter(pk=workshop.pk).update(state=Workshop.State.HELD, seats_taken=len(gathering.guests))
    workshop.refresh_from_db()
    for at, name, email in _arrivals(gathering, workshop.starts_at - timedelta(days=2), story):
        registration = Registration.objects.create(
            workshop=workshop,
            contact=find_or_create_contact(email, name=name),
            name=name,
            email=email,
            state=Registration.State.CONFIRMED,
            created_at=at,
        )
        invite = Invite.objects.create(registration=registration, stamped_at=at)
        letters.welcome(letters.Desk(), [invite], [], first_place=1)
        post.keep(Message.objects.filter(contact=registration.contact), at=at)
    Message.objects.filter(contact__registrations__workshop=workshop).update(expires_at=workshop.ends_at)
    _tell_host(workshop, host, story)
    turnout.remember(workshop, stars=(5, 5, 4, 5, 3), came=7, story=story)
    reminded.remind(workshop, now=story.calendar.now)
    reminded.look_back(workshop)


def _date_preparation(workshop: Workshop) -> None:
    """What publishing promised, and did already, was promised and done on the day it was planned."""
    steps = steps_of(workshop)
    for step in steps.exclude(done_at=None):
        FollowUp.objects.filter(pk=step.pk).update(done_at=workshop.created_at)
        trail.date_last(step, at=workshop.created_at)
    steps.update(created_at=workshop.created_at)


def _open(workshop: Workshop, gathering: Gathering, story: Story) -> None:
    publish(workshop)
    _date_preparation(workshop)
    last = story.calendar.now
    at_host: Details = {
        "source": Registration.Source.HOST_LINK,
        "credited_to": workshop.host,
        "is_hosts": True,
        "heard_from": f"At {workshop.host}",
    }
    for number, (at, name, email) in enumerate(_arrivals(gathering, last, story)):
        came: Details = at_host if number % 2 else {"heard_from": HEARD[number % 3]}
        registration = register(workshop, name=name, email=email, **came)
        Registration.objects.filter(pk=registration.pk).update(created_at=at)
        if registration.has_seat and number in ANSWERS:
            _answer(registration.invite, ANSWERS[number], at + timedelta(minutes=9))
        post.keep(Message.objects.filter(contact=registration.contact), at=at)


def _answer(invite: Invite, answer: Invite.Answer, at: datetime) -> None:
    take_reply(invite, answer=answer, sequence=0, stamped_at=at, key=f"demo:{invite.pk}", mail=None)
    invite.replies.update(created_at=at)


def _doubt(workshop: Workshop, story: Story) -> None:
    """One registration that no person would send waits for a look."""
    name, email = "You won! www.prizes.example", "winner@mailinator.example"
    words = "The name holds a web address. The address is from a throw-away mailbox."
    registration = register(workshop, name=name, email=email, doubt=words)
    Registration.objects.filter(pk=registration.pk).update(created_at=story.calendar.now - timedelta(hours=9))


def _arrivals(gathering: Gathering, last: datetime, story: Story) -> list[tuple[datetime, str, str]]:
    """When who registered, the earliest first."""
    names = GUESTS[gathering.guests.start : gathering.guests.stop]
    days = sorted(
        last.astimezone(story.calendar.zone).date() - timedelta(days=story.rng.randint(1, 18)) for _name in names
    )
    hours = [(story.rng.choice((7, 8, 12, 13, 17, 19, 20, 21)), story.rng.randint(0, 59)) for _name in names]
    moments = sorted(story.calendar.at(day, *hour) for day, hour in zip(days, hours, strict=True))
    return [
        (moment, name, f"{name.lower().replace(' ', '.')}@example.com")
        for moment, name in zip(moments, names, strict=True)
    ]


def _tell_host(workshop: Workshop, host: Acquaintance, story: Story) -> None:
    """What the workshop left on the host's page: three preparations, the day itself, and the thanks."""
    first = host.contacts[0].first_name
    for days, line in zip((28, 12, 6), lines.HOSTED, strict=True):
        at = story.calendar.at(story.calendar.working_day((workshop.starts_at - timedelta(days=days)).date()), 12, 35)
        _log(host, line.kind, line.words.format(first=first), at, story)
    _log(
        host,
        Touch.TouchKind.WORKSHOP,
        f"{workshop.title}: nine people, good questions, {first} stayed the whole time.",
        workshop.starts_at,
        story,
        is_give=True,
    )
    thanked_at = workshop.ends_at + timedelta(days=2)
    _log(host, Touch.TouchKind.THANKS, f"Flowers and a card for {first}. Next date is open.", thanked_at, story)


def _log(
    host: Acquaintance, kind: Touch.TouchKind, words: str, at: datetime, story: Story, *, is_give: bool = False
) -> None:
    touch = log_touch(
        host.partner,
        kind=kind,
        summary=words,
        is_give=is_give,
        occurred_at=at,
        contacts=host.contacts[:1],
        by=story.owner,
    )
    Touch.objects.filter(pk=touch.pk).update(created_at=at + timedelta(minutes=20))
