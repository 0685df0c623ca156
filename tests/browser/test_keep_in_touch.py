"""Log a visit, log it with the next step, snooze: at a desk and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.people.models import Contact
from partners.models import Kind, Partner, Role, Stage, Touch

WIDTHS = pytest.mark.parametrize("width", ["phone", "page"])


@pytest.fixture
def gym(transactional_db):
    gym = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)
    Touch.objects.create(partner=gym, kind="call", occurred_at=timezone.now() - timedelta(days=100))
    for name in ("Dana Kim", "Lee Fox"):
        Role.objects.create(partner=gym, contact=Contact.objects.create(name=name))
    return gym


@pytest.fixture
def screen(live_server, request, owner, gym, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    yield screen
    assert screen.complaints == []
    assert screen.evaluate("document.documentElement.scrollWidth") == screen.viewport_size["width"]


def save(screen) -> None:
    screen.get_by_role("button", name="Save", exact=True).click()
    screen.get_by_role("heading", name="Logged").wait_for()


@WIDTHS
def test_it_logs_a_visit_with_two_people(screen, gym):
    screen.goto("/admin/log/")
    screen.get_by_label("Ironworks Gym").click()
    screen.get_by_label("Dana Kim").click()
    screen.get_by_label("Lee Fox").click()
    save(screen)

    touch = gym.touches.first()
    assert (touch.kind, touch.contacts.count()) == ("visit", 2)


@WIDTHS
def test_it_logs_with_the_next_step_a_booked_meeting(screen, gym):
    screen.goto(f"/admin/log/?partner={gym.pk}")
    screen.get_by_label("Next step", exact=True).fill("Coffee with Dana")
    screen.get_by_label("In two weeks").click()
    screen.get_by_text("It is a booked meeting").click()
    save(screen)

    todo = gym.follow_ups.get()
    assert (todo.title, todo.is_meeting) == ("Coffee with Dana", True)
    assert todo.due_on == timezone.localdate() + timedelta(days=14)


@WIDTHS
def test_it_explains_an_ask_that_is_early_as_soon_as_it_is_ticked(screen, gym):
    screen.goto("/admin/log/")
    screen.get_by_label("Ironworks Gym").click()
    screen.get_by_label("Dana Kim").wait_for()
    screen.get_by_text("Asked a favour?").click()
    screen.get_by_text("Still missing: two more gives, one of them by showing up").wait_for()
    screen.get_by_label("Why now, all the same?").fill("They offered the room.")
    save(screen)

    assert gym.touches.first().ask_reason == "They offered the room."


@WIDTHS
def test_it_snoozes_twice_and_then_asks_to_decide(screen, gym):
    for words in ("For a week", "For three days"):
        screen.goto(gym.get_absolute_url())
        screen.get_by_label("Snooze Ironworks Gym").click()
        screen.get_by_role("button", name=words).click()
        screen.get_by_text("Ironworks Gym rests until").wait_for()
    screen.get_by_text("Snoozed twice. Decide now.").wait_for()

    screen.get_by_role("button", name="C: sends seldom").click()
    screen.get_by_text("Ironworks Gym is in tier C now.").wait_for()
    assert Partner.objects.get(pk=gym.pk).tier == "c"
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("Ironworks Gym is in tier B now.").wait_for()
    assert Partner.objects.get(pk=gym.pk).tier == "b"


def test_it_explains_without_scripts_and_loses_nothing(live_server, browser, owner, gym, client):
    client.force_login(owner)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/admin/log/?partner={gym.pk}")
    page.get_by_label("Dana Kim").check()
    page.get_by_label("In one line", exact=True).fill("Would they host a clinic?")
    page.get_by_label("Asked a favour?").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Write down why now, and it is logged all the same.").wait_for()
    page.get_by_label("Why now, all the same?").fill("They offered.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Logged").wait_for()
    context.close()

    touch = gym.touches.first()
    assert (touch.summary, touch.ask_reason) == ("Would they host a clinic?", "They offered.")
    assert touch.contacts.get().name == "Dana Kim"
