"""One partner's page between two patients: log with one tap, add a word, and prepare for a meeting."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.actions import follow_up, log_touch
from partners.models import Touch

WIDTHS = pytest.mark.parametrize("width", ["phone", "page"])
OVER = """() => [...document.querySelectorAll("main .card, main .tap, main .task")]
    .filter((each) => each.offsetParent && each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => each.textContent.trim().slice(0, 40))"""


@pytest.fixture
def at_partner(live_server, request, owner, quiet_gym, log_in):
    def open_it(width: str, address: str = ""):
        screen = request.getfixturevalue(width)
        log_in(screen, owner)
        screen.goto(address or quiet_gym.get_absolute_url())
        return screen

    return open_it


@WIDTHS
def test_it_logs_with_one_tap_adds_a_word_and_takes_back(at_partner, quiet_gym, width):
    screen = at_partner(width)
    assert screen.evaluate(OVER) == []

    screen.get_by_role("button", name="Gave value").first.click()
    screen.get_by_label("What was it?").fill("The hamstring guide")
    screen.get_by_role("button", name="Save", exact=True).first.click()
    screen.get_by_text("Noted: The hamstring guide").wait_for()
    gave = quiet_gym.touches.standing().first()
    assert (gave.kind, gave.is_give, gave.summary) == ("content", True, "The hamstring guide")

    screen.get_by_role("button", name="I was there").first.click()
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("Taken back: Visit").wait_for()
    assert not quiet_gym.touches.standing().filter(kind=Touch.TouchKind.VISIT, summary="").exists()
    assert screen.complaints == []


@WIDTHS
def test_it_prepares_for_a_meeting(at_partner, quiet_gym, owner, width):
    day = timezone.localdate() + timedelta(days=1)
    log_touch(quiet_gym, kind="advice_asked", learned="Mornings are quiet", by=owner)
    follow_up(partner=quiet_gym, title="Coffee with Sam", due_on=day, is_meeting=True, by=owner)
    screen = at_partner(width)

    screen.get_by_role("link", name="Prepare for a meeting").first.click()
    screen.get_by_role("heading", name="Meeting with Ironworks Gym").wait_for()

    for heading in ("Ask about", "What you owe them", "The last times", "Who they are"):
        assert screen.get_by_role("heading", name=heading).is_visible()
    assert screen.get_by_text("What became of this: “Mornings are quiet”").is_visible()
    assert screen.get_by_text("Coffee with Sam").is_visible()
    assert screen.evaluate(OVER) == []
    assert screen.complaints == []


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_its_sheet_for_a_meeting_is_one_page_of_paper(at_partner, quiet_gym, owner, paper):
    for number in range(4):
        log_touch(quiet_gym, kind="call", summary=f"Talked about class {number}", by=owner)
    page = at_partner("page", f"/admin/partners/{quiet_gym.pk}/brief/")
    page.emulate_media(media="print")

    assert page.locator(".log-anywhere, .top-buttons, .crumb").evaluate_all(
        "all => all.every((each) => !each.checkVisibility())"
    )
    assert page.pdf(format=paper).count(b"/Type /Page\n") == 1
