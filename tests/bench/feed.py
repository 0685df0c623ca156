"""A calendar of 500 workshops, as somebody's calendar program fetches it, beside the icalendar package writing the same.

Both read the rows from the database; ours answers a whole request, the package only writes. “First” is what the feed
costs a process that has never written one, “whole” what it costs from then on, “nothing_new” what a 304 costs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event

from tests.bench.clock import Figures, median_seconds, seconds
from workshops import actions, feeds
from workshops.models import Feed, Workshop

WORKSHOPS = 500
Answer = TypeVar("Answer")


def measure() -> Figures:
    """Yield milliseconds for the whole feed, for the package's, their ratio, and for “nothing is new”."""
    feed = _feed()
    _fill()
    client, address = Client(headers={"host": "localhost"}), feed.get_absolute_url()
    client.get("/healthz")  # what any first request costs a process
    cold, first = _timed(lambda: client.get(address))
    assert first.content.count(b"BEGIN:VEVENT") == WORKSHOPS
    known = {"If-None-Match": first["ETag"]}
    assert client.get(address, headers=known).status_code == HTTPStatus.NOT_MODIFIED
    ours = median_seconds(lambda: client.get(address))
    unchanged = median_seconds(lambda: client.get(address, headers=known))
    package = median_seconds(lambda: _by_the_package(feed))
    yield "first", cold * 1000, "ms"
    yield "whole", ours * 1000, "ms"
    yield "nothing_new", unchanged * 1000, "ms"
    yield "package", package * 1000, "ms"
    yield "first_ratio", package / cold, "x"
    yield "ratio", package / ours, "x"
    yield "size", len(first.content) / 1024, "KB"


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    answers: list[Answer] = []
    return seconds(lambda: answers.append(work())), answers[0]


def _feed() -> Feed:
    user = get_user_model().objects.create_user("bench@example.com", "correct horse battery")
    user.groups.add(Group.objects.get(name="Owner"))
    return actions.open_feed(user)


def _fill() -> None:
    first = timezone.now() - timedelta(days=80)
    Workshop.objects.bulk_create(
        Workshop(
            title=f"Knees that last, part {number}", slug=f"knees-{number}", state=Workshop.State.OPEN,
            summary="An hour about knees, with time for questions; für Läufer und andere.",
            place=f"Ironworks Gym, {number} Forge Lane, Ottawa",
            starts_at=first + timedelta(hours=20 * number), ends_at=first + timedelta(hours=20 * number + 1),
        )
        for number in range(WORKSHOPS)
    )  # fmt: skip


def _by_the_package(feed: Feed) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//bench//EN")
    calendar.add("version", "2.0")
    for workshop in feeds.shown_in(feed).only(*feeds.NEEDED):
        event = Event()
        for name, value in {
            "uid": str(workshop.uid),
            "sequence": workshop.revision,
            "status": "CONFIRMED",
            "dtstamp": workshop.revised_at,
            "last-modified": workshop.revised_at,
            "created": workshop.created_at,
            "dtstart": workshop.starts_at,
            "dtend": workshop.ends_at,
            "summary": workshop.title,
            "location": workshop.place,
            "description": f"{workshop.summary}\n\n{workshop.public_url}",
            "url": workshop.public_url,
            "transp": "OPAQUE",
            "class": "PUBLIC",
        }.items():
            event.add(name, value)
        calendar.add_component(event)
    return calendar.to_ical()
