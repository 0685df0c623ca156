"""The pages around campaigns: who may open them, what they show, and what they refuse."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Broadcast
from crm.mail.models import Message
from tests.campaigns.conftest import at_gym, crowd, person

pytestmark = pytest.mark.django_db

PAGES = [
    ("broadcasts:index", None),
    ("broadcasts:inspect", "broadcast"),
    ("broadcasts:progress", "broadcast"),
    ("letters:list", None),
    ("letters:check", "letter"),
    ("letters:show", "letter"),
    ("audiences:index", None),
    ("audiences:inspect", "audience"),
    ("audiences:count", None),
]
FORMS = [
    ("broadcasts:add", None),
    ("broadcasts:edit", "broadcast"),
    ("letters:edit", "letter"),
    ("audiences:add", None),
]
BUTTONS = ["schedule", "send_now", "unschedule", "cancel"]


def address(name, record, request):
    return reverse(name, args=[request.getfixturevalue(record).pk] if record else [])


@pytest.mark.parametrize(("name", "record"), [*PAGES, *FORMS, ("broadcasts:export", "broadcast")])
def test_it_needs_a_login(client, request, name, record):
    response = client.get(address(name, record, request))

    assert response.status_code == 302 and response.url.startswith("/admin/login/")


@pytest.mark.parametrize("role", ["owner", "assistant", "viewer"])
@pytest.mark.parametrize(("name", "record"), PAGES)
def test_it_shows_every_page_to_every_role(client, request, practice, role, name, record):
    client.force_login(request.getfixturevalue(role))

    assert client.get(address(name, record, request)).status_code == 200


@pytest.mark.parametrize(("name", "record"), [*FORMS, ("broadcasts:export", "broadcast")])
def test_it_keeps_forms_from_those_who_only_look(client, request, viewer, name, record):
    client.force_login(viewer)

    assert client.get(address(name, record, request)).status_code == 302


@pytest.mark.parametrize("role", ["owner", "assistant"])
@pytest.mark.parametrize(("name", "record"), FORMS)
def test_it_shows_forms_to_those_who_write(client, request, practice, role, name, record):
    client.force_login(request.getfixturevalue(role))

    assert client.get(address(name, record, request)).status_code == 200


@pytest.mark.parametrize("button", BUTTONS)
def test_it_needs_permission_to_press_a_button(client, viewer, due, button):
    client.force_login(viewer)

    client.post(reverse(f"broadcasts:{button}", args=[due.pk]))

    due.refresh_from_db()
    assert due.state == Broadcast.State.SCHEDULED


@pytest.mark.parametrize("button", BUTTONS)
def test_it_changes_nothing_by_looking(client, owner, broadcast, button):
    client.force_login(owner)

    assert client.get(reverse(f"broadcasts:{button}", args=[broadcast.pk])).status_code == 405


@pytest.mark.parametrize(("name", "record"), [("letters:check", "letter"), ("broadcasts:export", "broadcast")])
def test_it_refuses_to_be_posted_to(client, request, owner, name, record):
    client.force_login(owner)

    assert client.post(address(name, record, request)).status_code == 405


@pytest.mark.parametrize("page", ["broadcast", "audience"])
def test_it_lists_people_at_the_same_cost_for_three_and_three_hundred(client, owner, letter, audience, page):
    client.force_login(owner)
    costs = []
    for count, name in ((3, "small"), (300, "large")):
        crowd(count, name=name)
        broadcast = Broadcast.objects.create(
            letter=letter, audience=audience, state=Broadcast.State.SCHEDULED, send_at=timezone.now()
        )
        launch_due()
        url = broadcast.get_absolute_url() if page == "broadcast" else audience.get_absolute_url()
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_it_leads_from_a_message_to_its_broadcast(client, owner, due):
    at_gym(person())
    launch_due()
    client.force_login(owner)

    page = client.get(reverse("outbox:inspect", args=[Message.objects.get().pk]))

    assert due.get_absolute_url() in page.content.decode()


@pytest.mark.parametrize("record", ["letter", "audience"])
def test_it_keeps_what_a_broadcast_needs(client, request, owner, broadcast, record):
    kept = request.getfixturevalue(record)
    client.force_login(owner)

    response = client.post(reverse(f"{record}s:delete", args=[kept.pk]))

    assert response.status_code in (200, 302)
    assert type(kept).objects.filter(pk=kept.pk).exists()
