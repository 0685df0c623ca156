"""The office's busiest pages for a small practice and for one ten times its size, through Django's test client.

What counts is the number of queries and how the time grows from 500 partners to 5,000 (10,000 contacts to 100,000,
20,000 touches to 200,000): a page that asks rightly costs the same. The growth is of the quickest visits, which other
work on the machine disturbs least.
"""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.people.models import User
from partners import saved_views
from partners.models import Partner
from tests.bench import town
from tests.bench.clock import Figures, percentile, seconds

SMALL, BIG = 500, 5_000
VISITS = 15


def measure() -> Figures:
    """Yield, for each page, its queries, its p95 in both practices, and how much longer the big one takes."""
    owner = User.objects.create_user("owner@example.com", "a password for the bench")
    owner.groups.add(Group.objects.get(name="Owner"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)

    yield "fill_small", seconds(lambda: town.grow(SMALL, by=owner)), "s"
    small = {page: _times(client, address) for page, address in _addresses().items()}
    yield "fill_big", seconds(lambda: town.grow(BIG - SMALL, by=owner)), "s"
    for page, address in _addresses().items():
        big = _times(client, address)
        yield f"{page}.queries", _queries(client, address), "queries"
        yield f"{page}.p95_small", percentile(small[page], 95) * 1000, "ms"
        yield f"{page}.p95_big", percentile(big, 95) * 1000, "ms"
        yield f"{page}.growth", min(big) / min(small[page]), "x"


def _addresses() -> dict[str, str]:
    partner = Partner.objects.order_by("pk")[Partner.objects.count() // 2]
    partners, log = reverse("partners:index"), reverse("quick_log")
    return {
        "today": reverse("today"),
        "partner_list": f"{partners}?layout=list",
        "partner_list_by_last_touch": f"{partners}?ordering=-rhythm__last_touch_at&layout=list",
        **{f"partner_list_{view.key}": f"{partners}?view={view.key}&layout=list" for view in saved_views.VIEWS},
        "partner_board": f"{partners}?layout=board",
        "partner_board_quiet": f"{partners}?layout=board&view=quiet",
        "partner_search": f"{partners}?q=iron+gim&layout=list",
        "partner_page": partner.get_absolute_url(),
        "partner_timeline_narrowed": f"{partner.get_absolute_url()}?what=gives&page=2",
        "partner_brief": reverse("partner_brief", args=[partner.pk]),
        "todo_list": reverse("todos:index"),
        "touch_list": reverse("touches:index"),
        "quick_log": log,
        "suggestion": f"{reverse('quick_log_suggest')}?q=iorn+barb",
    }


def _times(client: Client, address: str) -> list[float]:
    def visit() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"

    visit()
    return [seconds(visit) for _ in range(VISITS)]


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)
