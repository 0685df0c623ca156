"""The workshop office at a desk without a mouse: planned for a quarter, edited, published, checked in, looked back on."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file

from crm.people.models import PracticeProfile
from partners.models import Stage
from tests.browser.keys import has_focus, tab_to
from tests.browser.test_keyboard_alone import go, is_said, press
from tests.workshops.conftest import fill, make_workshop
from workshops.models import Debrief, Registration, Workshop

ZONE = ZoneInfo("America/Toronto")


@pytest.fixture
def last(transactional_db, practice, quiet_gym) -> Workshop:
    """The one they held twelve weeks ago."""
    quiet_gym.stage = Stage.ACTIVE
    quiet_gym.save()
    starts_at = datetime.combine(timezone.localdate() - timedelta(weeks=12), time(18), ZONE)
    return make_workshop(
        host=quiet_gym, starts_at=starts_at, state=Workshop.State.HELD, time_zone=str(ZONE), title="Feet first",
        capacity=5,
    )  # fmt: skip


@pytest.fixture
def desk(live_server, page, owner, log_in):
    PracticeProfile.load().save()
    log_in(page, owner)
    yield page
    assert page.complaints == []


def skip(page) -> None:
    """Past the menu, by the link that is there for it."""
    tab_to(page, "Skip to main content", most=2)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_it_plans_edits_and_publishes(desk, last):
    picture = Image.objects.create(title="A gym floor", file=get_test_image_file())
    desk.goto("/admin/workshops/year/")
    skip(desk)
    go(desk, "Propose")
    skip(desk)
    go(desk, "Make a draft")
    desk.get_by_text("A draft: nobody sees it.").wait_for()
    draft = Workshop.objects.get(follows=last)

    go(desk, "Edit")
    skip(desk)
    for _ in ("its heading", "the field"):
        tab_to(desk, "Title*")
    desk.keyboard.press("Control+a")
    desk.keyboard.type("Hands on")
    tab_to(desk, "Starts")
    desk.keyboard.type("0730PM")
    tab_to(desk, "Ends")
    desk.keyboard.type("0845PM")
    choose_a_picture(desk)
    go(desk, "Save")
    go(desk, "Publish")
    is_said(desk, "Published. It is on the site")

    draft.refresh_from_db()
    assert (draft.title, draft.state, draft.local_start.time()) == ("Hands on", "open", time(19, 30))
    assert draft.picture == picture


def choose_a_picture(desk) -> None:
    """The focus comes back to the picture, not to the top of the page."""
    press(desk, "Choose an image")
    desk.locator(".image-choice").wait_for()
    desk.locator(".modal:focus").wait_for()  # once it has faded in, the dialog takes the focus from wherever it is
    press(desk, "A gym floor A gym floor")  # its words and its title: the whole dialog holds the words too
    chosen = desk.locator("#id_picture-chooser")
    expect(chosen.get_by_text("A gym floor").first).to_be_visible()
    expect(chosen.get_by_role("button", name="Actions")).to_be_focused()


def test_it_checks_people_in_and_looks_back(desk, last):
    tonight = make_workshop(host=last.host, capacity=5, starts_at=timezone.now() + timedelta(minutes=20))
    fill(tonight, "Ada Adler", "Ben Brook")
    Workshop.objects.filter(pk=tonight.pk).update(starts_at=timezone.now() - timedelta(minutes=20))
    desk.goto(f"/admin/workshops/inspect/{tonight.pk}/")
    skip(desk)
    go(desk, "Check people in")
    press(desk, "Ada Adler", "Space")
    desk.locator("[data-came=yes]", has_text="Ada Adler").wait_for()
    assert "Ada Adler" in has_focus(desk)
    tab_to(desk, "Search by half a name", backwards=True)
    desk.keyboard.type("dora diaz")
    desk.keyboard.press("Enter")
    assert has_focus(desk) == "Name"
    desk.keyboard.press("Enter")
    desk.locator("[data-came=yes]", has_text="Dora Diaz").wait_for()
    assert has_focus(desk) == "Name"
    desk.evaluate(
        "new Promise((sent) => {const look = () => document.querySelector('[data-kept]') ? setTimeout(look, 30) : sent(); look()})"
    )
    with desk.expect_navigation():
        tab_to(desk, "End check-in", backwards=True)
        desk.keyboard.press("Enter")
    desk.get_by_text("Check-in has ended.").wait_for()
    assert set(Registration.objects.came().values_list("name", flat=True)) == {"Ada Adler", "Dora Diaz"}

    Workshop.objects.filter(pk=tonight.pk).update(ends_at=timezone.now())
    go(desk, "Back to the workshop")
    skip(desk)
    go(desk, "Look back")
    skip(desk)
    tab_to(desk, "1")
    for _ in range(3):
        desk.keyboard.press("ArrowRight")
    tab_to(desk, "Why is there no next date?")
    desk.keyboard.type("They move house.")
    go(desk, "Done, close it")

    debrief = Debrief.objects.get()
    assert (debrief.host_satisfaction, debrief.no_next_reason, bool(debrief.closed_at)) == (4, "They move house.", True)
