"""The office's busiest pages for a small practice and for one ten times its size, through Django's test client.

What counts is the number of queries, how the time grows from 500 partners to 5,000 (10,000 contacts to 100,000,
20,000 touches to 200,000), for a page that asks rightly costs the same, and how often as long a page takes as the
emptiest one in Wagtail's frame. These two ratios are of the median visits. What was needed to fill the practice is put
out of the garbage collector's sight first, as the web server does with all it is made of.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Mapping

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from crm.people.models import User
from partners import duplicates, saved_views
from partners.models import Partner, Stage
from tests.bench import bare_office, town
from tests.bench.clock import Figures, percentile, seconds

SMALL, BIG = 500, 5_000
VISITS = 30
LINE = "Coffee with the head coach at Iron Barbell Gym 2, gave the guide, call next Tuesday"
Page = tuple[str, Mapping[str, str]]  # its address, and what is posted there where it is not only looked at


def measure() -> Figures:
    """Yield, for each page, its queries, its p95 in both practices, how much longer the big one takes, and its weight."""
    with override_settings(ROOT_URLCONF=bare_office.__name__):
        yield from _figures()


def _figures() -> Figures:
    owner = User.objects.create_user("owner@example.com", "a password for the bench")
    owner.groups.add(Group.objects.get(name="Owner"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)

    yield "fill_small", seconds(lambda: town.grow(SMALL, by=owner)), "s"
    small = {name: _times(client, page) for name, page in _pages().items()}
    yield "fill_big", seconds(lambda: town.grow(BIG - SMALL, by=owner)), "s"
    bare = 0.0
    for name, page in _pages().items():
        big = _times(client, page)
        bare = bare or statistics.median(big)
        yield f"{name}.queries", _queries(client, page), "queries"
        yield f"{name}.p95_small", percentile(small[name], 95) * 1000, "ms"
        yield f"{name}.p95_big", percentile(big, 95) * 1000, "ms"
        yield f"{name}.growth", statistics.median(big) / statistics.median(small[name]), "x"
        yield f"{name}.weight", statistics.median(big) / bare, "x bare"


def _pages() -> dict[str, Page]:
    gc.collect()
    gc.freeze()
    looked_at = {name: (address, {}) for name, address in _addresses().items()}
    return {**looked_at, "line": (reverse("quick_log"), {"line": LINE, "read": "yes"})}


def _addresses() -> dict[str, str]:
    partner = Partner.objects.order_by("pk")[Partner.objects.count() // 2]
    partners, log = reverse("partners:index"), reverse("quick_log")
    return {
        "bare": bare_office.address(),
        "today": reverse("today"),
        "partner_list": f"{partners}?layout=list",
        "partner_list_by_last_touch": f"{partners}?ordering=-rhythm__last_touch_at&layout=list",
        **{f"partner_list_{view.key}": f"{partners}?view={view.key}&layout=list" for view in saved_views.VIEWS},
        "partner_board": f"{partners}?layout=board",
        "partner_board_quiet": f"{partners}?layout=board&view=quiet",
        "partner_search": f"{partners}?q=iron+gim&layout=list",
        "partner_page": partner.get_absolute_url(),
        "partner_identified_with_twins": _identified_with_twins().get_absolute_url(),
        "partner_timeline_narrowed": f"{partner.get_absolute_url()}?what=gives&page=2",
        "partner_brief": reverse("partner_brief", args=[partner.pk]),
        "todo_list": reverse("todos:index"),
        "touch_list": reverse("touches:index"),
        "plan_list": reverse("plans:index"),
        "weekly_review": reverse("weekly_review"),
        "same_partners": reverse("same_partners"),
        "quick_log": log,
        "suggestion": f"{reverse('quick_log_suggest')}?q=iorn+barb",
    }


def _identified_with_twins() -> Partner:
    """One that sent nobody yet and looks like another we have: no partner's page asks more."""
    partner = Partner.objects.filter(stage=Stage.IDENTIFIED).order_by("pk")[0]
    partner.referrals.all().delete()
    Partner.objects.create(name=partner.name, kind=partner.kind, city=partner.city)
    duplicates.look()
    return partner


def _times(client: Client, page: Page) -> list[float]:
    for _ in range(2):
        _visit(client, page)
    return [seconds(lambda: _visit(client, page)) for _ in range(VISITS)]


def _visit(client: Client, page: Page) -> None:
    address, typed = page
    answer = client.post(address, typed) if typed else client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"


def _queries(client: Client, page: Page) -> int:
    with CaptureQueriesContext(connection) as asked:
        _visit(client, page)
    return len(asked)
