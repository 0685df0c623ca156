"""What follows a workshop: one letter to each who had a seat, and to dos for us; each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents.models import Document

from crm.mail.models import Message, MessageClass
from crm.mail.render import render
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.models import FollowUp
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.models import Debrief, Registration, Topic, Workshop

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 18, 22, tzinfo=UTC)  # a Wednesday, 17:00 in Toronto
MORNING_AFTER = datetime(2026, 11, 19, 15, tzinfo=UTC)  # 10:00


@pytest.fixture
def people(practice, quiet_gym, time_machine_at) -> list[Registration]:
    """Ada came, Ben did not; the door is closed."""
    time_machine_at(START - timedelta(days=20))
    topic = Topic.objects.create(name="Knees", follow_up_subject="Your knees", follow_up_words="Do the six.\n\nDaily.")
    workshop = make_workshop(host=quiet_gym, topic=topic, starts_at=START)
    registered = fill(workshop, "Ada", "Ben")
    close(workshop, registered[0])
    return registered


def close(workshop: Workshop, *came: Registration) -> None:
    closed = START + timedelta(hours=4)
    Workshop.objects.filter(pk=workshop.pk).update(state=Workshop.State.HELD, door_closed_at=closed)
    Registration.objects.filter(pk__in=[row.pk for row in came]).update(checked_in_at=START)


def last_to(registration: Registration) -> Message:
    return letters_to(registration)[-1]


def test_it_writes_to_who_came_and_to_who_did_not(people, time_machine_at):
    ada, ben = people
    time_machine_at(MORNING_AFTER)

    assert (actions.write_afterwards(), actions.write_afterwards()) == (2, 0)

    assert render(last_to(ada)).subject == "Your knees"
    assert render(last_to(ben)).subject == "We missed you: Knees that last"
    assert {last_to(one).message_class for one in people} == {MessageClass.TRANSACTIONAL}


def test_it_gives_who_came_the_topics_words_and_five_links(people, time_machine_at):
    ada, _ben = people
    time_machine_at(MORNING_AFTER)
    actions.write_afterwards()

    seen = render(last_to(ada))

    assert "Do the six." in seen.text and "<p>Do the six.</p>" in seen.html
    for stars in range(1, 6):
        assert f"/r/{ada.token}/rate/{stars}/" in seen.text
        assert f"/r/{ada.token}/rate/{stars}/" in seen.html


def test_it_asks_who_stayed_away_for_nothing(people, time_machine_at):
    _ada, ben = people
    time_machine_at(MORNING_AFTER)
    actions.write_afterwards()

    seen = render(last_to(ben))

    assert "/rate/" not in seen.text
    assert "That happens to everybody." in seen.text


@pytest.mark.parametrize(
    ("at", "count"),
    [
        (MORNING_AFTER - timedelta(seconds=1), 0),
        (MORNING_AFTER, 2),
        (MORNING_AFTER + timedelta(hours=11), 0),  # 21:00: the worker was down all day, and people sleep
        (MORNING_AFTER + timedelta(hours=21), 2),
        (START + timedelta(days=8), 0),
    ],
)
def test_it_writes_by_day_and_within_a_week(people, time_machine_at, at, count):
    time_machine_at(at)

    assert actions.write_afterwards() == count


def test_it_waits_until_the_door_is_closed(people, time_machine_at):
    Workshop.objects.update(door_closed_at=None)
    time_machine_at(MORNING_AFTER)

    assert actions.write_afterwards() == 0


def test_it_writes_to_nobody_where_nobody_was_checked_in(people, time_machine_at):
    """The list was not used, so nobody knows who came: a note that they were missed would hurt."""
    Registration.objects.update(checked_in_at=None)
    time_machine_at(MORNING_AFTER)

    assert actions.write_afterwards() == 0


def test_it_does_not_write_twice_to_who_is_checked_in_later(people, time_machine_at):
    _ada, ben = people
    time_machine_at(MORNING_AFTER)
    actions.write_afterwards()
    Registration.objects.filter(pk=ben.pk).update(checked_in_at=START)

    assert actions.write_afterwards() == 0


def test_it_writes_to_nobody_who_had_no_seat(people, time_machine_at):
    workshop = Workshop.objects.get()
    contact = people[0].contact
    for state in ("waiting", "cancelled", "quarantined"):
        Workshop.objects.update(seats_taken=2)
        Registration.objects.create(
            workshop=workshop, contact=contact, name=state, email=f"{state}@example.com", state=state
        )
    time_machine_at(MORNING_AFTER)

    assert actions.write_afterwards() == 2


def after(days: int) -> datetime:
    return START + timedelta(days=days)


def agree(registration: Registration) -> None:
    state = ConsentEvent.State.GRANTED
    record_consent(registration.contact, purpose=Purpose.NEWS, state=state, source="test", at=START)


def test_it_asks_after_a_week_only_who_came_and_wants_to_hear_from_us(people, time_machine_at):
    Workshop.objects.update(capacity=3, seats_taken=3)
    ada, ben = people
    cleo_contact = Contact.objects.create(name="Cleo", email="cleo@example.com")
    cleo = Registration.objects.create(
        workshop=ada.workshop, contact=cleo_contact, name="Cleo", email="cleo@example.com", state="confirmed",
        checked_in_at=START,
    )  # fmt: skip
    agree(ada)
    agree(ben)
    time_machine_at(MORNING_AFTER + timedelta(days=6))

    assert (actions.write_week_later(), actions.write_week_later()) == (1, 0)

    letter = last_to(ada)
    assert letter.message_class == MessageClass.MARKETING
    assert "unsubscribe" in render(letter).text.lower()
    assert letters_to(cleo) == []


def test_it_asks_in_the_topics_own_words_with_its_handout(people, time_machine_at):
    handout = Document.objects.create(title="Six for the knee", file=ContentFile(b"%PDF-1.4", name="six.pdf"))
    Topic.objects.update(week_subject="Still at it?", week_words="Try <one> leg.\n\nCome on Friday.", handout=handout)
    agree(people[0])
    time_machine_at(MORNING_AFTER + timedelta(days=6))

    actions.write_week_later()

    letter = render(last_to(people[0]))
    assert letter.subject == "Still at it?"
    assert "Try &lt;one&gt; leg." in letter.html
    assert "Try <one> leg.\n\nCome on Friday." in letter.text
    assert "Did you get round" not in letter.text + letter.html
    assert handout.url in letter.text
    assert handout.url in letter.html


@pytest.mark.parametrize(("days", "count"), [(5.9, 0), (6, 1), (12, 1), (14, 0)])
def test_it_asks_a_week_later_and_not_much_later(people, time_machine_at, days, count):
    agree(people[0])
    time_machine_at(MORNING_AFTER + timedelta(days=days))

    assert actions.write_week_later() == count


@pytest.mark.parametrize(("days", "count"), [(74, 0), (75, 1), (100, 1), (125, 0)])
def test_it_proposes_the_next_after_75_days(people, quiet_gym, time_machine_at, days, count):
    time_machine_at(after(days))

    actions.promise_next()
    actions.promise_next()

    todos = FollowUp.objects.filter(once_key=f"{FollowUp.NEXT_WORKSHOP}{Workshop.objects.get().pk}")
    assert [todo.partner for todo in todos] == [quiet_gym] * count


def test_it_proposes_nothing_where_the_next_date_stands(people, quiet_gym, time_machine_at):
    time_machine_at(after(75))
    make_workshop(host=quiet_gym, starts_at=after(90), state=Workshop.State.DRAFT)

    assert actions.promise_next() == 0


def test_it_proposes_nothing_where_there_shall_be_none(people, time_machine_at):
    Debrief.objects.create(workshop=Workshop.objects.get(), no_next_reason="They move away.", closed_at=after(7))
    time_machine_at(after(75))

    assert actions.promise_next() == 0


def test_it_promises_nothing_to_a_host_put_away(people, quiet_gym, time_machine_at):
    quiet_gym.archived_at = timezone.now()
    quiet_gym.save()
    time_machine_at(after(75))

    assert actions.promise_next() == 0
