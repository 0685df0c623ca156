"""What the owner of the demo set out to do, has decided, and whom to meet next; and a partner written down twice."""

from __future__ import annotations

from datetime import timedelta

from crm.office.demo import town
from crm.office.demo.acquaintance import Acquaintance, Story
from partners.actions import plan_outing
from partners.actions.outings import Person
from partners.models import Goal, Kind, Partner, Review
from partners.results.spans import quarter_of, week_of


def look_back(known: dict[str, Acquaintance], story: Story) -> None:
    today = story.calendar.today
    Goal.objects.create(
        starts_on=quarter_of(today).starts_on,
        conversations=6, gives=40, referrals=12, evaluations=8, workshops=3, thanked_percent=95,
    )  # fmt: skip
    monday = week_of(today).starts_on
    said = "One visit before ten on Tuesday and Thursday, before the day fills up."
    Review.objects.create(
        monday=monday - timedelta(days=14),
        decision=said,
        by=story.owner,
        at=story.calendar.at(monday - timedelta(days=7), 8),
    )
    plan_outing(
        name="Harbour 10K, packet pick-up",
        on=today + timedelta(days=6),
        place="Town hall, Port Alder",
        people=[
            Person("Omar Saleh", "Knows everybody who lifts", known["Lakeside Fitness"].partner),
            Person("The race director", "Decides who stands at the finish line"),
        ],
        by=story.owner,
    )
    write_down_twice(story)


def write_down_twice(story: Story) -> None:
    """As it happens: logged in a hurry under a name that is nearly right."""
    then = story.calendar.at(story.calendar.today - timedelta(days=9), 17, 40)
    Partner.objects.create(
        name="Lake Side Fitness",
        kind=Kind.GYM,
        email="omar@lakesidefitness.example",
        city=town.TOWN,
        source=town.SOURCE,
        external_id="demo-twice",
        code="TW7CE4",
        created_by=story.owner,
        created_at=then,
        stage_changed_at=then,
    )
