"""Calendars to subscribe to, as a calendar program fetches them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
import vobject
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from partners.actions import merge
from partners.models import Kind, Partner, Stage
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden" / "feed.ics"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
VIDEO = "https://meet.example.com/a-room-of-our-own"


@pytest.fixture
def mine(practice, owner) -> str:
    return actions.open_feed(owner).get_absolute_url()


@pytest.fixture
def gyms(practice, quiet_gym) -> str:
    return actions.open_feed(quiet_gym).get_absolute_url()


def events(client, address: str) -> dict:
    """What the calendar shows, by title."""
    calendar = Calendar.from_ical(client.get(address).content)
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def test_it_writes_the_same_bytes_as_ever(client, mine, quiet_gym):
    known = {"created_at": NOW - timedelta(days=30), "revised_at": NOW - timedelta(days=3)}
    with time_machine.travel(NOW, tick=False):
        for number, (title, more) in enumerate(
            {
                "Knees that last: für Läufer; and, others": {"host": quiet_gym, "seats_taken": 0},
                "Backs that carry": {"state": "draft", "place": "", "video_url": VIDEO},
                "Hips that swing": {"state": "cancelled", "cancelled_at": NOW - timedelta(days=3), "revision": 1},
            }.items()
        ):
            starts_at = datetime(2026, 11, 14, 15, 0, tzinfo=UTC) + timedelta(days=7 * number)
            make_workshop(
                title=title, starts_at=starts_at, pk=number + 1, uid=uuid.UUID(int=number + 1), **{**known, **more}
            )
        body = client.get(mine).content

    assert body == GOLDEN.read_bytes()
    assert max(map(len, body.split(b"\r\n"))) <= 75
    theirs = vobject.readOne(body.decode())
    assert [event.status.value for event in theirs.vevent_list] == ["CONFIRMED", "TENTATIVE", "CANCELLED"]
    assert [event.dtstart.value.tzinfo.utcoffset(None) for event in theirs.vevent_list] == [timedelta(0)] * 3


def test_it_says_how_it_may_be_kept_and_asked_for_again(client, mine, workshop):
    response = client.get(mine)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, max-age=900"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["ETag"].startswith('"')
    assert response["Last-Modified"].endswith("GMT")
    assert "Set-Cookie" not in response
    text = response.content.decode()
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text
    assert "METHOD" not in text
    assert "ATTENDEE" not in text


def test_it_answers_head_like_get_without_the_body(client, mine, workshop):
    full, head = client.get(mine), client.head(mine)

    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == full["ETag"]
    assert head["Content-Length"] == str(len(full.content))


@pytest.mark.parametrize("condition", ["ETag", "Last-Modified"])
def test_it_says_that_nothing_is_new(client, mine, workshop, condition):
    first = client.get(mine)
    header = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[condition]

    again = client.get(mine, headers={header: first[condition]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]


def test_it_stays_the_same_while_people_come_and_go(client, mine, workshop):
    first = client.get(mine)
    actions.cancel(fill(workshop, "Ada", "Bo", "Cy")[0])

    assert client.get(mine)["ETag"] == first["ETag"]


@pytest.mark.parametrize("change", ["words", "time", "cancelled"])
def test_it_changes_with_every_edit(client, mine, workshop, change, time_machine_at):
    now = timezone.now()
    time_machine_at(now)
    first = client.get(mine)
    time_machine_at(now + timedelta(minutes=1))
    if change == "words":
        Workshop.objects.update(summary="Other words.")
    elif change == "time":
        actions.move(workshop, ends_at=workshop.ends_at + timedelta(minutes=15))
    else:
        actions.cancel_workshop(workshop, reason="Flood.")

    again = client.get(mine, headers={"If-None-Match": first["ETag"], "If-Modified-Since": first["Last-Modified"]})
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert again["Last-Modified"] != first["Last-Modified"]


def test_it_raises_the_sequence_for_title_time_and_place_alone(client, mine, workshop, owner, time_machine_at):
    before = events(client, mine)["Knees that last"]
    time_machine_at(timezone.now() + timedelta(minutes=1))
    client.force_login(owner)
    typed = client.get(reverse("workshops:edit", args=[workshop.pk])).context["form"].initial
    form = {name: value for name, value in typed.items() if value is not None}
    client.post(reverse("workshops:edit", args=[workshop.pk]), {**form, "summary": "Other words."})

    event = events(client, mine)["Knees that last"]
    assert str(event["DESCRIPTION"]).startswith("Other words.")
    assert (event["SEQUENCE"], event.decoded("LAST-MODIFIED") > before.decoded("LAST-MODIFIED")) == (0, True)
    actions.move(workshop, place="Elsewhere 1")
    assert events(client, mine)["Knees that last"]["SEQUENCE"] == 1


def test_it_keeps_a_cancelled_workshop_for_thirty_days(client, mine, workshop, time_machine_at):
    uid = str(events(client, mine)["Knees that last"]["UID"])
    actions.cancel_workshop(workshop, reason="Flood.")
    cancelled_at = timezone.now()

    event = events(client, mine)["Cancelled: Knees that last"]
    assert (str(event["UID"]), event["STATUS"], event["SEQUENCE"]) == (uid, "CANCELLED", 1)
    time_machine_at(cancelled_at + timedelta(days=29, hours=23))
    assert events(client, mine)
    time_machine_at(cancelled_at + timedelta(days=30, hours=1))
    assert not events(client, mine)


@pytest.mark.parametrize(("days", "is_shown"), [(-89, True), (-91, False), (399, True), (401, False)])
def test_it_shows_what_is_near(client, mine, days, is_shown):
    make_workshop(starts_at=timezone.now() + timedelta(days=days), state="held" if days < 0 else "open")

    assert bool(events(client, mine)) == is_shown


def test_it_shows_a_partner_their_own_and_no_draft(client, gyms, mine, quiet_gym):
    make_workshop(title="Theirs", host=quiet_gym)
    make_workshop(title="Secret", host=quiet_gym, state="draft")
    make_workshop(title="Somebody else's")

    assert set(events(client, gyms)) == {"Theirs"}
    assert set(events(client, mine)) == {"Theirs", "Draft: Secret", "Somebody else's"}
    assert b"X-WR-CALNAME:Workshops at Ironworks Gym\r\n" in client.get(gyms).content


def test_it_tells_the_video_link_to_us_alone(client, gyms, mine, quiet_gym):
    make_workshop(host=quiet_gym, video_url=VIDEO)

    assert VIDEO.encode() in client.get(mine).content.replace(b"\r\n ", b"")
    assert VIDEO.encode() not in client.get(gyms).content.replace(b"\r\n ", b"")


def test_it_names_no_registrant(client, gyms, mine, workshop):
    fill(workshop, "Zebedee")

    assert b"ebedee" not in client.get(gyms).content + client.get(mine).content


def test_it_follows_a_partner_into_the_one_it_was_merged_with(client, gyms, mine, quiet_gym, owner):
    make_workshop(title="Theirs", host=quiet_gym)
    other = Partner.objects.create(name="Ironworks Gym Ottawa", kind=Kind.GYM, stage=Stage.ACTIVE)
    actions.stop_feed(actions.open_feed(other))
    merge(quiet_gym, into=other, by=owner, choices={})

    assert set(events(client, gyms)) == {"Theirs"}


def test_it_is_gone_once_it_is_stopped(client, owner, practice):
    feed = actions.open_feed(owner)
    actions.stop_feed(feed)

    assert client.get(feed.get_absolute_url()).status_code == 404
    assert client.get("/calendar/no-such-token-at-all.ics").status_code == 404


def test_it_is_gone_with_the_person(client, mine, owner):
    owner.is_active = False
    owner.save()

    assert client.get(mine).status_code == 404


def test_it_is_gone_for_who_may_see_no_workshops_any_more(client, mine, owner):
    owner.groups.clear()

    assert client.get(mine).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_can_only_be_read(client, mine, method):
    assert getattr(client, method)(mine).status_code == 405


def test_it_opens_one_address_for_each(owner, viewer, quiet_gym):
    feeds = [actions.open_feed(whose) for whose in (owner, viewer, quiet_gym)]

    assert [actions.open_feed(whose) for whose in (owner, viewer, quiet_gym)] == feeds
    assert len({feed.token for feed in feeds}) == 3


def test_it_gives_a_new_address_and_forgets_the_old(client, owner, practice):
    old = actions.open_feed(owner)
    new = actions.renew_feed(old)

    assert client.get(new.get_absolute_url()).status_code == 200
    assert client.get(old.get_absolute_url()).status_code == 404


def test_it_costs_as_many_queries_for_many_workshops(client, mine, queries_of, quiet_gym):
    for number in range(3):
        make_workshop(host=quiet_gym, title=f"Knees {number}")
    few = queries_of(mine)
    for number in range(30):
        make_workshop(host=quiet_gym, title=f"Backs {number}")

    client.get(mine)
    assert queries_of(mine) == few
