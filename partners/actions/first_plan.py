"""The plan that a first referral begins outlives it: taken back while another stands, the plan is that other one's."""

from __future__ import annotations

from datetime import date

from django.db.models import Model, QuerySet
from django.utils import timezone

from crm.people.models import User
from partners.actions.trail import Changes, note_many
from partners.models import FollowUp, Referral
from partners.models.follow_up import RUN

REMEMBERED = 8  # who had it before, so that the key fits its column
NEEDED_NO_MORE = "No longer needed: they sent somebody"


def key(referral: Referral) -> str:
    """Why the plan exists. Behind the referral it belongs to stand those who had it before: plan:3:referral:HEIR:WAS:1."""
    return f"referral:{referral.code}"


def needed_no_more(referral: Referral) -> str:
    """Why the steps of courting them are put aside: each says which referral did it."""
    return f"{NEEDED_NO_MORE}, {referral}."


def steps_of(referral: Referral) -> QuerySet[FollowUp]:
    """The steps promised because of this referral."""
    return referral.partner.follow_ups.of_occasion(key(referral))


def hand_over(referral: Referral, *, by: User | None) -> Referral | None:
    """Let the plan of a referral that is taken back go on for the oldest that stands; return that one."""
    heir = referral.partner.referrals.standing().exclude(pk=referral.pk).order_by("received_at", "pk").first()
    if not heir or not steps_of(referral).exists():
        return None
    _change_hands(referral, heir, key(referral), f"{key(heir)}:{referral.code}", by=by)
    return heir


def hand_back(referral: Referral, *, by: User | None) -> Referral | None:
    """Undo hand_over(): the plan is this one's again; return who had it."""
    if not (held := _handed_on(referral)):
        return None
    had_it, codes = held
    was = ":".join(["referral", *codes[: codes.index(referral.code) + 1]])
    _change_hands(had_it, referral, was, key(referral), by=by)
    return had_it


def heir_of(referral: Referral) -> Referral | None:
    """Who has the plan that this one began, if it was handed on."""
    held = _handed_on(referral)
    return held[0] if held else None


def _handed_on(referral: Referral) -> tuple[Referral, list[str]] | None:
    """Who has its plan now, and the codes of all who had it, the last one first."""
    held = referral.partner.follow_ups.filter(once_key__startswith=RUN, once_key__contains=f":{referral.code}:")
    step = held.exclude(pk__in=steps_of(referral)).first()
    codes = step.run.split(":")[3:] if step else []
    holder = Referral.objects.filter(code__in=codes[:1]).first()
    return (holder, codes) if holder else None


def is_under_way_for_another(referral: Referral) -> bool:
    """Has another referral that stands a plan of its own? Then this one needs none."""
    others = referral.partner.referrals.standing().exclude(pk=referral.pk)
    return any(steps_of(other).exists() for other in others)


def _change_hands(old: Referral, new: Referral, was: str, becomes: str, *, by: User | None) -> None:
    """Rename the steps, count those that nobody moved from the other day, and say why courting is over."""
    steps = list(old.partner.follow_ups.of_occasion(was).select_related("step").select_for_update(of=("self",)))
    days = timezone.localdate(old.received_at), timezone.localdate(new.received_at)
    moved: dict[Model, Changes] = {}
    for todo in steps:
        due_on = _counted(todo, *days)
        if due_on != todo.due_on:
            moved[todo] = {"due_on": (todo.due_on, due_on)}
        todo.once_key, todo.due_on = _shortened(todo.once_key.replace(f":{was}:", f":{becomes}:")), due_on
    FollowUp.objects.bulk_update(steps, ["once_key", "due_on"])
    note_many(moved, by)
    old.partner.follow_ups.filter(outcome=needed_no_more(old)).update(outcome=needed_no_more(new))


def _shortened(once_key: str) -> str:
    *parts, place = once_key.split(":")
    return ":".join([*parts[: 3 + REMEMBERED], place])


def _counted(todo: FollowUp, was_from: date, from_day: date) -> date:
    """When a step is due that counts from another day. Whatever is done, put off or moved by hand stays as it is."""
    begun = timezone.localdate(todo.created_at)
    is_counted = todo.step and not todo.done_at and todo.due_on == todo.step.due_on(was_from, begun)
    return todo.step.due_on(from_day, begun) if todo.step and is_counted else todo.due_on
