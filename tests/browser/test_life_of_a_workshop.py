"""One workshop from the proposal of its date to the date of the next, with time moved and every letter opened.

The office proposes a date, publishes and moves it, lets people in at the door and looks back; three people register,
one gives the seat back, one moves up; what each of them got is read as their mail program and their calendar would.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
import vobject
from django.utils import timezone
from playwright.sync_api import expect

from content.models import Lead
from crm.mail.models import Message
from crm.mail.render import render
from crm.office.tick import work
from crm.people import guard
from partners.models import FollowUp
from tests.workshops.conftest import letters_to, make_workshop
from workshops.models import Registration, Workshop

ZONE = ZoneInfo("America/Toronto")


@pytest.fixture
def clock():
    """clock(moment): let it be another moment from now on."""
    with time_machine.travel(timezone.now(), tick=True) as traveller:
        yield traveller.move_to


@pytest.fixture
def last(transactional_db, practice, quiet_gym, monkeypatch) -> Workshop:
    """The one they held twelve weeks ago, with two seats."""
    monkeypatch.setattr(guard, "AT_LEAST_SECONDS", -1)  # a robot types faster than anybody
    day = timezone.localdate() - timedelta(weeks=12)
    while day.weekday() != 3:
        day -= timedelta(days=1)
    starts_at = datetime.combine(day, time(18), ZONE)
    return make_workshop(host=quiet_gym, starts_at=starts_at, state=Workshop.State.HELD, time_zone=str(ZONE))


def test_it_lives_from_a_proposal_to_the_next_date(live_server, page, phone, owner, log_in, clock, last):
    workshop = propose(page, owner, log_in, last)
    ada, ben, cleo = register_three(phone, workshop)
    move_an_hour(page, workshop, ada)
    let_cleo_move_up(phone, ben, cleo)
    remind(clock, workshop, ada, cleo)
    open_the_door(page, owner, log_in, clock, workshop)
    ask_how_it_was(phone, clock, workshop, ada, cleo)
    look_back(page, owner, log_in, workshop)

    assert [line for line in page.complaints + phone.complaints if "422" not in line] == []


def propose(page, owner, log_in, last) -> Workshop:
    log_in(page, owner)
    page.goto(f"/admin/workshops/propose-after/{last.pk}/")
    page.get_by_role("button", name=re.compile("Make a draft")).first.click()
    page.get_by_text("A draft: nobody sees it.").wait_for()
    workshop = Workshop.objects.get(follows=last)
    assert (workshop.title, workshop.host, workshop.capacity) == (last.title, last.host, 2)
    assert (workshop.local_start.weekday(), workshop.local_start.time()) == (3, time(18))
    days = {(step.due_on - workshop.local_start.date()).days for step in preparation_of(workshop)}
    assert {-14, -7, -1, 1, 7} <= days

    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published. It is on the site").wait_for()
    return workshop


def preparation_of(workshop: Workshop) -> list[FollowUp]:
    return list(FollowUp.objects.open().filter(partner=workshop.host, once_key__contains=f"workshop:{workshop.pk}:"))


def register_three(phone, workshop) -> list[Registration]:
    """Two seats are taken, one of them by the host's own link, and the third has to wait."""
    by_link = f"/w/{workshop.slug}/{workshop.host.code}"
    for name, address in (("Ada", workshop.get_absolute_url()), ("Ben", by_link), ("Cleo", by_link)):
        phone.goto(address)
        phone.get_by_label("Your name").fill(name)
        phone.get_by_label("E-mail").fill(f"{name.lower()}@example.com")
        phone.get_by_role("button", name=re.compile("Register|Join the waiting list")).click()
        phone.wait_for_url("**/thanks/**")
    work()
    ada, ben, cleo = Registration.objects.order_by("created_at")
    assert [each.state for each in (ada, ben, cleo)] == ["confirmed", "confirmed", "waiting"]
    assert [each.credited_to for each in (ada, ben, cleo)] == [None, workshop.host, workshop.host]

    for each in (ada, ben):
        letter, event = opened(each, "REQUEST")
        assert letter.subject.startswith("You have a seat: ")
        assert event.dtstart.value == workshop.starts_at
        assert event.attendee.value == f"mailto:{each.email}"
        assert event.sequence.value == "0"
    letter, event = opened(cleo)
    assert (event, "waiting list" in letter.text) == (None, True)
    return [ada, ben, cleo]


def opened(registration: Registration, method: str = ""):
    """The newest letter to somebody as they see it, which has left, and the event in it."""
    message = letters_to(registration)[-1]
    assert message.state == Message.State.HANDED_OVER
    letter = render(message)
    assert letter.calendar_method == method
    assert "[[" not in letter.subject + letter.text + letter.html
    if not method:
        return letter, None
    calendar = vobject.readOne(letter.calendar)
    assert calendar.method.value == method
    assert registration.token not in letter.calendar
    return letter, calendar.vevent


def move_an_hour(page, workshop, ada) -> None:
    _letter, before = opened(ada, "REQUEST")
    page.goto(f"/admin/workshops/edit/{workshop.pk}/")
    page.get_by_label("Starts").fill("19:00")
    page.get_by_label("Ends").fill("20:30")
    page.get_by_role("button", name=re.compile("Save")).first.click()
    page.get_by_text("3 people are being told").wait_for()
    workshop.refresh_from_db()
    assert workshop.local_start.time() == time(19)
    work()

    letter, event = opened(ada, "REQUEST")
    assert "7:00 p.m." in letter.text
    assert (event.uid.value, event.sequence.value) == (before.uid.value, "1")
    assert event.dtstart.value == workshop.starts_at


def let_cleo_move_up(phone, ben, cleo) -> None:
    phone.goto(ben.get_absolute_url())
    phone.get_by_role("button", name="Give my seat back").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your registration is cancelled.")
    work()

    _letter, event = opened(ben, "CANCEL")
    assert (event.status.value, event.sequence.value) == ("CANCELLED", "2")
    cleo.refresh_from_db()
    assert cleo.state == "confirmed"
    _letter, event = opened(cleo, "REQUEST")
    assert event.attendee.value == "mailto:cleo@example.com"


def remind(clock, workshop, ada, cleo) -> None:
    """48, 24 and 2 hours before, each once."""
    for hours in (48, 24, 2):
        clock(workshop.starts_at - timedelta(hours=hours) + timedelta(minutes=1))
        before = len(letters_to(ada))
        work()
        work()
        assert len(letters_to(ada)) == before + 1, hours
        for each in (ada, cleo):
            letter, _none = opened(each)
            assert workshop.place in letter.text
            assert (each.manage_url in letter.html) == (hours > 2)  # the last one is an address and a phone number
    assert all("reminder" not in letter.dedupe_key for letter in Message.objects.filter(to_email="ben@example.com"))


def open_the_door(page, owner, log_in, clock, workshop) -> None:
    clock(workshop.starts_at - timedelta(minutes=10))
    log_in(page, owner)
    page.goto(f"/admin/workshops/{workshop.pk}/door/")
    page.get_by_role("button", name=re.compile("Ada")).click()
    expect(page.get_by_text(re.compile("1 of 2"))).to_be_visible()
    expect(page.locator("[data-kept]")).to_have_count(0)  # the office has heard of it

    clock(workshop.ends_at + timedelta(hours=3, minutes=1))
    work()
    workshop.refresh_from_db()
    assert workshop.state == Workshop.State.HELD
    assert workshop.door_closed_at is not None


def ask_how_it_was(phone, clock, workshop, ada, cleo) -> None:
    clock(datetime.combine(workshop.local_start.date() + timedelta(days=1), time(10, 1), ZONE))
    work()
    letter, _none = opened(ada)
    links = re.findall(r"http://[^\s\"<>]+/rate/5/", letter.html)
    missed, _none = opened(cleo)
    assert "/rate/" not in missed.html

    phone.goto("/r/" + links[0].partition("/r/")[2])
    assert phone.locator("input[type=radio][value='5']").is_checked()
    phone.get_by_label(re.compile("May we call you")).check()
    phone.get_by_label("Your number").fill("613 555 0142")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("heading", name=re.compile("Thank you")).wait_for()
    work()
    ada.refresh_from_db()
    assert (ada.rating, Lead.objects.get().contact) == (5, ada.contact)


def look_back(page, owner, log_in, workshop) -> None:
    log_in(page, owner)
    page.goto(f"/admin/workshops/inspect/{workshop.pk}/")
    page.get_by_role("link", name="Look back").click()
    page.get_by_text("Done, close it").wait_for()
    page.get_by_role("button", name="Done, close it").click()
    page.get_by_role("alert").first.wait_for()  # not without the next date, or a reason
    page.locator("label", has=page.locator("input[name=host_satisfaction][value='5']")).click()
    page.get_by_role("button", name="Propose dates").click()
    page.get_by_role("button", name=re.compile("Make a draft")).first.click()
    page.get_by_role("button", name="Done, close it").click()
    page.get_by_text("Looked back on, and its to do is done.").wait_for()

    workshop.debrief.refresh_from_db()
    following = workshop.debrief.next_workshop
    assert workshop.debrief.closed_at is not None
    assert following.follows == workshop
    assert following.starts_at > workshop.starts_at + timedelta(weeks=6)
    assert following.local_start.time() == time(19)
