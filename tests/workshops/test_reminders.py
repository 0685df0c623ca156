"""The three reminders: who gets which, when, and what becomes of them when the workshop turns out otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.mail.actions import drain
from crm.mail.models import Message, MessageClass
from crm.mail.render import render
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 18, 22, tzinfo=UTC)  # a Wednesday, 17:00 in Toronto
LONG_BEFORE = START - timedelta(days=20)


@pytest.fixture
def at(time_machine_at):
    """Let it be so many hours before the start."""
    return lambda hours: time_machine_at(START - hours * HOUR)


@pytest.fixture
def workshop(practice, quiet_gym, time_machine_at) -> Workshop:
    practice.phone = "+1 613 555 0100"
    practice.save()
    time_machine_at(LONG_BEFORE)
    return make_workshop(host=quiet_gym, starts_at=START, bring="Shoes you run in.", arrival="Park behind the gym.")


def made(registration: Registration | None = None) -> list[str]:
    """Which reminders were made, in their order: kind and version."""
    found = Message.objects.filter(dedupe_key__contains=":reminder:").order_by("created_at")
    if registration:
        found = found.filter(dedupe_key__startswith=f"registration:{registration.pk}:")
    return [":".join(key.split(":")[3:]) for key in found.values_list("dedupe_key", flat=True)]


def one_reminder() -> Message:
    return Message.objects.get(dedupe_key__contains=":reminder:")


def test_it_reminds_at_48_24_and_2_hours(workshop, at):
    (ada,) = fill(workshop, "Ada")

    for hours in (49, 48, 47.9, 25, 24, 12, 3, 2, 1):
        at(hours)
        actions.remind()

    assert made(ada) == ["48h:0", "24h:0", "2h:0"]


@pytest.mark.parametrize(("hours", "count"), [(48.01, 0), (48, 1), (30.01, 1), (30, 0), (24.01, 0), (24, 1), (8.01, 1),
                                              (8, 0), (2.01, 0), (2, 1), (0.01, 1), (0, 0)])  # fmt: skip
def test_it_makes_each_while_it_is_of_use(workshop, at, hours, count):
    fill(workshop, "Ada")

    at(hours)

    assert actions.remind() == count


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        (54, ["48h:0", "24h:0", "2h:0"]),
        (53.9, ["24h:0", "2h:0"]),  # within six hours before the first
        (40, ["24h:0", "2h:0"]),
        (29.9, ["2h:0"]),
        (8, ["2h:0"]),
        (7.9, []),
        (1, []),
    ],
)
def test_it_skips_what_somebody_has_just_heard(workshop, at, registered, expected):
    at(registered)
    (ada,) = fill(workshop, "Ada")

    for hours in (48, 24, 2):
        if hours < registered:
            at(hours)
            actions.remind()

    assert made(ada) == expected


def test_it_counts_a_seat_from_when_it_was_theirs(workshop, at):
    """Ben waited for weeks, and moved up the day before: the first two are history for him."""
    ada, _other, ben = fill(workshop, "Ada", "Cleo", "Ben")
    at(26)
    actions.cancel(ada)

    for hours in (24, 2):
        at(hours)
        actions.remind()

    assert made(ben) == ["2h:0"]


def test_it_reminds_who_took_an_offered_seat_of_what_is_left(workshop, at):
    ada, _other, ben = fill(workshop, "Ada", "Cleo", "Ben")
    at(20)
    actions.cancel(ada)
    at(19)
    actions.remind()
    assert made(ben) == []
    actions.claim(Registration.objects.get(pk=ben.pk))

    at(2)
    actions.remind()

    assert made(ben) == ["2h:0"]


@pytest.mark.parametrize("state", ["waiting", "offered", "quarantined", "cancelled"])
def test_it_reminds_nobody_without_a_seat(workshop, at, state):
    (ada,) = fill(workshop, "Ada")
    others = {"offered_until": START} if state == "offered" else {}
    Registration.objects.filter(pk=ada.pk).update(state=state, **others)
    if state != "offered":
        Workshop.objects.update(seats_taken=0, capacity=1)
        fill(Workshop.objects.get(), "Ben")

    at(24)
    actions.remind()

    assert made(ada) == []


@pytest.mark.parametrize("state", ["draft", "held", "cancelled"])
def test_it_reminds_of_no_workshop_that_is_not_open(workshop, at, state):
    fill(workshop, "Ada")
    Workshop.objects.update(state=state)

    at(24)

    assert actions.remind() == 0


def test_it_makes_each_once_however_often_it_runs(workshop, at):
    fill(workshop, "Ada", "Ben")
    at(24)

    assert (actions.remind(), actions.remind()) == (2, 0)


def test_it_never_sends_what_a_late_worker_finds_stale(workshop, at):
    """The worker was down from before the last reminder until the workshop had begun."""
    fill(workshop, "Ada")
    at(2)
    actions.remind()

    at(-1)
    drain()

    assert one_reminder().state == Message.State.EXPIRED


def test_it_makes_up_for_three_hours_that_the_worker_was_down(workshop, at):
    fill(workshop, "Ada")

    at(48 - 3)
    actions.remind()
    at(24 - 3)
    actions.remind()
    at(2 - 3)
    actions.remind()

    assert made() == ["48h:0", "24h:0"]


def test_it_sends_no_two_within_six_hours(workshop, at):
    """The first was late, and then the workshop moved nearer: the next may not follow at once."""
    (ada,) = fill(workshop, "Ada")
    at(30.5)
    actions.remind()

    assert made(ada) == ["48h:0"]
    Workshop.objects.update(starts_at=START - timedelta(hours=4), time_version=1)
    at(28)
    assert actions.remind() == 0
    at(24)
    assert actions.remind() == 1


@pytest.mark.parametrize("by", [-1, 1])
def test_it_reminds_anew_of_another_day(workshop, at, by, time_machine_at):
    (ada,) = fill(workshop, "Ada")
    moved = START + by * timedelta(days=7)
    if by > 0:
        at(48)
        actions.remind()
        at(30)
    else:
        at(15 * 24)
    actions.move(workshop, starts_at=moved, ends_at=moved + HOUR)

    for hours in (48, 24, 2):
        time_machine_at(moved - hours * HOUR)
        actions.remind()

    assert made(ada) == [*(["48h:0"] if by > 0 else []), "48h:1", "24h:1", "2h:1"]


def test_it_does_not_remind_of_an_hour_that_was_just_told(workshop, at):
    """Moved on short notice: the letter about that says it all, and the next reminder comes in its time."""
    (ada,) = fill(workshop, "Ada")
    at(72)
    soon = START - timedelta(hours=46)
    actions.move(workshop, starts_at=soon, ends_at=soon + HOUR)  # 26 hours from now
    assert actions.remind() == 0
    at(70)
    assert actions.remind() == 0
    at(48)
    assert actions.remind() == 1
    assert made(ada) == ["2h:1"]


def test_it_holds_back_what_waits_when_the_workshop_moves(workshop, at):
    fill(workshop, "Ada")
    at(24)
    actions.remind()

    actions.move(workshop, starts_at=START + timedelta(days=1), ends_at=START + timedelta(days=1, hours=1))

    reminder = one_reminder()
    assert (reminder.state, reminder.reason) == (Message.State.SKIPPED, "The workshop was moved.")


def test_it_holds_back_what_waits_when_the_workshop_is_cancelled(workshop, at):
    fill(workshop, "Ada")
    at(2)
    actions.remind()
    at(1)

    actions.cancel_workshop(workshop, reason="")

    assert one_reminder().state == Message.State.SKIPPED
    assert actions.remind() == 0


def test_it_holds_back_the_reminder_of_who_gives_the_seat_back(workshop, at):
    ada, ben = fill(workshop, "Ada", "Ben")
    at(24)
    actions.remind()

    actions.cancel(ada)

    states = dict(Message.objects.filter(dedupe_key__contains=":reminder:").values_list("contact_id", "state"))
    assert states == {ada.contact_id: Message.State.SKIPPED, ben.contact_id: Message.State.QUEUED}


def test_it_names_the_new_place_in_what_waits(workshop, at):
    fill(workshop, "Ada")
    at(24)
    actions.remind()

    actions.move(workshop, place="The Annex, 9 Side Street")

    reminder = one_reminder()
    assert reminder.state == Message.State.QUEUED
    assert "The Annex, 9 Side Street" in render(reminder).text


def test_it_is_about_their_registration_and_nothing_else(workshop, at):
    fill(workshop, "Ada")
    at(48)
    actions.remind()

    reminder = one_reminder()
    assert reminder.message_class == MessageClass.TRANSACTIONAL
    assert reminder.expires_at == START - timedelta(hours=30)
    assert reminder.calendar == ""


@pytest.mark.parametrize(
    ("hours", "says", "keeps_to_itself"),
    [
        (48, ["Shoes you run in.", "cancel/"], ["Park behind", "613 555"]),
        (24, ["Still coming?", "Park behind the gym.", "google.com/maps", "cancel/"], ["Shoes you run in."]),
        (2, ["4 Forge Lane", "+1 613 555 0100"], ["Shoes you run in.", "Park behind", "cancel/"]),
    ],
)
def test_it_says_what_is_of_use_by_then(workshop, at, hours, says, keeps_to_itself):
    fill(workshop, "Ada")
    at(hours)
    actions.remind()

    seen = render(one_reminder())

    for part in (seen.text, seen.html):
        body = part.partition("Harbour Physio Ltd.")[0]
        assert all(words in part for words in says)
        assert not any(words in body for words in keeps_to_itself)
        assert "[[" not in part
    assert "nsubscribe" not in seen.text


@pytest.mark.parametrize("hours", [48, 24, 2])
def test_it_gives_the_video_link_where_there_is_no_place(practice, time_machine_at, at, hours):
    time_machine_at(LONG_BEFORE)
    fill(make_workshop(starts_at=START, place="", video_url="https://meet.example.com/knees"), "Ada")
    at(hours)
    actions.remind()

    seen = render(one_reminder())

    for part in (seen.text, seen.html):
        assert "https://meet.example.com/knees" in part
        assert "google.com/maps" not in part


def test_it_writes_once_to_an_address_that_brought_others(workshop, at):
    Workshop.objects.update(capacity=4)
    people = [actions.Person("Ada", "ada@example.com"), actions.Person("Her sister")]
    actions.register_party(workshop, people, submission="form")
    at(24)

    assert actions.remind() == 1
    assert one_reminder().to_name == "Ada"


def test_it_costs_as_many_queries_for_three_people_as_for_thirty_while_nothing_is_due(
    workshop, at, django_assert_num_queries
):
    Workshop.objects.update(capacity=40)
    fill(workshop, *(f"Person {n}" for n in range(30)))
    at(24)
    actions.remind()

    at(23)
    with django_assert_num_queries(3):
        actions.remind()
