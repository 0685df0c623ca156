"""The quick log as a thumb and a keyboard meet it."""

import pytest

from partners.models import Kind, Partner, Stage, Touch


@pytest.fixture
def book(transactional_db):
    gym = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.ACTIVE)
    cafe = Partner.objects.create(name="Café Mouvement", city="Gatineau")
    Touch.objects.create(partner=gym, summary="Free clinic")
    return gym, cafe


@pytest.fixture
def on_phone(live_server, phone, owner, book, log_in):
    log_in(phone, owner)
    phone.goto("/admin/log/")
    return phone


def test_it_fits_one_screen_of_a_phone(on_phone):
    save = on_phone.get_by_role("button", name="Save").bounding_box()

    assert save["y"] + save["height"] <= 844
    assert on_phone.evaluate("document.documentElement.scrollWidth") == 390


def test_it_gives_a_thumb_44_pixels(on_phone):
    small = on_phone.evaluate(
        """() => [...document.querySelectorAll("form.log :is(button, summary, .chip, .log-give, input[type=text])")]
            .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 44)
            .map((each) => each.outerHTML.slice(0, 80))"""
    )

    assert small == []


def test_it_logs_with_five_taps_and_takes_back_with_one(on_phone, book):
    gym, _cafe = book
    on_phone.get_by_label("Ironworks Gym").tap()
    on_phone.get_by_label("Call", exact=True).tap()
    on_phone.get_by_text("Gave value?").tap()
    on_phone.get_by_label("Next week").tap()
    on_phone.get_by_role("button", name="Save").tap()
    on_phone.get_by_role("heading", name="Logged").wait_for()

    touch = gym.touches.first()
    assert (touch.kind, touch.is_give, touch.follow_ups.count()) == ("call", True, 1)

    on_phone.get_by_role("button", name="Undo").tap()
    on_phone.get_by_role("heading", name="Taken back").wait_for()
    assert touch not in Touch.objects.standing()
    assert on_phone.complaints == []


def test_it_offers_the_words_that_fit_and_asks_how_it_went(on_phone, book):
    _gym, cafe = book
    on_phone.get_by_label("Ironworks Gym").tap()
    on_phone.get_by_text("Used the words for “Fitness, active”").tap()
    on_phone.get_by_label("How did it go?").select_option("warm")
    on_phone.get_by_label("Partner’s name").press_sequentially("mouvement")
    on_phone.get_by_role("option", name="Café Mouvement").tap()
    on_phone.get_by_text("Used the words for “Fitness, identified”").wait_for()
    assert not on_phone.locator("[name=script]").is_checked()
    on_phone.get_by_text("Used the words for").tap()
    on_phone.get_by_role("button", name="Save").tap()
    on_phone.get_by_role("heading", name="Logged").wait_for()

    touch = cafe.touches.get()
    assert (str(touch.script), touch.outcome) == ("Fitness, identified", "warm")
    assert on_phone.complaints == []


def test_it_finds_a_misspelt_name(on_phone, book):
    on_phone.get_by_role("combobox").press_sequentially("cafe muvment")
    on_phone.get_by_role("option", name="Café Mouvement").tap()
    on_phone.get_by_role("button", name="Save").tap()
    on_phone.get_by_role("heading", name="Logged").wait_for()

    assert book[1].touches.count() == 1


def test_it_adds_a_name_that_nobody_has(on_phone):
    on_phone.get_by_role("combobox").press_sequentially("Zephyr Rowing")
    on_phone.get_by_role("option", name="Add “Zephyr Rowing” as a new partner").tap()
    on_phone.get_by_label("What are they?").select_option("running_club")
    on_phone.get_by_role("button", name="Save").tap()
    on_phone.get_by_role("heading", name="Logged").wait_for()

    assert Partner.objects.get(name="Zephyr Rowing").kind == Kind.RUNNING_CLUB


def test_it_works_by_keyboard_alone(live_server, page, owner, book, log_in):
    log_in(page, owner)
    page.goto("/admin/")
    page.keyboard.press("l")
    page.wait_for_url("**/admin/log/")
    box = page.get_by_role("combobox")
    box.focus()
    box.press_sequentially("mouvement")
    page.get_by_role("option", name="Café Mouvement").wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-activedescendant") == f"suggestion-{book[1].pk}"

    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "suggestion-new"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="Café Mouvement").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("Took the Friday class")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Logged").wait_for()

    assert book[1].touches.get().summary == "Took the Friday class"
    assert page.complaints == []


def test_it_works_without_scripts(live_server, browser, owner, book, client):
    client.force_login(owner)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/log/")
    page.get_by_role("combobox").fill("Irnworks")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Which partner do you mean by “Irnworks”?").wait_for()
    page.get_by_label("Ironworks Gym").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Logged").wait_for()
    context.close()

    assert book[0].touches.count() == 2
