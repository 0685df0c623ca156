"""One line of plain writing, on a phone, at a desk, and without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.people.models import Contact
from partners.models import FollowUp, Kind, Partner, Role, Stage, Touch

LINE = "coffee with the head coach and Zoe at ironworks gave the hamstring guide call tomorrow"


@pytest.fixture
def gym(transactional_db) -> Partner:
    gym = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)
    for name, title in (("Sam Rivers", "Head coach"), ("Priya Nair", "Owner")):
        Role.objects.create(partner=gym, contact=Contact.objects.create(name=name), title=title)
    Partner.objects.create(name="Cedar Yoga")
    return gym


def logged(gym: Partner) -> tuple:
    touch = gym.touches.get()
    people = sorted(str(contact) for contact in touch.contacts.all())
    return touch.kind, touch.is_give, people, touch.follow_ups.get().due_on - timezone.localdate()


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_logs_a_line(live_server, request, owner, gym, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    screen.goto("/admin/log/")
    screen.get_by_label("Just write it").press_sequentially(LINE)
    screen.get_by_text("from “gave the hamstring guide”").wait_for()
    assert not Touch.objects.exists()

    screen.get_by_label("Sam Rivers").wait_for()
    assert screen.get_by_label("Sam Rivers").is_checked()
    assert not screen.get_by_label("Priya Nair").is_checked()
    screen.get_by_label("Add Zoe as a person there").check()
    assert screen.evaluate("document.documentElement.scrollWidth") == screen.viewport_size["width"]
    screen.get_by_role("button", name="Save").click()
    screen.get_by_role("heading", name="Logged").wait_for()

    assert logged(gym) == ("meeting", True, ["Sam Rivers", "Zoe"], timedelta(days=1))
    assert screen.complaints == []


def test_it_logs_by_keyboard_alone(live_server, page, owner, gym, log_in):
    log_in(page, owner)
    page.goto("/admin/")
    page.keyboard.press("l")
    page.wait_for_url("**/admin/log/")
    page.get_by_label("Just write it").focus()
    page.keyboard.type("called the owner at ironworks, no answer")
    page.keyboard.press("Enter")
    page.locator(".log-save button:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Logged").wait_for()

    assert (gym.touches.get().kind, gym.touches.get().outcome) == ("call", "no_reply")


def test_it_keeps_what_was_set_by_hand(live_server, page, owner, gym, log_in):
    log_in(page, owner)
    page.goto("/admin/log/")
    page.get_by_label("Text", exact=True).check()
    page.get_by_label("Just write it").press_sequentially("called ironworks about the posters")
    page.get_by_text("from “ironworks”").wait_for()

    assert page.get_by_label("Text", exact=True).is_checked()
    assert page.get_by_label("Ironworks Gym").is_checked()


def test_it_asks_which_day_and_waits(live_server, page, owner, gym, log_in):
    log_in(page, owner)
    page.goto("/admin/log/")
    day = timezone.localdate() - timedelta(days=3)
    page.get_by_label("Just write it").press_sequentially(f"call {day:%A} at ironworks")
    page.get_by_text("Which day do you mean").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Choose one above.").first.wait_for()
    page.get_by_label("gone by").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Logged").wait_for()

    assert timezone.localdate(gym.touches.get().occurred_at) == day


def test_it_warns_of_a_patients_name_and_takes_the_mended_line(live_server, phone, owner, gym, log_in):
    log_in(phone, owner)
    phone.goto(f"/admin/log/?partner={gym.pk}")
    phone.get_by_label("In one line", exact=True).fill("Talked about Jane's knee")
    phone.get_by_role("button", name="Save").tap()
    phone.get_by_text("“Jane's knee” (a name beside a body part)").wait_for()
    assert phone.get_by_role("button", name="Save it all the same").is_visible()
    phone.get_by_label("In one line", exact=True).fill("Talked about knees")
    phone.get_by_role("button", name="Save", exact=True).tap()
    phone.get_by_role("heading", name="Logged").wait_for()

    assert gym.touches.get().summary == "Talked about knees"


def test_it_works_without_scripts(live_server, browser, owner, gym, client):
    client.force_login(owner)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/log/")
    page.get_by_label("Just write it").fill(LINE)
    page.get_by_role("button", name="Fill in the form").click()
    page.get_by_text("from “gave the hamstring guide”").wait_for()
    assert not FollowUp.objects.exists()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Logged").wait_for()
    context.close()

    assert logged(gym) == ("meeting", True, ["Sam Rivers"], timedelta(days=1))


def test_its_button_knows_whose_page_it_is_on(live_server, phone, owner, gym, log_in):
    """That it is there on every page, and covers nothing: test_office_axe.py."""
    log_in(phone, owner)

    phone.goto(f"/admin/partners/inspect/{gym.pk}/")
    phone.get_by_role("link", name="Log a touch", exact=True).last.tap()
    phone.get_by_label("Ironworks Gym").wait_for()
    assert phone.get_by_label("Ironworks Gym").is_checked()
