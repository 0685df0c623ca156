"""One deed for 2,000 partners, from the list's confirmation to the list again, and its undo."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.people.models import User
from partners.models import CadencePolicy, Partner, Sweep
from tests.bench import town
from tests.bench.clock import Figures, seconds

COUNT = 2_000


def measure() -> Figures:
    """Yield the seconds of each deed and of its undo."""
    owner = User.objects.create_user("owner@example.com", "a password for the bench")
    owner.groups.add(Group.objects.get(name="Owner"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)
    town.grow(COUNT, by=owner)
    Partner.objects.update(stage="active")

    yield "partners", COUNT, "rows"
    yield "confirm", seconds(lambda: _ask(client)), "s"
    for deed, fields in _deeds().items():
        yield deed, seconds(lambda fields=fields: _do(client, fields)), "s"
        yield f"{deed}.undo", seconds(lambda: _undo(client)), "s"
    CadencePolicy.objects.update_or_create(pk=1, defaults={"most_courting": 2 * COUNT})
    Partner.objects.update(stage="identified", fit_audience=30, fit_cash=20, fit_benefit=20)
    yield "courting", seconds(lambda: _do(client, {"deed": "stage", "to": "showing_up"})), "s"
    yield "courting.undo", seconds(lambda: _undo(client)), "s"


def _deeds() -> dict[str, dict[str, str]]:
    day = timezone.localdate() + timedelta(days=7)
    return {
        "tier": {"deed": "tier", "tier": "a"},
        "stage": {"deed": "stage", "to": "conversation"},
        "rest": {"deed": "stage", "to": "not_a_fit", "because": "closed"},
        "todo": {"deed": "todo", "title": "Invite them", "due_on": day.isoformat()},
        "archive": {"deed": "archive"},
    }


def _ask(client: Client) -> None:
    assert client.get(reverse("bulk_partners"), {"deed": "tier", "all": "1", "shown": ""}).status_code == 200


def _do(client: Client, fields: dict[str, str]) -> None:
    keys = ",".join(map(str, Partner.objects.values_list("pk", flat=True)))
    before = Sweep.objects.count()
    answer = client.post(reverse("bulk_partners"), {**fields, "ids": keys})
    assert answer.status_code == 302, answer.status_code
    assert Sweep.objects.count() == before + 1
    assert len(Sweep.objects.latest("pk").before) == COUNT


def _undo(client: Client) -> None:
    sweep = Sweep.objects.latest("pk")
    assert client.post(reverse("undo_bulk", args=[sweep.pk])).status_code == 302
    assert Sweep.objects.get(pk=sweep.pk).undone_at
