"""One deed for exactly the rows that the filter shows, and its undo: with a thumb, a mouse and a keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from partners.models import Kind, Partner, Stage
from tests.browser.keys import tab_to

PAGE = 50  # rows


@pytest.fixture
def book(transactional_db) -> None:
    """More yoga studios than one page shows, and two that the filter hides."""
    studios = [Partner(name=f"Studio {n:02}", kind=Kind.YOGA_STUDIO, code=f"S{n}") for n in range(PAGE + 5)]
    Partner.objects.bulk_create(studios)
    for name in ("Ironworks Gym", "Anvil Athletics"):
        Partner.objects.create(name=name, kind=Kind.GYM, stage=Stage.ACTIVE)


def tiers() -> dict[str, int]:
    """How many of each tier are studios, and how many are not."""
    studios = Partner.objects.filter(tier="a", kind=Kind.YOGA_STUDIO).count()
    return {"studios": studios, "others": Partner.objects.filter(tier="a").exclude(kind=Kind.YOGA_STUDIO).count()}


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_does_it_to_exactly_what_the_filter_shows(live_server, request, owner, book, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    screen.goto("/admin/partners/?layout=list")
    screen.get_by_role("button", name="Show filters").click()
    screen.get_by_role("button", name="Kind").click()
    screen.get_by_label("Yoga studio").check()
    screen.wait_for_url("**kind=yoga_studio**")
    expect(screen.get_by_text("Ironworks Gym")).to_have_count(0)
    screen.keyboard.press("Escape")

    screen.get_by_label("Tick Studio 03").check()
    screen.get_by_label("All 55 that match").check()
    screen.get_by_text("With all that match:").wait_for()
    screen.get_by_role("button", name="Set tier").click()
    expect(screen.get_by_role("heading", name="Give them a tier: 55 partners")).to_be_visible()
    screen.get_by_label("A: sends regularly").check()
    screen.get_by_role("button", name="Set the tier").click()
    screen.get_by_text("Tier A: 55 partners.").wait_for()
    assert tiers() == {"studios": 55, "others": 0}
    assert "kind=yoga_studio" in screen.url
    assert screen.evaluate("document.documentElement.scrollWidth") == screen.viewport_size["width"]

    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("Undone for 55.").wait_for()
    assert tiers() == {"studios": 0, "others": 0}
    assert screen.complaints == []


def test_it_is_done_by_keyboard_alone(live_server, page, owner, book, log_in):
    log_in(page, owner)
    page.goto("/admin/partners/?layout=list&kind=yoga_studio")
    tab_to(page, "Tick every row of this page")
    page.keyboard.press("Space")
    page.get_by_text(f"With the {PAGE} ticked:").wait_for()
    tab_to(page, "Set tier", most=6, backwards=True)  # before the rows, though it is seen below them
    page.keyboard.press("Enter")
    page.wait_for_url("**/bulk/**")
    tab_to(page, "A: sends regularly")
    page.keyboard.press("Space")
    tab_to(page, "Set the tier")
    page.keyboard.press("Enter")
    page.get_by_text(f"Tier A: {PAGE} partners.").wait_for()
    page.wait_for_function("document.activeElement.closest('.messages')")
    tab_to(page, "Undo", most=3)
    page.keyboard.press("Enter")
    page.get_by_text(f"Undone for {PAGE}.").wait_for()

    assert tiers() == {"studios": 0, "others": 0}
    assert page.complaints == []


def test_it_says_that_it_is_at_work_and_is_sent_once(live_server, page, owner, book, log_in):
    log_in(page, owner)
    page.goto("/admin/partners/bulk/?deed=archive&all=1&shown=kind=yoga_studio")
    page.evaluate("""() => {
        window.sent = [];
        addEventListener("submit", (event) => { sent.push(!event.defaultPrevented); event.preventDefault(); });
    }""")
    expect(page.get_by_role("status").filter(has_text="Working on")).to_have_count(0)
    for _ in range(2):
        page.get_by_role("button", name="Archive").press("Enter")

    expect(page.get_by_role("status").filter(has_text="Working on 55 partners …")).to_be_visible()
    assert page.evaluate("sent") == [True, False]


def test_it_stands_at_the_very_bottom_of_a_phone_and_hides_nothing_at_the_end(live_server, phone, owner, book, log_in):
    log_in(phone, owner)
    phone.goto("/admin/partners/?layout=list&kind=yoga_studio")
    phone.get_by_label("Tick Studio 03").check()
    bar = phone.get_by_role("group", name="Do to the ticked")
    expect(bar).to_be_visible()
    expect(phone.locator(".log-anywhere")).to_be_hidden()

    def edges() -> dict[str, float]:
        return phone.evaluate("""() => {
            const main = document.querySelector("main");
            main.scrollTo({ top: main.scrollHeight, behavior: "instant" });
            const box = (query) => [...document.querySelectorAll(query)].at(-1).getBoundingClientRect();
            return { screen: innerHeight, bar: box(".bulk-bar").top, end: box(".bulk-bar").bottom,
                row: box(".bulk-rows tbody > tr").bottom, pager: box("nav.pagination").bottom, pagerTop: box("nav.pagination").top };
        }""")

    assert phone.viewport_size["height"] - bar.bounding_box()["y"] - bar.bounding_box()["height"] <= 1
    seen = edges()
    assert seen["row"] <= seen["bar"]
    assert seen["pager"] <= seen["bar"] or seen["pagerTop"] >= seen["end"]
    assert seen["pager"] <= seen["screen"]
