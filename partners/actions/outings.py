"""A gathering of others: three people to meet before it, and after it what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from crm.people.models import User
from partners.actions.people import add_person
from partners.actions.refusals import AlreadyMet, NothingToPlan, NotYetThere
from partners.actions.todos import complete, follow_up, put_due
from partners.actions.touches import log_touch
from partners.models import FollowUp, Outing, Partner, ToMeet, Touch

TO_NAME = 3  # people to meet: more are not remembered, fewer are not worth the drive
NAMED_BEFORE = timedelta(days=3)


@dataclass(frozen=True)
class Person:
    """Somebody to meet."""

    name: str
    why: str = ""
    partner: Partner | None = None


@transaction.atomic
def plan_outing(
    *,
    name: str,
    on: date,
    by: User | None,
    place: str = "",
    partner: Partner | None = None,
    people: Sequence[Person] = (),
) -> Outing:
    """Note that we go somewhere, whom to meet there, and promise what comes before and after it."""
    if not name.strip():
        raise NothingToPlan
    outing = Outing.objects.create(name=name.strip()[:160], on=on, place=place.strip()[:160], partner=partner, by=by)
    name_people(outing, people=people)
    promise(outing, by=by)
    return outing


@transaction.atomic
def name_people(outing: Outing, *, people: Sequence[Person]) -> None:
    """Say whom to meet. Who was met already, or has an outcome, stays named."""
    named = {person.name.strip()[:120]: person for person in people if person.name.strip()}
    outing.to_meet.filter(is_met=None, outcome="").exclude(name__in=named).delete()
    for name, person in named.items():
        told = {"why": person.why.strip()[:200], "partner": person.partner}
        ToMeet.objects.update_or_create(outing=outing, name=name, defaults=told)


def promise(outing: Outing, *, by: User | None) -> None:
    """A to do before it, to name three people, and one on the day after, to write down what came of them."""
    today = timezone.localdate()
    steps = {
        "before": (f"Name three people to meet at {outing.name}", max(today, outing.on - NAMED_BEFORE)),
        "after": (f"Write down what came of {outing.name}", max(today, outing.on + timedelta(days=1))),
    }
    if outing.on <= today or outing.to_meet.count() >= TO_NAME:
        settle(outing, "before", by=by)
        del steps["before"]
    for when, (title, due_on) in steps.items():
        todo = follow_up(partner=outing.partner, title=title, due_on=due_on, by=by, once_key=key(outing, when))
        if todo.due_on != due_on and todo.done_at is None and todo.taken_back_at is None:
            put_due(todo, on=due_on, by=by)


def key(outing: Outing, when: str) -> str:
    return f"{FollowUp.OUTING}{outing.pk}:{when}"


def settle(outing: Outing, when: str, *, by: User | None) -> None:
    """The to do before or after it is done, if it was open."""
    for todo in FollowUp.objects.open().filter(once_key=key(outing, when)):
        complete(todo, by=by)


@transaction.atomic
def look_back(person: ToMeet, *, is_met: bool, by: User | None, outcome: str = "", at_partner: str = "") -> ToMeet:
    """Say whether somebody was met and what came of it. Who was met leaves a touch, at a partner that is made if need be."""
    outing = person.outing
    if outing.on > timezone.localdate():
        raise NotYetThere
    words = outcome.strip()[:280]
    person = ToMeet.objects.select_for_update().get(pk=person.pk)
    if person.is_met and not is_met:
        raise AlreadyMet
    was_met = bool(person.is_met)
    person.is_met, person.outcome = is_met, words
    if is_met and person.partner is None and at_partner.strip():
        person.partner = _partner_called(at_partner.strip()[:160], by)
        add_person(person.partner, name=person.name)
    person.save()
    if is_met and not was_met and person.partner:
        _log(person, person.partner, outing, by)
    return person


def _partner_called(name: str, by: User | None) -> Partner:
    """The one of this name, else a new one."""
    known = Partner.objects.current().filter(name__iexact=name).first()
    return known or Partner.objects.create(name=name, created_by=by)


def _log(person: ToMeet, partner: Partner, outing: Outing, by: User | None) -> Touch:
    noon = timezone.make_aware(datetime.combine(outing.on, time(12)))
    said = f"Met {person.name} at {outing.name}. {person.outcome}".strip()[:280]
    at = min(noon, timezone.now())
    return log_touch(partner, kind=Touch.TouchKind.MEETING, summary=said, occurred_at=at, by=by)


@transaction.atomic
def close_outing(outing: Outing, *, by: User | None) -> bool:
    """Everything is written down: its to dos are done. Return whether it was open."""
    closed = Outing.objects.filter(pk=outing.pk, closed_at=None).update(closed_at=timezone.now()) == 1
    if closed:
        outing.refresh_from_db()
        for when in ("before", "after"):
            settle(outing, when, by=by)
    return closed
