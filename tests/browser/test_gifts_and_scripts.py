"""A gift above its limits, and words made one's own, with a thumb and with a mouse."""

import pytest
from django.urls import reverse

from partners.models import Gift, Script

WIDTHS = pytest.mark.parametrize("width", ["phone", "page"])


@pytest.fixture
def screen(live_server, request, owner, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    return screen


def fits(screen) -> bool:
    return screen.evaluate("document.documentElement.scrollWidth") == screen.viewport_size["width"]


def unfold(screen) -> None:
    screen.locator("summary", has_text="Gifts").click()


@WIDTHS
def test_it_asks_why_stops_and_takes_back(screen, physician):
    screen.goto(f"{physician.get_absolute_url()}")
    unfold(screen)
    screen.get_by_role("link", name="Log a gift").click()
    screen.locator("[name=what]").fill("Lunch for the team")
    screen.locator("[name=purpose]").fill("An hour on falls")
    worth = screen.get_by_role("textbox", name="Worth, in dollars")
    worth.fill("6oo")
    screen.get_by_role("button", name="Save").click()
    screen.get_by_text("like 12.50").first.wait_for()

    worth.fill("600")
    screen.get_by_role("button", name="Save").click()
    screen.get_by_text("Nothing overrides this limit.").first.wait_for()

    worth.fill("80")
    screen.get_by_role("button", name="Save").click()
    screen.get_by_text("more than $50 for one gift").first.wait_for()
    assert screen.locator("[name=what]").input_value() == "Lunch for the team"
    assert fits(screen)

    screen.get_by_role("textbox", name="Why all the same").fill("Six people ate")
    screen.get_by_role("button", name="Save").click()
    screen.get_by_text("Logged: Lunch for the team, $80.").wait_for()
    unfold(screen)
    screen.get_by_text("$80 of $150, then a reason is asked.").wait_for()
    assert fits(screen)
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_role("button", name="Put it back").first.wait_for()
    assert Gift.objects.get().taken_back_at
    assert screen.complaints == []


@WIDTHS
def test_it_says_the_words_and_makes_them_ones_own(screen, physician):
    script = Script.objects.get(group="dpc", stage="active")
    screen.goto(physician.get_absolute_url())
    card = screen.locator("section", has=screen.get_by_role("heading", name="What to say"))
    card.get_by_text("Hello Dr. Okafor").wait_for()
    assert not card.get_by_text("Do not say yet").is_visible()
    card.get_by_text("Questions, and what not to say").click()
    card.get_by_text("Do not say yet").wait_for()
    assert fits(screen)

    card.get_by_role("link", name="I used it").click()
    screen.get_by_label("How did it go?").select_option("warm")
    screen.get_by_role("button", name="Save").click()
    screen.get_by_role("heading", name="Logged").wait_for()
    assert script.touches.get().outcome == "warm"

    screen.goto(reverse("scripts:index"))
    assert fits(screen)
    screen.get_by_role("link", name="we have worked together").click()
    screen.get_by_text("Used once, too few to say.").wait_for()
    screen.get_by_role("link", name="Edit").click()
    screen.get_by_role("textbox", name="Opener").fill("Hi [name], how has it been?")
    screen.get_by_role("button", name="Save").click()
    screen.get_by_text("Hi [name], how has it been?").wait_for()
    screen.get_by_role("button", name="Restore our words").click()
    screen.get_by_text("our words are back").wait_for()
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("your words are back").wait_for()

    script.refresh_from_db()
    assert script.opener == "Hi [name], how has it been?"
    assert screen.complaints == []
