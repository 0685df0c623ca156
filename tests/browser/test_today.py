"""See today, and do what is due, as a thumb, a mouse and a keyboard meet it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.actions import follow_up
from partners.models import FollowUp, Kind, Partner, Referral, Stage, Touch


@pytest.fixture
def book(transactional_db):
    today, now = timezone.localdate(), timezone.now()
    gym = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)
    quiet = Partner.objects.create(name="Quiet Yoga", kind=Kind.YOGA_STUDIO, stage=Stage.ACTIVE)
    for partner, days in ((gym, 2), (quiet, 100)):
        Touch.objects.create(partner=partner, summary="Free clinic", occurred_at=now - timedelta(days=days))
    follow_up(partner=gym, title="Call Sam", due_on=today - timedelta(days=2))
    Referral.objects.create(partner=gym, received_at=now - timedelta(hours=73))  # a weekend stands still
    return gym, quiet


@pytest.fixture(params=["page", "phone"])
def on_today(request, live_server, owner, book, log_in):
    """Today at a desk of 1280 px, and on a phone of 390 px."""
    page = request.getfixturevalue(request.param)
    log_in(page, owner)
    page.goto("/admin/")
    return page


def said(page, words: str) -> None:
    page.get_by_role("status").or_(page.locator(".messages")).get_by_text(words).first.wait_for()


def test_it_shows_today_in_the_order_that_matters(on_today):
    headings = on_today.get_by_role("heading", level=2).all_inner_texts()

    assert [words.split("\n")[0].rstrip(" 0123456789") for words in headings[:5]] == [
        "Thank them now", "Overdue", "Due today", "Referrals that wait", "Gone quiet",
    ]  # fmt: skip
    assert on_today.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert on_today.complaints == []


def test_it_is_snoozed_and_done_and_each_is_undone_with_a_tap(on_today, book):
    todo = FollowUp.objects.get()
    was = todo.due_on
    on_today.get_by_label("Snooze: Call Sam").click()
    on_today.get_by_role("button", name="In three days").click()
    said(on_today, "Snoozed to")
    todo.refresh_from_db()
    assert (todo.due_on, todo.snoozes) == (timezone.localdate() + timedelta(days=3), 1)

    on_today.get_by_role("button", name="Undo").click()
    said(on_today, "again: Call Sam.")
    todo.refresh_from_db()
    assert (todo.due_on, todo.snoozes) == (was, 0)

    on_today.get_by_role("button", name="Done: Call Sam").click()
    said(on_today, "Done: Call Sam.")
    on_today.get_by_role("button", name="Undo").click()
    said(on_today, "Open again: Call Sam.")
    assert FollowUp.objects.open().get() == todo


def test_it_asks_for_the_next_step_and_lets_a_quiet_partner_rest(on_today, book):
    gym, _quiet = book
    on_today.get_by_role("button", name="Done: Call Sam").click()
    on_today.get_by_label("What is next with Ironworks Gym?").fill("Send the guide")
    on_today.get_by_role("button", name="In a week", exact=True).click()
    said(on_today, "Send the guide: due")
    assert [todo.title for todo in gym.follow_ups.open()] == ["Send the guide"]

    on_today.get_by_label("Snooze Quiet Yoga", exact=True).click()
    on_today.get_by_role("button", name="For a week").click()
    said(on_today, "Quiet Yoga rests until")
    on_today.get_by_text("Nobody has gone quiet.").wait_for()


def test_it_prepares_a_meeting(on_today, book):
    gym, _quiet = book
    follow_up(partner=gym, title="Coffee with Sam", due_on=timezone.localdate(), is_meeting=True)
    on_today.reload()
    outside = on_today.evaluate(
        """() => [...document.querySelectorAll(".task-buttons")]
            .filter((row) => row.firstElementChild.getBoundingClientRect().left < row.parentElement.getBoundingClientRect().left)
            .map((row) => row.innerText)"""
    )
    assert outside == []
    on_today.get_by_role("link", name="Prepare: Coffee with Sam").click()
    on_today.get_by_role("heading", name="Meeting with Ironworks Gym").wait_for()
    assert on_today.complaints == []


def test_it_gives_a_thumb_44_pixels(live_server, phone, owner, book, log_in):
    follow_up(partner=book[0], title="Coffee with Sam", due_on=timezone.localdate(), is_meeting=True)
    log_in(phone, owner)
    phone.goto("/admin/")
    small = phone.evaluate(
        """() => [...document.querySelectorAll(".sheet :is(button, summary, a.tap, a.quiet)")]
            .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
            .map((each) => each.outerHTML.slice(0, 80))"""
    )

    assert small == []


def test_it_is_done_with_words_by_keyboard_alone(live_server, page, owner, book, log_in):
    log_in(page, owner)
    page.goto("/admin/")
    page.get_by_label("More: Call Sam").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("They want a clinic")
    page.keyboard.press("Tab")
    page.keyboard.type("Propose two dates")
    page.keyboard.press("Enter")
    said(page, "Done: Call Sam.")

    done = FollowUp.objects.get(done_at__isnull=False)
    assert done.outcome == "They want a clinic"
    assert FollowUp.objects.open().get().title == "Propose two dates"
    assert page.complaints == []


def test_it_begins_a_plan_and_stops_it(live_server, phone, owner, book, log_in):
    gym, _quiet = book
    log_in(phone, owner)
    phone.goto(gym.get_absolute_url())
    phone.get_by_text("Begin a plan").click()
    phone.get_by_role("link", name="First referral").click()
    phone.get_by_role("button", name="Begin with Ironworks Gym").click()
    said(phone, "First referral has begun: 4 to dos for Ironworks Gym.")
    phone.get_by_text("step 1 of 4").wait_for()

    phone.get_by_role("button", name="Stop the plan First referral").click()
    said(phone, "Stopped: 4 to dos were dropped.")
    assert gym.follow_ups.open().count() == 1
