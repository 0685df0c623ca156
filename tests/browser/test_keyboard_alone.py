"""The ten daily jobs at a desk without a mouse: Tab to it, see where you are, press it, and go on from there."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import TimeoutError, expect

from crm.people.models import Contact
from partners.actions import follow_up
from partners.models import FollowUp, Kind, Partner, Referral, Role, Stage, Touch
from tests.browser.keys import has_focus, tab_to

LIST = b"Company,City,Cell,Who\nStudio North,Ottawa,613 555 0199,Sam Reyes\nRideau Runners,Ottawa,,\n"


@pytest.fixture
def gym(transactional_db, practice) -> Partner:
    gym = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)
    coach = Contact.objects.create(name="Mike Boyle", email="mike@ironworks.example.com")
    Role.objects.create(partner=gym, contact=coach, title="Head coach", is_primary=True)
    Touch.objects.create(partner=gym, occurred_at=timezone.now() - timedelta(days=2))
    return gym


@pytest.fixture
def desk(live_server, page, owner, gym, log_in):
    log_in(page, owner)
    yield page
    assert page.complaints == []


def press(page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    page.keyboard.press(key)


def go(page, name: str) -> None:
    """Press what leads to another page, and wait for that."""
    with page.expect_navigation():
        press(page, name)


def is_said(page, words: str) -> None:
    """It is said, and the next Tab is near it."""
    expect(page.locator(".messages").get_by_text(words).first).to_be_visible()


def test_it_logs_a_visit(desk, gym):
    desk.goto("/admin/")
    with desk.expect_navigation():
        desk.keyboard.press("l")
    press(desk, "Ironworks Gym", "Space")
    press(desk, "Save")
    desk.get_by_role("heading", name="Logged").wait_for()

    assert gym.touches.first().kind == "visit"
    assert has_focus(desk) == "Log another"
    tab_to(desk, "Undo", most=2)


def test_it_logs_with_the_next_step(desk, gym):
    desk.goto(f"/admin/log/?partner={gym.pk}")
    tab_to(desk, "Visit")
    desk.keyboard.press("ArrowRight")
    tab_to(desk, "In one line")
    desk.keyboard.type("Talked about the spring class")
    tab_to(desk, "Next step")
    desk.keyboard.type("Send two dates")
    tab_to(desk, "Tomorrow")
    desk.keyboard.press("Space")
    desk.keyboard.press("Control+Enter")
    desk.get_by_role("heading", name="Logged").wait_for()

    todo = gym.follow_ups.get()
    assert (todo.title, todo.due_on) == ("Send two dates", timezone.localdate() + timedelta(days=1))


def test_it_records_a_referral_and_thanks(desk, gym):
    desk.goto(gym.get_absolute_url())
    go(desk, "Referral came in")
    desk.get_by_role("button", name="Mike Boyle sent").first.wait_for()
    referral = Referral.objects.get()
    go(desk, f"Mike Boyle sent {referral}")
    is_said(desk, f"Mike Boyle sent {referral}.")
    go(desk, f"Thank for {referral}")
    desk.get_by_label("Your words").wait_for()
    go(desk, "Send it from here")
    is_said(desk, "leave in two minutes")
    tab_to(desk, "Undo", most=2)

    referral.refresh_from_db()
    assert referral.thanked_at


def test_it_moves_a_stage_from_the_partners_page(desk, gym):
    desk.goto(gym.get_absolute_url())
    go(desk, "Move to…")
    go(desk, "Move to Conversation")
    is_said(desk, "moved from Active to Conversation.")
    tab_to(desk, "Undo", most=2)

    assert Partner.objects.get().stage == "conversation"


def test_it_moves_a_stage_on_the_board(desk, gym):
    desk.goto("/admin/partners/?layout=board")
    press(desk, "Move Ironworks Gym")
    desk.get_by_role("dialog").wait_for()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    assert "Move Ironworks Gym" in has_focus(desk)
    desk.keyboard.press("Enter")
    desk.get_by_role("dialog").wait_for()
    press(desk, "Move to Giving value")
    is_said(desk, "moved from Active to Giving value.")

    expect(desk.get_by_role("link", name="Move Ironworks Gym")).to_be_focused()


def test_it_snoozes(desk, gym):
    follow_up(partner=gym, title="Call Sam", due_on=timezone.localdate())
    desk.goto("/admin/")
    press(desk, "Snooze: Call Sam")
    desk.keyboard.press("Escape")
    assert has_focus(desk).startswith("Snooze: Call Sam")
    expect(desk.get_by_role("button", name="In three days")).to_be_hidden()
    desk.keyboard.press("Enter")
    go(desk, "In three days")
    is_said(desk, "Snoozed to")
    assert FollowUp.objects.get().due_on == timezone.localdate() + timedelta(days=3)

    tab_to(desk, "Undo", most=2)
    desk.keyboard.press("Enter")
    is_said(desk, "again: Call Sam.")


def test_it_sees_today_and_what_is_done_is_near(desk, gym):
    for title in ("Call Sam", "Send the guide"):
        follow_up(partner=gym, title=title, due_on=timezone.localdate())
    desk.goto(gym.get_absolute_url())
    go(desk, "Today")
    desk.get_by_role("heading", name="Due today").wait_for()
    go(desk, "Done: Call Sam")
    is_said(desk, "Done: Call Sam.")
    tab_to(desk, "Done: Send the guide", most=20)


def test_it_prepares_for_a_meeting(desk, gym):
    desk.goto(gym.get_absolute_url())
    go(desk, "Prepare for a meeting")
    desk.get_by_role("heading", name="Meeting with Ironworks Gym").wait_for()
    tab_to(desk, "Log it afterwards")


def test_it_finds_a_partner_by_half_a_name(desk, gym):
    Partner.objects.create(name="Cedar Yoga")
    desk.goto("/admin/partners/?layout=list")
    asked = []
    desk.on("request", lambda request: asked.append(request.url))
    tab_to(desk, "Search term")
    desk.keyboard.type("ironw")
    expect(desk).to_have_url(re.compile("q=ironw$"))
    expect(desk.get_by_text("Cedar Yoga")).to_have_count(0)
    tab_to(desk, "Tick Ironworks Gym")
    desk.wait_for_timeout(400)  # whatever leaving the field asks for is asked by now
    assert len([url for url in asked if "q=ironw&" in url]) == 1
    assert "Tick Ironworks Gym" in has_focus(desk)
    go(desk, "Ironworks Gym")
    desk.wait_for_url(f"**/partners/inspect/{gym.pk}/")


def choose(desk):
    """What opens on Enter. A busy browser may take the key for one that nobody pressed, so it is pressed again."""
    for _ in range(3):
        with suppress(TimeoutError), desk.expect_file_chooser(timeout=4000) as asked:
            desk.keyboard.press("Enter")
            return asked.value
    raise AssertionError("Enter opened no dialog for files.")


def test_it_imports_a_list(desk, tmp_path):
    """The system's own dialog for files is the browser's, and takes the keyboard as it does everywhere."""
    file = tmp_path / "list.csv"
    file.write_bytes(LIST)
    desk.goto("/admin/import/")
    tab_to(desk, "Choose your list of partners")
    choose(desk).set_files(file)
    go(desk, "Look at the file")
    go(desk, "Check all rows")
    desk.get_by_text("2 new partners").wait_for()
    go(desk, "Import 2 rows")
    go(desk, "Undo the whole import")
    desk.get_by_text("Undone: 2 removed").wait_for()


def test_it_merges_two(desk, gym):
    Partner.objects.create(name="Iron Works Gym", email="hello@ironworks.example")
    desk.goto("/admin/partners/same/")
    go(desk, "Compare and merge")
    go(desk, "Merge into")
    is_said(desk, "is merged into")
    assert Partner.objects.current().count() == 1

    tab_to(desk, "Undo", most=2)
    desk.keyboard.press("Enter")
    is_said(desk, "are two again")
