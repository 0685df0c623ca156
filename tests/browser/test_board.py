"""Move a stage with a mouse, a thumb and a keyboard; find a partner by half a name."""

import re

import pytest
from playwright.sync_api import expect

from partners.models import Kind, Partner, Stage


@pytest.fixture
def book(transactional_db):
    for number in range(4):
        Partner.objects.create(name=f"Studio {number}", kind=Kind.YOGA_STUDIO, stage=Stage.ACTIVE)
    return Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)


def stage_of(partner: Partner) -> str:
    return Partner.objects.get(pk=partner.pk).stage


def open_board(screen, owner, log_in) -> None:
    log_in(screen, owner)
    screen.goto("/admin/partners/?layout=board")


def test_it_is_dragged_with_a_mouse_and_undone(live_server, page, owner, book, log_in):
    open_board(page, owner, log_in)
    card = f"#card-{book.pk}"
    page.drag_and_drop(card, "#column-giving_value", source_position={"x": 20, "y": 60})
    page.get_by_text("Ironworks Gym moved from Active to Giving value.").wait_for()
    expect(page.locator(f"#column-giving_value {card}")).to_be_visible()
    assert stage_of(book) == "giving_value"

    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Ironworks Gym is back in Active.").wait_for()
    assert stage_of(book) == "active"
    assert page.complaints == []


def test_it_goes_back_with_what_is_missing_and_through_with_a_reason(live_server, page, owner, book, log_in):
    open_board(page, owner, log_in)
    page.drag_and_drop(f"#card-{book.pk}", "#column-champion", source_position={"x": 20, "y": 60})
    page.get_by_text("5 referrals: 0 so far.").last.wait_for()
    expect(page.locator(f"#column-active #card-{book.pk}")).to_have_count(1)
    assert stage_of(book) == "active"

    page.get_by_label("Why, though something is missing?").fill("They send everybody.")
    page.get_by_role("button", name="Move to Champion").click()
    page.get_by_text("moved from Active to Champion").wait_for()
    assert stage_of(book) == "champion"


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_notes_a_referral_from_a_row_and_from_a_card(live_server, request, owner, book, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    screen.goto("/admin/partners/?layout=list&kind=gym")
    screen.get_by_label("More with Ironworks Gym").click()
    screen.get_by_role("button", name="Referral came in").click()
    screen.get_by_text("Ironworks Gym sent you somebody").wait_for()
    assert screen.url.endswith("/admin/partners/?layout=list&kind=gym")
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("Taken back").wait_for()

    screen.goto("/admin/partners/?layout=board&kind=gym")
    screen.get_by_label("Move Ironworks Gym").click()
    screen.get_by_role("button", name="Referral came in").click()
    screen.get_by_text("Ironworks Gym sent you somebody").wait_for()
    assert screen.url.endswith("/admin/partners/?layout=board&kind=gym")
    assert book.referrals.standing().count() == 1
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert screen.complaints == []


def test_it_moves_a_row_of_the_list_by_keyboard_alone(live_server, page, owner, book, log_in):
    log_in(page, owner)
    page.goto("/admin/partners/?layout=list&kind=gym")
    page.get_by_label("More with Ironworks Gym").focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move to Giving value").press("Enter")
    page.get_by_text("moved from Active to Giving value").wait_for()
    expect(page.get_by_label("More with Ironworks Gym")).to_be_focused()
    assert stage_of(book) == "giving_value"
    assert page.complaints == []


def test_it_asks_which_rest_a_card_was_dropped_on(live_server, page, owner, book, log_in):
    open_board(page, owner, log_in)
    page.drag_and_drop(f"#card-{book.pk}", "#column-resting", source_position={"x": 20, "y": 60})
    page.get_by_label("Because").select_option("wants_kickback")
    page.get_by_role("button", name="Not a fit").click()
    page.get_by_text("moved from Active to Not a fit").wait_for()

    assert Partner.objects.get(pk=book.pk).not_a_fit_because == "wants_kickback"


def test_it_moves_with_two_taps_on_a_phone(live_server, phone, owner, book, log_in):
    open_board(phone, owner, log_in)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("link", name="Move Ironworks Gym").tap()
    button = phone.get_by_role("button", name="Move to Conversation")
    assert button.bounding_box()["height"] >= 44
    button.tap()
    phone.get_by_text("moved from Active to Conversation.").wait_for()

    assert stage_of(book) == "conversation"
    assert phone.complaints == []


def test_it_moves_by_keyboard_alone(live_server, page, owner, book, log_in):
    open_board(page, owner, log_in)
    page.get_by_role("link", name="Move Ironworks Gym").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Move Ironworks Gym")).to_be_focused()

    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move to Giving value").focus()
    page.keyboard.press("Enter")
    page.get_by_text("moved from Active to Giving value.").wait_for()
    assert stage_of(book) == "giving_value"
    expect(page.get_by_role("link", name="Move Ironworks Gym")).to_be_focused()


def test_it_works_without_scripts(live_server, browser, owner, book, client):
    client.force_login(owner)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/partners/?layout=board")
    page.get_by_role("link", name="Move Ironworks Gym").click()
    page.get_by_role("button", name="Move to Conversation").click()
    page.get_by_text("moved from Active to Conversation.").wait_for()
    page.goto("/admin/partners/?layout=list")
    page.get_by_label("Tick Ironworks Gym").check()
    page.get_by_role("button", name="Set tier").click()
    page.get_by_label("A: sends regularly").check()
    page.get_by_role("button", name="Set the tier").click()
    page.get_by_text("Tier A: 1 partner.").wait_for()
    context.close()

    assert (stage_of(book), Partner.objects.get(pk=book.pk).tier) == ("conversation", "a")


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_finds_a_partner_by_half_a_name(live_server, request, owner, book, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    screen.goto("/admin/partners/?layout=list")
    screen.get_by_role("searchbox").or_(screen.locator("#id_q")).first.press_sequentially("ironw")
    screen.wait_for_url(re.compile("q=ironw"))
    expect(screen.get_by_text("Studio 1")).to_have_count(0)
    screen.get_by_role("link", name="Ironworks Gym").click()
    screen.wait_for_url(f"**/partners/inspect/{book.pk}/")

    assert screen.get_by_role("heading", level=1).inner_text() == "Ironworks Gym"


def test_it_counts_what_is_ticked_and_ticks_a_page(live_server, page, owner, book, log_in):
    log_in(page, owner)
    page.goto("/admin/partners/?layout=list")
    assert not page.get_by_role("button", name="Set tier").is_visible()
    page.get_by_label("Tick Ironworks Gym").check()
    page.get_by_text("With the 1 ticked:").wait_for()
    page.get_by_label("Tick every row of this page").check()
    page.get_by_text("With the 5 ticked:").wait_for()
