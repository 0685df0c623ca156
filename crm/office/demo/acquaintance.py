"""How the practice got to know one partner after the other: touches, stages, referrals, promises."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from crm.office.demo import lines, town, trail
from crm.office.demo.days import Calendar
from crm.people.models import Contact, User
from partners.actions import complete, drop, follow_up, log_touch, move_stage
from partners.models import OFF_RAMPS, FollowUp, Partner, Referral, Stage, Touch

# What happened until a partner came to stand where it stands, in order.
COURTSHIP = ("noticed", "showed_up", "showed_up", "advice", "talked", "showed_up", "talked")
GIVING = (*COURTSHIP, "gave", "talked", "gave")
PHASES: dict[Stage, tuple[str, ...]] = {
    Stage.IDENTIFIED: ("noticed",),
    Stage.SHOWING_UP: ("noticed", "showed_up", "showed_up", "showed_up", "showed_up"),
    Stage.CONVERSATION: COURTSHIP,
    Stage.GIVING_VALUE: (*GIVING, "gave", "talked"),
    Stage.FIRST_REFERRAL: (*GIVING, "gave", "referral", "steady", "gave"),
    Stage.ACTIVE: (*GIVING, "referral", "steady", "gave", "steady", "referral", "steady"),
    Stage.CHAMPION: (
        *GIVING,
        *("referral", "steady", "gave", "steady", "referral", "steady", "gave", "steady", "talked", "referral"),
    ),
    Stage.PAUSED: ("noticed", "showed_up", "advice", "talked", "showed_up", "talked"),
    Stage.DORMANT: ("noticed", "showed_up", "showed_up", "advice", "talked", "unanswered", "unanswered", "unanswered"),
    Stage.NOT_A_FIT: ("noticed", "showed_up", "talked", "showed_up", "talked"),
}
REACHED = {
    "showed_up": Stage.SHOWING_UP,
    "advice": Stage.CONVERSATION,
    "talked": Stage.CONVERSATION,
    "gave": Stage.GIVING_VALUE,
    "referral": Stage.FIRST_REFERRAL,
}
LADDER = list(Stage)[:7]
WEEKS = 26
PROMISES = (
    "Send {first} what we talked about",
    "Tell {first} what came of the advice",
    "Bring {first} the one-page guide",
    "Ask {first} how the class went",
    "Answer {first}'s question about opening hours",
    "Send {first} the poster as a picture",
    "Write {first} two lines of thanks",
    "Look up the date {first} mentioned",
    "Find the photo {first} asked for",
    "Ask Joel to print the cards for {first}",
    "Send {first} our Friday hours",
    "Return the book {first} lent me",
    "Check with {first} whether Thursday still works",
    "Put the event of {first} into our letter",
    "Draft the page {first} would like",
    "Bring {first} coffee and listen",
)
OUTCOMES = ("Done, and glad I did.", "Sent.", "Had a good laugh about it.", "Brought it by.", "")


@dataclass
class Story:
    """What the teller keeps in mind: chance, the calendar, and which words were used already."""

    calendar: Calendar
    rng: random.Random
    owner: User
    assistant: User
    used: Counter[str] = field(default_factory=Counter)

    def line(self, phase: str, place: town.Place, told: set[str]) -> lines.Line:
        """A line this partner has not heard, of those the one that was used least."""
        which = place.group or lines.group(place.kind)
        fresh = [line for line in lines.for_phase(phase, place.kind, which) if line.words not in told]
        chosen = min(fresh, key=lambda line: (self.used[line.words], self.rng.random()))
        self.used[chosen.words] += 1
        told.add(chosen.words)
        return chosen

    def promise(self, told: set[str]) -> str:
        """Something to do for this partner that was not promised before."""
        chosen = self.rng.choice([title for title in PROMISES if title not in told])
        told.add(chosen)
        return chosen


@dataclass
class Acquaintance:
    """One partner on its way through the half-year."""

    place: town.Place
    partner: Partner
    contacts: list[Contact]
    told: set[str] = field(default_factory=set)
    promise: FollowUp | None = None
    owed: list[FollowUp] = field(default_factory=list)  # whoever gave advice is told what came of it when we next meet
    last_at: datetime | None = None


@dataclass(frozen=True, order=True)
class Step:
    """Something of an acquaintance that happens on a day."""

    day: date
    number: int
    phase: str = field(compare=False)


def timetable(place: town.Place, story: Story, number: int) -> list[Step]:
    """Spread what happened with a partner over the half-year, to end a few days ago or where it fell silent."""
    phases = PHASES[place.stage]
    if place.referrals < phases.count("referral"):
        last = len(phases) - 1 - phases[::-1].index("referral")
        phases = phases[:last] + phases[last + 1 :]
    last_day = story.calendar.today - timedelta(days=place.quiet_weeks * 7 or story.rng.randint(1, 10))
    if place.stage in (Stage.DORMANT, Stage.PAUSED, Stage.NOT_A_FIT):
        last_day -= timedelta(weeks=story.rng.randint(4, 7))
    pace = story.rng.uniform(11, 16) if len(phases) > 4 else story.rng.uniform(14, 22)
    available = (last_day - story.calendar.today).days + WEEKS * 7 - 4
    pace = min(pace, available / len(phases))
    first_day = last_day - timedelta(days=round(pace * (len(phases) - 1)))
    return [Step(first_day + timedelta(days=round(pace * i)), number, phase) for i, phase in enumerate(phases)]


def play(step: Step, who: Acquaintance, story: Story) -> None:
    """Let one step happen: keep what was promised, meet, move on, promise the next."""
    contact = story.rng.choices(who.contacts, weights=[4, 1][: len(who.contacts)])[0]
    if step.phase == "referral":
        contact = who.contacts[0]
    promised, who.promise = who.promise, None
    owed, who.owed = who.owed, []
    happen = _refer if step.phase == "referral" else _touch
    at = happen(step, who, contact, story)
    if promised:
        _keep(promised, at, story)
    for report in owed:
        _report_back(report, at, story)
    _climb(who, step.phase, at, story)
    who.last_at = at


def _touch(step: Step, who: Acquaintance, contact: Contact, story: Story) -> datetime:
    line = story.line(step.phase, who.place, who.told)
    at = story.calendar.moment(step.day, line.kind, line.words, story.rng)
    at = _after(at, who.last_at)
    is_office_work = line.kind in (Touch.TouchKind.EMAIL, Touch.TouchKind.TEXT, Touch.TouchKind.VOICEMAIL)
    by = story.assistant if is_office_work and story.rng.random() < 0.4 else story.owner
    asks_more = step.phase in ("advice", "talked", "gave") and story.rng.random() < 0.4
    touch = log_touch(
        who.partner,
        kind=line.kind,
        summary=line.words.format(first=contact.first_name),
        is_give=line.is_give,
        occurred_at=at,
        contacts=[contact],
        by=by,
        next_step=story.promise(who.told).format(first=contact.first_name) if asks_more else "",
        due_on=story.calendar.working_day(at.date() + timedelta(days=7)) if asks_more else None,
    )
    if asks_more:
        who.promise = touch.follow_ups.get(once_key="")
        FollowUp.objects.filter(pk=who.promise.pk).update(created_at=at)
    Touch.objects.filter(pk=touch.pk).update(created_at=at + timedelta(minutes=12))
    who.owed = list(touch.follow_ups.exclude(once_key=""))
    FollowUp.objects.filter(pk__in=[report.pk for report in who.owed]).update(created_at=at)
    return at


def _report_back(owed: FollowUp, at: datetime, story: Story) -> None:
    complete(owed, by=story.owner)
    told = Touch.objects.filter(partner=owed.partner, kind=Touch.TouchKind.REPORTED_BACK)
    told.filter(created_at=owed.done_at or at).update(occurred_at=at, created_at=at)
    FollowUp.objects.filter(pk=owed.pk).update(done_at=at)
    trail.date_last(owed, at=at)


def _after(at: datetime, before: datetime | None) -> datetime:
    """A touch never overtakes the one before."""
    return at if before is None or at > before else before + timedelta(hours=2)


def _refer(step: Step, who: Acquaintance, contact: Contact, story: Story) -> datetime:
    """A referral comes in, and the thank-you goes out within a day."""
    at = _after(story.calendar.at(story.calendar.working_day(step.day), 11, story.rng.choice((5, 20, 45))), who.last_at)
    thanked_at = at + timedelta(hours=story.rng.choice((4, 5, 22)))
    age = (story.calendar.today - step.day).days
    state = _state(age, story.rng)
    referral = Referral.objects.create(
        partner=who.partner, referred_by=contact, received_at=at, state=state, by=story.owner, **_reached(state, at)
    )
    if age < 3:
        return at  # the thank-you is still owed

    line = story.line("thanked", who.place, who.told)
    summary = line.words.format(first=contact.first_name)
    touch = log_touch(
        who.partner, kind=line.kind, summary=summary, occurred_at=thanked_at, contacts=[contact], by=story.owner
    )
    Touch.objects.filter(pk=touch.pk).update(created_at=thanked_at + timedelta(minutes=12))
    Referral.objects.filter(pk=referral.pk).update(thanked_at=thanked_at)
    return thanked_at


def _state(age: int, rng: random.Random) -> Referral.State:
    """How far a referral of so many days has come."""
    if age < 3:
        return Referral.State.RECEIVED
    if age < 12:
        return rng.choice((Referral.State.CONTACTED, Referral.State.SCHEDULED))
    if age < 35:
        return rng.choice((Referral.State.SCHEDULED, Referral.State.EVALUATED, Referral.State.IN_CARE))
    return rng.choices((Referral.State.IN_CARE, Referral.State.COMPLETED, Referral.State.LOST), weights=(3, 6, 1))[0]


def _reached(state: Referral.State, at: datetime) -> dict[str, object]:
    """When it came to each state on its way, three days apart; why it was lost, if it was."""
    if state == Referral.State.LOST:
        return {"contacted_at": at + timedelta(hours=2), "ended_at": at + timedelta(days=6), "lost_reason": "schedule"}
    way = list(Referral.REACHED)
    passed = way[: way.index(state) + 1] if state in way else []
    return {Referral.REACHED[step]: at + timedelta(days=3 * n, hours=2) for n, step in enumerate(passed)}


def _keep(promise: FollowUp, at: datetime, story: Story) -> None:
    complete(promise, by=story.owner, outcome=story.rng.choice(OUTCOMES))
    FollowUp.objects.filter(pk=promise.pk).update(done_at=at)
    trail.date_last(promise, at=at)


def _climb(who: Acquaintance, phase: str, at: datetime, story: Story) -> None:
    reached = REACHED.get(phase)
    if reached and LADDER.index(reached) > LADDER.index(Stage(who.partner.stage)):
        stand(who, reached, at, story)


def arrive(who: Acquaintance, story: Story) -> None:
    """Bring a partner to the stage where the owner has it today."""
    if who.last_at and who.partner.stage != who.place.stage:
        stand(who, who.place.stage, who.last_at + timedelta(minutes=30), story)


def stand(who: Acquaintance, stage: Stage, at: datetime, story: Story) -> None:
    """Move a partner as it was done at a moment in the past."""
    until = story.calendar.today + timedelta(weeks=6) if stage == Stage.PAUSED else None
    reason = who.place.reason if stage in OFF_RAMPS else ""
    known = "They knew each other before this book began."
    move_stage(
        who.partner, to=stage, by=story.owner, reason=reason, paused_until=until, let_through=known, begins_plan=False
    )
    Partner.objects.filter(pk=who.partner.pk).update(stage_changed_at=at)
    trail.date_last(who.partner, at=at)


# partner, what, days from today
PROMISED = (
    ("Ironpeak Strength", "Thank Dana for the referral, in person", 0),
    ("Lakeside Fitness", "Bring Jen three dates for the trainers' lunch", -5),
    ("Cedar Lane Direct Care", "Send Dr. Haddad the fall-prevention leaflet", -2),
    ("Kettle & Rope", "Send Tomasz the two exercises for sore wrists", -1),
    ("Still Water Yoga", "Confirm chairs and projector with Leela", 0),
    ("Okoye Direct Primary Care", "Call Simone: do our notes arrive in time?", 0),
    ("Summit Climbing Wall", "Show Jo the draft of the finger warm-up card", 0),
    ("Port Alder Striders", "Ask Neil about a talk at the spring meeting", 2),
    ("Alder Valley Midwives", "Bring Bronwyn the handout in plain words", 3),
    ("Mothers in Motion", "Tell Ife what came of the advice", 4),
    ("Bridge Street Family Medicine", "One line to Dr. Varga: the referral is in good hands", 5),
    ("Millrace Direct Primary Care", "Coffee with Dr. Pike: ask what her front desk hears", 7),
    ("Clearwater Integrative Health", "Send Dr. Aziz our new prices", 9),
    ("Anvil Athletics", "Take the Saturday class at Anvil", 6),
    ("Alder Hot Yoga", "Ask Renee how the renovation goes", 20),
)
MEETINGS = {"Coffee with Dr. Pike: ask what her front desk hears"}
COMES_AGAIN = {"Take the Saturday class at Anvil": 7}  # days


def promise_what_is_open(known: dict[str, Acquaintance], story: Story) -> None:
    """What is promised as of today: some overdue, some due, the rest to come on working days."""
    for who in known.values():
        for report in who.owed:
            if report.due_on < story.calendar.today:
                drop(report, by=story.owner)
                FollowUp.objects.filter(pk=report.pk).update(taken_back_at=who.last_at)
                trail.date_last(report, at=story.calendar.at(report.due_on, 8, 55))
        if who.promise and who.promise.due_on <= story.calendar.today:
            kept_at = min(story.calendar.at(who.promise.due_on, 8, 50), story.calendar.now)
            _keep(who.promise, kept_at, story)
    for name, title, days in PROMISED:
        who = known[name]
        due_on = story.calendar.today + timedelta(days=days)
        if days > 0:
            due_on = story.calendar.working_day(due_on + timedelta(days=2))
        promised = follow_up(
            partner=who.partner,
            title=title,
            due_on=due_on,
            is_meeting=title in MEETINGS,
            repeat_days=COMES_AGAIN.get(title),
            by=story.owner,
        )
        FollowUp.objects.filter(pk=promised.pk).update(created_at=who.last_at)
