"""The door on phones: taps without a connection are kept and sent once, and two phones agree."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.utils import timezone

from crm.people.models import PracticeProfile
from tests.browser.fitness import findings
from tests.browser.test_office_axe import RULES
from tests.workshops.conftest import fill, make_workshop
from workshops.models import Registration, Workshop

NAMES = ("Ada Adler", "Ben Brook", "Cleo Cohen", "Zoë Zahn")


@pytest.fixture
def tonight(transactional_db):
    PracticeProfile.load().save()
    workshop = make_workshop(capacity=5, starts_at=timezone.now() + timedelta(minutes=20))
    fill(workshop, *NAMES)
    return workshop


@pytest.fixture
def door(tonight):
    return f"/admin/workshops/{tonight.pk}/door/"


def came() -> list[str]:
    return list(Registration.objects.came().order_by("name").values_list("name", flat=True))


def button(screen, name: str):
    return screen.locator("[data-list]").get_by_role("button", name=name)


def wait_until(screen, condition: str) -> None:
    """Playwright's own waiting needs eval(), which the page rightly forbids."""
    screen.evaluate(
        f"new Promise((done) => {{const look = () => {condition} ? done() : setTimeout(look, 30); look()}})"
    )


def is_kept(screen, door: str) -> None:
    """Wait until the page would open without a connection."""
    screen.evaluate("navigator.serviceWorker.ready.then(() => null)")
    assert screen.evaluate(f"caches.match('{door}').then(Boolean)")


def says(screen, words: str) -> None:
    screen.locator("[data-status]", has_text=words).wait_for()


def look(screen) -> None:
    """It looks every few seconds, which is too long for a test."""
    screen.evaluate("dispatchEvent(new Event('online'))")


@contextmanager
def no_connection(context):
    """The browser has none. What a service worker passes on may slip by that, so nobody is at the other end either."""
    with pytest.MonkeyPatch.context() as away:
        away.setattr(WSGIHandler, "get_response", lambda *_: HttpResponse(status=503))
        context.set_offline(True)
        yield
        context.set_offline(False)


def test_it_keeps_what_is_tapped_without_a_connection(live_server, phone, owner, tonight, door, log_in):
    log_in(phone, owner)
    phone.goto(door)
    is_kept(phone, door)
    button(phone, "Ada Adler").tap()
    wait_until(phone, "document.querySelector('[data-kept]') === null")
    assert came() == ["Ada Adler"]

    with no_connection(phone.context):
        button(phone, "Ben Brook").tap()
        phone.get_by_role("searchbox").fill("zoe")
        button(phone, "Zoë Zahn").tap()
        phone.get_by_label("Name", exact=True).fill("Dora Diaz")
        phone.get_by_role("button", name="Put on the list").tap()
        says(phone, "3 taps wait for a connection")
        phone.reload()
        says(phone, "3 taps wait for a connection")
        assert phone.locator(".count").inner_text().startswith("4 of 5 came")
        assert came() == ["Ada Adler"]

        phone.close()
        phone = phone.context.new_page()
        phone.goto(door)
        says(phone, "3 taps wait for a connection")
        assert button(phone, "Dora Diaz").get_attribute("aria-pressed") == "true"

    wait_until(phone, "!Object.keys(localStorage).some((name) => name.includes(':tap:'))")
    assert came() == ["Ada Adler", "Ben Brook", "Dora Diaz", "Zoë Zahn"]
    assert Registration.objects.filter(source="walk_in").count() == 1
    assert phone.locator("[data-status]").is_hidden()


def test_it_agrees_on_two_phones_and_asks_before_it_adds_a_seat(live_server, phone, page, owner, tonight, door, log_in):
    log_in(phone, owner)
    phone.goto(door)
    page.context.add_cookies(phone.context.cookies())
    page.goto(door)

    button(phone, "Ada Adler").tap()
    wait_until(phone, "document.querySelector('[data-kept]') === null")
    look(page)
    page.locator("[data-came=yes]", has_text="Ada Adler").wait_for()
    button(page, "Ada Adler").click()
    wait_until(page, "document.querySelector('[data-kept]') === null")
    look(phone)
    phone.locator("[data-came=no]", has_text="Ada Adler").wait_for()
    for name in ("Eve Egan", "Finn Fox"):
        phone.get_by_label("Name", exact=True).fill(name)
        phone.get_by_role("button", name="Put on the list").tap()
    phone.get_by_text("All 5 seats are taken. Add one more seat for Finn Fox?").wait_for()
    wait_until(phone, "Object.keys(localStorage).filter((name) => name.includes(':tap:')).length === 1")
    assert came() == ["Eve Egan"]
    phone.get_by_role("button", name="Add a seat").tap()

    wait_until(phone, "!Object.keys(localStorage).some((name) => name.includes(':tap:'))")
    look(page)
    page.locator("[data-came=yes]", has_text="Finn Fox").wait_for()
    assert [each.locator(".count").inner_text() for each in (phone, page)] == ["2 of 6 came\nall 6 seats taken"] * 2
    assert [line for each in (phone, page) for line in each.complaints] == []


def test_it_carries_who_was_looked_for_to_the_walk_in_form(live_server, phone, owner, tonight, door, log_in):
    Workshop.objects.filter(pk=tonight.pk).update(capacity=6, starts_at=timezone.now() - timedelta(minutes=5))
    log_in(phone, owner)
    phone.goto(door)
    is_kept(phone, door)
    search, name = phone.get_by_role("searchbox"), phone.get_by_label("Name", exact=True)

    with no_connection(phone.context):
        end = phone.get_by_role("button", name="End check-in")
        assert end.is_visible()
        search.press_sequentially("dora d")
        assert not end.is_visible()
        assert name.input_value() == "Dora D"
        search.press("Enter")
        name.press_sequentially("iaz")
        search.fill("ben")
        assert name.input_value() == "Dora Diaz"
        phone.get_by_role("button", name="Put on the list").tap()
        assert [search.input_value(), name.input_value()] == ["", ""]
        search.fill("eve")
        search.fill("ada")
        assert name.input_value() == ""

        phone.goto(f"{door}?q=finn+fox")  # sent before the script was there
        says(phone, "1 tap waits for a connection")
        wait_until(phone, "document.querySelector('#name').value === 'Finn Fox'")
        phone.get_by_role("button", name="Put on the list").tap()
        says(phone, "2 taps wait for a connection")

    look(phone)
    wait_until(phone, "!Object.keys(localStorage).some((name) => name.includes(':tap:'))")
    assert came() == ["Dora Diaz", "Finn Fox"]
    phone.goto(f"{door}?q=nobody")
    assert (name.input_value(), phone.url.endswith(door)) == ("Nobody", True)
    search.fill("ada")
    assert name.input_value() == ""
    assert not phone.evaluate(f"caches.match('{door}').then((kept) => kept.text())").count("Nobody&quot;")


def test_it_changes_nothing_under_the_thumb(live_server, page, owner, tonight, door, log_in):
    log_in(page, owner)
    page.goto(door)
    is_kept(page, door)
    button(page, "Ada Adler").hover()
    page.mouse.down()
    Registration.objects.filter(name="Ben Brook").update(checked_in_at=timezone.now())
    with page.expect_response("**/list/") as asked:
        look(page)
    asked.value.finished()
    page.mouse.up()

    page.locator("[data-came=yes]", has_text="Ben Brook").wait_for()
    page.locator("[data-came=yes]", has_text="Ada Adler").wait_for()
    wait_until(page, "document.querySelector('[data-kept]') === null")
    assert came() == ["Ada Adler", "Ben Brook"]


def test_it_works_without_scripts(live_server, browser, phone, owner, tonight, door, log_in):
    log_in(phone, owner)
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies(phone.context.cookies())
    screen = plain.new_page()
    screen.goto(door)
    screen.get_by_role("searchbox").fill("zo")
    screen.get_by_role("button", name="Search").click()
    screen.get_by_role("button", name="Zoë Zahn").click()
    screen.get_by_text("Zoë Zahn came.").wait_for()
    for name in ("eve egan", "Finn Fox"):  # looked for, and not there: typed once
        screen.get_by_role("searchbox").fill(name)
        screen.get_by_role("button", name="Search").click()
        screen.get_by_text("Nobody by this name is on the list.").wait_for()
        screen.get_by_role("button", name="Put on the list").click()
    screen.get_by_role("button", name="Add a seat").click()
    screen.get_by_text("Finn Fox came.").wait_for()
    assert came() == ["Eve Egan", "Finn Fox", "Zoë Zahn"]
    plain.close()


def test_it_prints_twelve_names_on_one_page_of_either_paper(live_server, page, owner, tonight, door, log_in):
    log_in(page, owner)
    Workshop.objects.filter(pk=tonight.pk).update(capacity=12)
    fill(tonight, *(f"Guest Number {number}" for number in range(8)))
    page.goto(f"{door}sheet/")

    for paper in ("A4", "Letter"):
        assert page.pdf(format=paper, prefer_css_page_size=True).count(b"/Type /Page\n") == 1, paper


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_is_fit_for_everybody(live_server, request, owner, tonight, door, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    Registration.objects.filter(name="Cleo Cohen").update(checked_in_at=timezone.now())

    for address in (door, f"{door}sheet/", f"{door}host/"):
        screen.goto(address)
        assert findings(screen, RULES) == []
        assert screen.evaluate("document.documentElement.scrollWidth") == screen.viewport_size["width"]
        small = "[...document.querySelectorAll(':is(a, button, input):not([type=hidden], [hidden])')].filter(each =>"
        assert (
            screen.evaluate(f"{small} each.offsetParent && each.offsetHeight < 44).map(each => each.outerHTML)") == []
        )
    with screen.expect_response("**/door/list/"):
        screen.goto(door)
    with screen.expect_request("**/door/list/"):  # it asks anew once it has drawn what it heard
        screen.evaluate("dispatchEvent(new Event('online'))")
    screen.get_by_role("searchbox").focus()
    for _ in range(2):
        screen.keyboard.press("Tab")
    screen.keyboard.press("Space")
    screen.locator("[data-came=yes]", has_text="Ben Brook").wait_for()
    assert screen.complaints == []
