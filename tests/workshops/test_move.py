from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from crm.mail.models import Message
from crm.mail.render import render
from tests.workshops.conftest import fill, letters_to
from workshops import actions
from workshops.models import Invite, Workshop

pytestmark = pytest.mark.django_db


def event_in(message: Message):
    return Calendar.from_ical(message.calendar.encode()).walk("VEVENT")[0]


def test_it_updates_every_invite_with_a_higher_sequence(workshop):
    ada, ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    later = workshop.starts_at + timedelta(days=1)

    told = actions.move(workshop, starts_at=later, ends_at=later + timedelta(hours=1))

    assert told == 3
    for registration in (ada, ben):
        first, update = letters_to(registration)
        assert update.calendar_method == "REQUEST"
        assert str(event_in(update)["UID"]) == str(event_in(first)["UID"])
        assert (event_in(first)["SEQUENCE"], event_in(update)["SEQUENCE"]) == (0, 1)
        assert event_in(update).decoded("DTSTART") == later
    assert letters_to(cleo)[-1].calendar == ""


CHANGES = {
    "title": {"title": "Knees for life"},
    "place": {"place": "The Annex, 9 Side Street"},
    "time": {"starts_at": timedelta(days=1), "ends_at": timedelta(days=1)},
    "length": {"ends_at": timedelta(minutes=30)},
    "video link": {"video_url": "https://meet.example.com/knees"},
    "zone": {"time_zone": "America/Halifax"},
    "all at once": {"title": "Knees for life", "place": "The Annex", "ends_at": timedelta(minutes=30)},
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_sends_one_update_one_change_higher_whatever_changed(workshop, what):
    (ada,) = fill(workshop, "Ada")
    new = {
        field: getattr(workshop, field) + value if isinstance(value, timedelta) else value
        for field, value in CHANGES[what].items()
    }

    assert actions.move(workshop, **new) == 1

    first, update = letters_to(ada)
    event = event_in(update)
    assert (update.calendar_method, event["SEQUENCE"], str(event["STATUS"])) == ("REQUEST", 1, "CONFIRMED")
    assert (event["UID"], event["ATTENDEE"]) == (event_in(first)["UID"], event_in(first)["ATTENDEE"])
    assert event.decoded("DTSTAMP") >= event_in(first).decoded("DTSTAMP")
    workshop.refresh_from_db()
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (workshop.starts_at, workshop.ends_at)


def test_it_says_what_it_was_and_what_it_is(workshop):
    (ada,) = fill(workshop, "Ada")
    was = workshop.when

    actions.move(workshop, place="The Annex, 9 Side Street")

    text = render(letters_to(ada)[-1]).text
    assert "The Annex, 9 Side Street" in text
    assert f"It was: {was}, Ironworks Gym, 4 Forge Lane, Ottawa" in text


def test_it_raises_the_sequence_at_every_move(workshop):
    (ada,) = fill(workshop, "Ada")

    for day in (1, 2, 3):
        actions.move(
            workshop,
            starts_at=workshop.starts_at + timedelta(days=day),
            ends_at=workshop.ends_at + timedelta(days=day),
        )

    assert Invite.objects.get(registration=ada).sequence == 3
    assert len(letters_to(ada)) == 4
    assert Workshop.objects.get().revision == 3


def test_it_tells_nobody_when_nothing_changes(workshop):
    fill(workshop, "Ada")

    assert actions.move(workshop, place=workshop.place, starts_at=workshop.starts_at) == 0
    assert Message.objects.count() == 1


def test_it_moves_a_draft_quietly(workshop):
    Workshop.objects.update(state="draft")

    assert actions.move(workshop, place="Elsewhere") == 0
    assert Workshop.objects.get().place == "Elsewhere"


@pytest.mark.parametrize(
    ("start", "end", "refusal"),
    [
        (timedelta(days=2), timedelta(days=1), actions.BadSpan),
        (timedelta(days=2), timedelta(days=2, hours=9), actions.BadSpan),
        (timedelta(days=-2), timedelta(days=-2, hours=1), actions.WorkshopOver),
    ],
)
def test_it_refuses_a_time_that_cannot_be(workshop, start, end, refusal):
    now = timezone.now()

    with pytest.raises(refusal):
        actions.move(workshop, starts_at=now + start, ends_at=now + end)
    assert Workshop.objects.get().revision == 0


def test_it_refuses_a_cancelled_workshop(workshop):
    actions.cancel_workshop(workshop, reason="")

    with pytest.raises(actions.AlreadyCancelled):
        actions.move(workshop, place="Elsewhere")
