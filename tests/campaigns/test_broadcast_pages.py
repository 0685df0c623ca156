"""The pages of a broadcast: its three steps, its schedule, and who got it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import launch_due
from campaigns.models import Audience, Broadcast
from crm.mail.models import Message
from tests.campaigns.conftest import at_gym, person, write_letter

pytestmark = pytest.mark.django_db

NOON = "2026-11-20T12:00:00Z"


@time_machine.travel(NOON, tick=False)
def test_it_makes_a_broadcast_in_three_steps(client, owner, letter, audience):
    client.force_login(owner)
    steps = {"letter": letter.pk, "audience": audience.pk, "when": "at", "day": "2026-11-24", "time": "09:00"}

    response = client.post(reverse("broadcasts:add"), steps)

    broadcast = Broadcast.objects.get()
    assert response.url == f"/admin/campaigns/broadcasts/inspect/{broadcast.pk}/"
    assert broadcast.state == Broadcast.State.DRAFT
    assert broadcast.send_at.isoformat() == "2026-11-24T14:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day": "2026-11-19"}, "That time is past."),
        ({"day": ""}, "Choose the day on which it leaves."),
        ({"time": ""}, "Choose the time."),
        ({"day": "2027-03-14", "time": "02:30"}, "2:30 a.m. on Sunday, March 14, 2027 does not exist"),
        ({"day": "2027-11-07", "time": "01:30"}, "1:30 a.m. on Sunday, November 7, 2027 happens twice"),
        ({"letter": ""}, "Choose the letter that is to be sent."),
        ({"audience": ""}, "Choose who is to get it."),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_it_says_what_is_missing_in_a_step(client, owner, letter, audience, fields, words):
    client.force_login(owner)
    steps = {"letter": letter.pk, "audience": audience.pk, "when": "at", "day": "2026-11-24", "time": "09:00"}

    page = client.post(reverse("broadcasts:add"), {**steps, **fields})

    assert words in page.content.decode()
    assert not Broadcast.objects.exists()


def test_it_sends_as_soon_as_it_is_confirmed(client, owner, letter, audience):
    at_gym(person())
    client.force_login(owner)
    client.post(reverse("broadcasts:add"), {"letter": letter.pk, "audience": audience.pk, "when": "now"})
    broadcast = Broadcast.objects.get()
    assert broadcast.send_at is None

    client.post(reverse("broadcasts:send_now", args=[broadcast.pk]))

    assert launch_due() == 1


def test_it_schedules_for_the_time_that_was_chosen(client, owner, broadcast):
    Broadcast.objects.update(send_at=timezone.now() + timedelta(days=1))
    client.force_login(owner)

    page = client.post(reverse("broadcasts:schedule", args=[broadcast.pk]), follow=True)

    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.SCHEDULED and broadcast.by == owner
    assert "Scheduled. It leaves on" in page.content.decode()


def test_it_says_why_it_will_not_schedule(client, owner, broadcast):
    Broadcast.objects.update(send_at=timezone.now() - timedelta(days=1))
    client.force_login(owner)

    page = client.post(reverse("broadcasts:schedule", args=[broadcast.pk]), follow=True)

    assert "That time is past." in page.content.decode()


def test_it_lists_what_is_to_be_mended(client, owner, audience, practice):
    broadcast = Broadcast.objects.create(letter=write_letter(subject="Hi [[nickname]]"), audience=audience)
    client.force_login(owner)

    page = client.get(broadcast.get_absolute_url()).content.decode()

    assert "Nothing is known for the place [[nickname]]" in page
    assert "disabled" in page


def test_it_changes_only_drafts(client, owner, due, audience):
    client.force_login(owner)

    page = client.get(reverse("broadcasts:edit", args=[due.pk]), follow=True)

    assert "Take the broadcast back first." in page.content.decode()


def test_it_keeps_the_schedule_when_a_draft_is_saved_too_late(client, owner, due, letter):
    other = Audience.objects.create(name="Other")
    client.force_login(owner)

    client.post(reverse("broadcasts:edit", args=[due.pk]), {"letter": letter.pk, "audience": other.pk, "when": "now"})

    due.refresh_from_db()
    assert due.state == Broadcast.State.SCHEDULED and due.audience_id != other.pk


def test_it_shows_who_got_it_and_who_did_not(client, owner, due):
    at_gym(person("Reached"), person("Refused"), person("Silent", email=""))
    launch_due()
    settled = {"settled_at": timezone.now()}
    Message.objects.filter(to_name="Reached").update(state=Message.State.HANDED_OVER, **settled)
    Message.objects.filter(to_name="Refused").update(state=Message.State.REJECTED, reason="No such mailbox.", **settled)
    client.force_login(owner)

    page = client.get(due.get_absolute_url()).content.decode()

    for words in ("1 handed over, 1 not sent, 1 refused", "No such mailbox.", "There is no e-mail address on record."):
        assert words in page
    assert ">Sent<" in page


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"outcome": "skipped"}, ["Silent"]),
        ({"outcome": "waiting"}, ["Ana"]),
        ({"q": "ironworks sil"}, ["Silent"]),
        ({"outcome": "nonsense"}, ["Ana", "Silent"]),
        ({"q": "nobody"}, []),
    ],
)
def test_it_filters_and_searches_recipients(client, owner, due, asked, names):
    at_gym(person("Ana"), person("Silent", email=""))
    launch_due()
    client.force_login(owner)

    people = client.get(due.get_absolute_url(), asked).context["people"]

    assert [recipient.contact.name for recipient in people] == names


def test_it_refreshes_only_while_something_waits(client, viewer, due):
    at_gym(person())
    launch_due()
    client.force_login(viewer)
    url = reverse("broadcasts:progress", args=[due.pk])

    assert "hx-trigger" in client.get(url).content.decode()
    Message.objects.update(state=Message.State.HANDED_OVER, settled_at=timezone.now())
    assert "hx-trigger" not in client.get(url).content.decode()


def test_it_exports_recipients_without_formulas(client, owner, due):
    at_gym(person('=HYPERLINK("https://evil.example")', email="evil@example.com"), name="+Gym")
    launch_due()
    client.force_login(owner)

    response = client.get(reverse("broadcasts:export", args=[due.pk]))

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == [
        "Name,E-mail,Partner,Outcome,Why",
        '"\'=HYPERLINK(""https://evil.example"")",evil@example.com,\'+Gym,Waiting,It waits for its turn.',
    ]


def test_it_lists_broadcasts_at_the_same_cost_for_three_and_three_hundred(client, owner, letter, audience):
    client.force_login(owner)
    client.get(reverse("broadcasts:index"))
    costs = []
    for count in (3, 297):
        Broadcast.objects.bulk_create(Broadcast(letter=letter, audience=audience) for _ in range(count))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("broadcasts:index")).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("state", "count"), [("draft", 1), ("scheduled", 1), ("sending", 1), ("sent", 1), ("cancelled", 0)]
)
def test_it_filters_broadcasts_by_the_state_people_see(client, owner, letter, audience, due, state, count):
    at_gym(person("Ana"))
    launch_due()
    Message.objects.update(state=Message.State.HANDED_OVER, settled_at=timezone.now())
    again = Broadcast.objects.create(letter=letter, audience=audience, state="scheduled", send_at=timezone.now())
    launch_due()
    assert again.recipients.exists()
    Broadcast.objects.create(letter=letter, audience=audience)
    Broadcast.objects.create(
        letter=letter, audience=audience, state="scheduled", send_at=timezone.now() + timedelta(days=1)
    )
    client.force_login(owner)

    page = client.get(reverse("broadcasts:index"), {"state": state})

    assert len(page.context["object_list"]) == count


def test_it_deletes_a_draft(client, owner, broadcast):
    client.force_login(owner)

    client.post(reverse("broadcasts:delete", args=[broadcast.pk]))

    assert not Broadcast.objects.exists()


def test_it_keeps_what_was_sent(client, owner, due):
    at_gym(person())
    launch_due()
    client.force_login(owner)

    page = client.post(reverse("broadcasts:delete", args=[due.pk]), follow=True)

    assert "Only a draft can be deleted." in page.content.decode()
    assert Broadcast.objects.exists()
