"""Load the demo practice, once, into a database that holds nothing else."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from auditlog.context import set_actor
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from wagtail.models import Page

from crm.mail.models import LinkKey
from crm.office.demo import people, town, trail
from crm.office.demo.acquaintance import Acquaintance, Story, arrive, play, promise_what_is_open, timetable
from crm.office.demo.days import Calendar
from crm.office.demo.gatherings import gather
from crm.office.demo.generosity import be_generous, say_the_words
from crm.office.demo.looking_back import look_back
from crm.office.demo.referring import refer_both_ways
from crm.office.demo.website import open_site
from crm.office.demo.writing import write
from crm.people.models import Contact, PracticeProfile
from partners.models import CadencePolicy, GiftLimit, Partner, Plan, PlanStep, ReferPage, Script
from workshops.models import Topic

SEED = 1847
ROOMS = ("people", "mail", "care", "partners", "workshops", "content", "campaigns", "auditlog")
INVENTED = r"[@.](example|example\.(com|org|net))$"


class DemoRefused(Exception):
    """The demo does not go together with what is in the database."""


@transaction.atomic
def load(*, now: datetime | None = None) -> bool:
    """Load the demo practice unless it is there; return whether it was loaded."""
    if is_loaded():
        return False
    if real := what_is_real():
        raise DemoRefused(
            f"This database holds {real}. The demo practice only goes into an empty one: "
            "set RAPPORT_DATA to another folder to look at it."
        )
    tell(now or timezone.now())
    return True


@transaction.atomic
def reload(*, now: datetime | None = None) -> bool:
    """Clear the demo practice and load it as of today; refused where anything in the database is not invented."""
    if real := what_is_real():
        raise DemoRefused(f"This database holds {real}, and clearing the demo would take that with it.")
    clear()
    tell(now or timezone.now())
    return True


def is_loaded() -> bool:
    return Partner.objects.filter(source=town.SOURCE).exists()


def what_is_real() -> str:
    """What here is somebody's own work, in words; empty in a database that holds the demo or nothing."""
    counts = {
        "partners of your own": Partner.objects.exclude(source=town.SOURCE).count(),
        "contacts with a real address": Contact.objects.with_email().exclude(email__iregex=INVENTED).count(),
        "users with a real address": get_user_model().objects.exclude(email__iregex=INVENTED).count(),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def clear() -> None:
    """Empty the rooms' tables; users, roles, settings, the site's pages and the key of links in letters stay.

    TRUNCATE, for the consent ledger refuses DELETE.
    """
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _models_to_clear())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still pending can't be truncated
        cursor.execute(f"TRUNCATE {names}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _models_to_clear() -> list[type[Model]]:
    standing = (CadencePolicy, GiftLimit, Plan, PlanStep, ReferPage, Script, Topic)  # what an installation begins with
    keep = (get_user_model(), PracticeProfile, LinkKey, *standing)
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models(include_auto_created=True)
        if not issubclass(model, (Page, *keep)) and not model._meta.db_table.startswith("people_user")
    ]


def tell(now: datetime) -> None:
    """Tell the half-year from its first day to its last, by the practice's clock."""
    profile = people.open_practice()
    with timezone.override(profile.zone):
        _tell(now, profile)


def _tell(now: datetime, profile: PracticeProfile) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a story, not a secret
    calendar = Calendar(now, profile.zone)
    owner, assistant, _viewer = people.hire_staff()
    story = Story(calendar, rng, owner, assistant)
    with set_actor(owner):
        known = meet_everybody(story)
        promise_what_is_open(known, story)
        refer_both_ways(known, story)
        gather(known, story)
        write(story)
        look_back(known, story)
        open_site(story)
        be_generous(known, story)
        say_the_words(known)
        people.date_guests()
    trail.date_beginnings()


def meet_everybody(story: Story) -> dict[str, Acquaintance]:
    """Found every partner, then play all their steps in the order of the days."""
    known: dict[str, Acquaintance] = {}
    steps = []
    for number, place in enumerate(town.PLACES, start=1):
        planned = timetable(place, story, number)
        steps += planned
        known_since = story.calendar.at(planned[0].day - timedelta(days=5), 9)
        partner = people.found(place, number, known_since=known_since, rng=story.rng, by=story.owner)
        known[place.name] = Acquaintance(place, partner, [role.contact for role in partner.roles.order_by("pk")])
    by_number = list(known.values())
    for step in sorted(steps):
        play(step, by_number[step.number - 1], story)
    for who in known.values():
        arrive(who, story)
        first_two = who.partner.touches.order_by("occurred_at")[:2]
        met_at = max(touch.occurred_at for touch in first_two) + timedelta(minutes=20)
        people.ask_for_consent(
            who.place, who.contacts, met_at=met_at, calendar=story.calendar, rng=story.rng, by=story.owner
        )
    return known
