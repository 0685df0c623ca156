"""Several to dos at once: exactly those ticked."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from partners.actions import complete, follow_up
from partners.models import FollowUp

pytestmark = pytest.mark.django_db

URL, UNDO = "/admin/todos/together/", "/admin/todos/together/undo/"


@pytest.fixture
def three(quiet_gym, owner) -> list[FollowUp]:
    today = timezone.localdate()
    return [
        follow_up(partner=quiet_gym, title=f"Call {n}", due_on=today - timedelta(days=n), by=owner) for n in range(3)
    ]


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def still_open() -> list[str]:
    return sorted(FollowUp.objects.open().values_list("title", flat=True))


@pytest.mark.parametrize("url", [URL, UNDO])
def test_it_needs_a_login_permission_and_a_post(client, owner, viewer, url):
    assert client.post(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(url).url == reverse("wagtailadmin_home")
    client.force_login(owner)
    assert client.get(url).status_code == 405


def test_it_does_exactly_what_is_ticked_and_undoes_it(at_desk, three):
    response = at_desk.post(URL, {"deed": "done", "id": [three[0].pk, three[2].pk]})
    assert "Done: 2 to dos." in said(response)
    assert still_open() == ["Call 1"]

    at_desk.post(UNDO, {"deed": "reopen", "rows": f"{three[0].pk},{three[2].pk}"})
    assert still_open() == ["Call 0", "Call 1", "Call 2"]


def test_it_puts_off_what_is_ticked_and_gives_each_its_own_day_back(at_desk, three):
    was = {todo.pk: todo.due_on for todo in three}
    response = at_desk.post(URL, {"deed": "3", "id": list(was)})
    day = timezone.localdate() + timedelta(days=3)
    assert set(FollowUp.objects.values_list("due_on", "snoozes")) == {(day, 1)}

    rows = ",".join(f"{pk}:{due_on.isoformat()}" for pk, due_on in was.items())
    assert all(row in said(response) for row in rows.split(","))
    at_desk.post(UNDO, {"deed": "unsnooze", "rows": rows})
    assert dict(FollowUp.objects.values_list("pk", "due_on")) == was
    assert set(FollowUp.objects.values_list("snoozes", flat=True)) == {0}


def test_it_leaves_alone_what_is_not_open_any_more(at_desk, three, owner):
    complete(three[0], by=owner, outcome="Earlier")

    response = at_desk.post(URL, {"deed": "done", "id": [todo.pk for todo in three]})

    assert "Done: 2 to dos." in said(response)
    three[0].refresh_from_db()
    assert three[0].outcome == "Earlier"


def test_it_says_when_none_is_open(at_desk, three, owner):
    complete(three[0], by=owner)

    assert "None of these is open" in said(at_desk.post(URL, {"deed": "done", "id": [three[0].pk]}))


@pytest.mark.parametrize("ids", [[], ["x"], ["9" * 30]])
def test_it_asks_for_a_tick(at_desk, three, ids):
    assert "Tick at least one" in said(at_desk.post(URL, {"deed": "done", "id": ids}))
    assert len(still_open()) == 3


@pytest.mark.parametrize("deed", ["", "soon", "0"])
def test_it_puts_nothing_off_to_a_day_that_makes_no_sense(at_desk, three, deed):
    at_desk.post(URL, {"deed": deed, "id": [three[0].pk]})

    assert FollowUp.objects.filter(snoozes=0).count() == 3


def test_it_comes_back_to_the_list_as_it_was(at_desk, three):
    page = at_desk.get("/admin/todos/?state=overdue").content.decode()
    assert 'name="next" value="/admin/todos/?state=overdue"' in page

    response = at_desk.post(URL, {"deed": "done", "id": [three[1].pk], "next": "/admin/todos/?state=overdue"})
    assert response.url == "/admin/todos/?state=overdue"


def test_it_gives_a_viewer_nothing_to_tick(client, viewer, three):
    client.force_login(viewer)

    assert URL not in client.get("/admin/todos/").content.decode()
