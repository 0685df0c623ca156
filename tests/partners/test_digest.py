"""The one e-mail a morning: when it comes, what it says, and that it never comes twice."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message, MessageClass
from crm.people.models import Contact
from partners.actions import follow_up
from partners.digest import UNSAID, ensure_choices, parts_of, send_due
from partners.models import FollowUp, MorningMail, Partner, Referral, Stage

pytestmark = pytest.mark.django_db

HERE = ZoneInfo("America/Toronto")


def at(day: str, clock: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=HERE, fold=fold)


MONDAY = "2026-11-23"
SEVEN = at(MONDAY, "07:00")


@pytest.fixture(autouse=True)
def _on_monday():
    with time_machine.travel(SEVEN, tick=False):
        yield


@pytest.fixture
def todo(owner) -> FollowUp:
    gym = Partner.objects.create(name="Ironworks Gym", stage=Stage.IDENTIFIED)
    return follow_up(partner=gym, title="Call Sam", due_on=date(2026, 10, 20), by=owner)


def text() -> str:
    return Message.objects.get().content.text


def test_it_says_what_is_due_and_where_to_do_it(todo, owner):
    assert send_due(SEVEN) == 1

    message = Message.objects.get()
    assert (message.to_email, message.message_class) == (owner.email, MessageClass.SYSTEM)
    assert message.content.subject == "1 overdue"
    assert "Call Sam" in text()
    assert f"http://localhost:8000{reverse('todo', args=[todo.pk])}" in text()
    assert "34 days ago" in text()
    assert "Call Sam" in message.content.html


def test_it_writes_to_nobody_when_nothing_is_due(owner):
    Partner.objects.create(name="Ironworks Gym")

    assert send_due(SEVEN) == 0
    assert not Message.objects.exists()


def test_it_does_not_come_later_in_the_morning_for_what_was_promised_since(owner, quiet_gym):
    Partner.objects.update(archived_at=SEVEN)
    assert send_due(SEVEN) == 0

    follow_up(partner=quiet_gym, title="Call", due_on=date(2026, 11, 23), by=owner)
    assert send_due(at(MONDAY, "09:30")) == 0


def test_it_comes_once_a_day(todo):
    assert send_due(SEVEN) == 1
    assert send_due(SEVEN + timedelta(minutes=1)) == 0
    assert send_due(at("2026-11-24", "07:00")) == 1
    assert len(set(Message.objects.values_list("dedupe_key", flat=True))) == 2


def test_it_comes_once_even_when_its_claim_is_lost(todo):
    send_due(SEVEN)
    MorningMail.objects.update(looked_on=None)
    send_due(SEVEN + timedelta(minutes=1))

    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("clock", "sent"), [("06:59", 0), ("07:00", 1), ("12:59", 1), ("13:00", 0), ("23:59", 0), ("00:30", 0)]
)
def test_it_comes_in_the_morning_or_not_at_all(todo, clock, sent):
    """From the hour on, and for six hours when no worker was up: after that, Today says it better."""
    assert send_due(at(MONDAY, clock)) == sent


@pytest.mark.parametrize(("days", "sent"), [("weekdays", 0), ("every", 1)])
def test_it_rests_on_the_weekend_unless_asked(todo, days, sent):
    ensure_choices()
    MorningMail.objects.update(days=days)

    assert send_due(at("2026-11-22", "07:00")) == sent


@pytest.mark.parametrize("change", [{"is_on": False}, {"at": "09:00"}])
def test_it_goes_by_what_was_chosen(todo, change):
    ensure_choices()
    MorningMail.objects.update(**change)

    assert send_due(SEVEN) == 0


def test_it_is_on_for_owners_and_off_for_others(todo, owner, assistant, viewer):
    send_due(SEVEN)

    assert list(Message.objects.values_list("to_email", flat=True)) == [owner.email]


def test_it_comes_to_others_who_ask_for_it(todo, assistant):
    MorningMail.objects.create(user=assistant)
    send_due(SEVEN)

    assert set(Message.objects.values_list("to_email", flat=True)) == {"owner@example.com", assistant.email}


def test_it_does_not_come_to_whoever_may_not_look(todo, owner):
    ensure_choices()
    owner.groups.clear()

    assert send_due(SEVEN) == 0


def test_it_does_not_come_to_who_has_left(todo, owner):
    ensure_choices()
    owner.is_active = False
    owner.save()

    assert send_due(SEVEN) == 0


@pytest.mark.parametrize(
    ("day", "clock"),
    [("2027-03-14", "02:30"), ("2026-11-01", "01:30")],
    ids=["the clocks go forward over it", "it happens twice"],
)
def test_it_comes_once_on_a_day_with_a_changed_clock(todo, day, clock):
    ensure_choices()
    MorningMail.objects.update(at=clock, days="every")
    midnight = at(day, "00:00")

    sent = [send_due(midnight.astimezone(ZoneInfo("UTC")) + timedelta(minutes=10 * step)) for step in range(6 * 12)]

    assert sum(sent) == 1


def test_it_comes_at_seven_by_the_clock_before_and_after_the_change(todo):
    ensure_choices()
    MorningMail.objects.update(days="every")
    for day in ("2026-10-31", "2026-11-01", "2026-11-02"):
        assert send_due(at(day, "06:59")) == 0
        assert send_due(at(day, "07:00")) == 1


def test_it_puts_what_matters_first(todo, owner):
    gym, now = todo.partner, SEVEN
    follow_up(partner=gym, title="Lunch", due_on=date(2026, 11, 23), by=owner, is_meeting=True)
    follow_up(partner=gym, title="Write", due_on=date(2026, 11, 23), by=owner)
    for hours in (3, 60):
        Referral.objects.create(partner=gym, received_at=now - timedelta(hours=hours))
    quiet = Partner.objects.create(name="Quiet Yoga", stage=Stage.ACTIVE, created_at=now - timedelta(days=200))

    parts = parts_of(now)

    assert [part.short for part in parts] == [
        "1 meeting", "1 late thank-you", "1 overdue", "1 due today", "1 thank-you owed", "1 gone quiet",
    ]  # fmt: skip
    assert parts[-1].lines[0].words == quiet.name


def test_it_counts_what_it_does_not_list(todo, owner):
    for number in range(12):
        follow_up(partner=todo.partner, title=f"Call {number}", due_on=date(2026, 11, 19), by=owner)

    (part,) = parts_of(SEVEN)

    assert (len(part.lines), part.more, part.short) == (8, 5, "13 overdue")


def test_it_names_no_patient(owner, todo):
    lead = Contact.objects.create(name="Jane Doe", email="jane@example.com")
    follow_up(contact=lead, title="Answer Jane Doe (Knee pain)", due_on=date(2026, 10, 20), by=owner)
    follow_up(partner=todo.partner, title="Ask how Mary Smith's knee is, 613-555-0142", due_on=date(2026, 11, 20))
    Referral.objects.create(partner=todo.partner, referred_by=lead, received_at=SEVEN - timedelta(days=3))
    send_due(SEVEN)

    message = Message.objects.get()
    said = message.content.subject + message.content.text + message.content.html
    assert not any(word in said for word in ("Jane", "Doe", "Mary", "Smith", "555-0142", "Knee", "knee"))
    assert text().count(UNSAID) == 2


def test_it_takes_nothing_typed_for_a_place_of_the_letter(todo):
    FollowUp.objects.update(title="Bring [[unsubscribe_url]] <b>")
    send_due(SEVEN)

    html = Message.objects.get().content.html
    assert "[[unsubscribe_url" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.django_db(transaction=True)
def test_it_comes_once_when_two_workers_tick_at_once(owner, quiet_gym):
    ensure_choices()
    together, sent = threading.Barrier(2), []

    def tick() -> None:
        with timezone.override(HERE):
            together.wait()
            sent.append(send_due(SEVEN))
        connection.close()

    workers = [threading.Thread(target=tick) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(sent) == [0, 1]
    assert Message.objects.count() == 1


def test_it_is_chosen_on_the_account_page(at_desk, owner):
    page = at_desk.get(reverse("wagtailadmin_account")).content.decode()

    assert "Your morning e-mail" in page
    assert 'name="morning-mail-is_on"' in page


def test_it_shows_an_owner_that_it_is_on_and_an_assistant_that_it_is_off(client, owner, assistant):
    for user, is_on in ((owner, True), (assistant, False)):
        client.force_login(user)
        page = client.get(reverse("wagtailadmin_account")).content.decode()
        field = page.split('name="morning-mail-is_on"')[1].split(">")[0]
        assert ("checked" in field) is is_on


def test_it_keeps_what_was_chosen(at_desk, owner):
    page = at_desk.get(reverse("wagtailadmin_account"))
    data = {}
    for panels in page.context["panels_by_tab"].values():
        for panel in panels:
            form = panel.get_form()
            if panel.name != "password":
                data |= {form[name].html_name: form[name].value() for name in form.fields if form[name].value()}
    data |= {"morning-mail-at": "06:30", "morning-mail-days": "every"}
    data.pop("avatar-avatar", None)

    data |= {"name_email-first_name": "Ola", "name_email-last_name": "Nord"}

    at_desk.post(reverse("wagtailadmin_account"), data)

    chosen = MorningMail.objects.get(user=owner)
    assert (chosen.is_on, f"{chosen.at:%H:%M}", chosen.days) == (True, "06:30", "every")
