"""Registering, changing one's mind and coming back, on a phone; and what a screen reader would stumble over."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.people import guard
from crm.people.models import PracticeProfile
from tests.browser.fitness import findings
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop


@pytest.fixture
def _no_hurry(monkeypatch):
    """A robot types faster than anybody; the clock is tested elsewhere."""
    monkeypatch.setattr(guard, "AT_LEAST_SECONDS", -1)


@pytest.fixture
def profile(transactional_db):
    profile = PracticeProfile.load()
    profile.name, profile.phone = "Harbour Physio", "+1 613 555 0123"
    profile.save()
    return profile


@pytest.fixture
def phone_without_scripts(browser, live_server):
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_it_registers_cancels_and_comes_back_without_scripts(profile, phone_without_scripts, _no_hurry):
    workshop, phone = make_workshop(), phone_without_scripts

    phone.goto("/workshops/")
    phone.get_by_role("link", name=workshop.title).click()
    phone.get_by_label("Your name").fill("Ada Lovelace")
    phone.get_by_label("E-mail").fill("ada@example.com")
    phone.get_by_role("button", name="Register").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Thank you. You have a seat."

    phone.goto(Registration.objects.get().get_absolute_url())
    phone.get_by_role("button", name="Give my seat back").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Your registration is cancelled."
    phone.get_by_role("button", name="Register again").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "You have a seat."


def test_it_asks_for_a_second_yes_without_scripts(profile, phone_without_scripts, _no_hurry):
    workshop, phone = make_workshop(asks_again=True), phone_without_scripts

    phone.goto(workshop.get_absolute_url())
    phone.get_by_label("Your name").fill("Ada Lovelace")
    phone.get_by_label("E-mail").fill("ada@example.com")
    phone.get_by_role("button", name="Register").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Thank you. One more press, please."
    phone.goto(f"{Registration.objects.get().get_absolute_url()}confirm/")
    phone.get_by_role("button", name="Yes, I would like to come").click()

    assert phone.get_by_role("heading", level=1).inner_text() == "You have a seat."


def test_it_registers_two_without_scripts(profile, phone_without_scripts, _no_hurry):
    workshop, phone = make_workshop(), phone_without_scripts

    phone.goto(workshop.get_absolute_url())
    phone.get_by_label("Your name").fill("Ada Lovelace")
    phone.get_by_label("E-mail").fill("ada@example.com")
    phone.get_by_role("button", name="Add another person").click()
    assert phone.evaluate("document.activeElement.name") == "with-1-name"
    phone.get_by_role("group", name="Person 2").get_by_label("Name").fill("Ben")
    phone.get_by_role("button", name="Add another person").click()
    phone.get_by_role("group", name="Person 3").get_by_role("button", name="Take off").click()
    phone.get_by_role("button", name="Register").click()

    assert phone.get_by_role("listitem").filter(has_text="has a seat").count() == 2
    assert set(Registration.objects.values_list("name", "email")) == {("Ada Lovelace", "ada@example.com"), ("Ben", "")}


def test_it_goes_back_to_the_row_that_was_added_last(profile, phone_without_scripts):
    phone = phone_without_scripts
    phone.goto(make_workshop().get_absolute_url())

    for number in (1, 2):
        phone.get_by_role("button", name="Add another person").click()
        expect(phone.locator(f"[name=with-{number}-name]")).to_be_focused()


def test_it_adds_people_in_place_with_the_keyboard_alone(profile, phone, live_server, _no_hurry):
    workshop, keys = make_workshop(), phone.keyboard
    phone.goto(workshop.get_absolute_url())

    phone.get_by_label("Your name").focus()
    keys.type("Ada Lovelace")
    keys.press("Tab")
    keys.type("ada@example.com")
    phone.get_by_role("button", name="Add another person").press("Enter")
    keys.type("Ben")
    phone.get_by_role("button", name="Add another person").press("Enter")
    keys.type("Cleo")
    phone.get_by_role("group", name="Person 2").get_by_role("button", name="Take off").press("Enter")
    assert phone.evaluate("document.activeElement.value") == "Cleo"
    assert phone.get_by_role("group", name="Person 2").get_by_label("Name").input_value() == "Cleo"
    assert findings(phone) == []
    keys.press("Enter")

    phone.wait_for_url("**/thanks/**")
    assert set(Registration.objects.values_list("name", flat=True)) == {"Ada Lovelace", "Cleo"}
    assert findings(phone) == []
    assert phone.complaints == []


def test_it_adds_five_at_most_in_place(profile, phone, live_server):
    phone.goto(make_workshop().get_absolute_url())
    add = phone.get_by_role("button", name="Add another person")

    for _ in range(5):
        add.click()

    assert not add.is_visible()
    phone.get_by_role("button", name="Take off").first.click()
    assert add.is_visible()


def test_it_opens_a_private_one_with_its_code_typed_in(profile, phone_without_scripts):
    workshop, phone = make_workshop(is_private=True), phone_without_scripts

    phone.goto(workshop.get_absolute_url())
    phone.get_by_label("Code").fill("nothing")
    phone.get_by_role("button", name="Open").click()
    assert phone.get_by_role("alert").is_visible()
    phone.get_by_label("Code").fill(workshop.code.lower())
    phone.get_by_role("button", name="Open").click()

    assert phone.get_by_role("heading", level=1).inner_text() == workshop.title


@pytest.fixture
def answers(profile) -> list[str]:
    """The pages behind the links in letters: to take a seat, to let it go, and to take back a no."""
    full = make_workshop()
    gus, _ida, kim, lou = fill(full, "Gus", "Ida", "Kim", "Lou")
    seats = [make_workshop(), make_workshop()]
    (mel,), (nat,) = (fill(each, name) for each, name in zip(seats, ("Mel", "Nat"), strict=True))
    actions.cancel(nat, by=nat.CancelledBy.REPLY)
    Workshop.objects.filter(pk=full.pk).update(starts_at=timezone.now() + timedelta(hours=20))
    actions.cancel(gus)
    Registration.objects.filter(pk=lou.pk).update(offer_lapsed_at=timezone.now())
    return [kim.claim_url, kim.cancel_url, lou.claim_url, lou.cancel_url, mel.cancel_url, nat.undo_url]


def test_it_gives_no_reader_trouble(live_server, profile, phone, _no_hurry):
    workshop = make_workshop()
    ada, _ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    called_off = make_workshop()
    actions.cancel_workshop(called_off, reason="Snow.")
    actions.cancel(ada)
    secret = make_workshop(is_private=True, place="", video_url="https://meet.example.com/x", audience="staff")
    people = [actions.Person("Dora", "dora@example.com"), actions.Person("Emil")]
    dora, _emil = actions.register_party(secret, people, submission="abc")
    (gus,) = fill(make_workshop(), "Gus")
    actions.cancel(gus, by=gus.CancelledBy.REPLY)
    (hana,) = fill(make_workshop(), "Hana")
    Registration.objects.filter(pk=hana.pk).update(checked_in_at=hana.workshop.starts_at)
    wary = make_workshop(asks_again=True)
    asked = actions.ask_again(wary, name="Ida", email="ida@example.com")

    for address in (
        wary.get_absolute_url(),
        f"{wary.get_absolute_url()}thanks/?seat=asked",
        f"{asked.get_absolute_url()}confirm/",
        "/workshops/",
        gus.get_absolute_url(),
        f"{gus.get_absolute_url()}undo/",
        f"{secret.get_absolute_url()}?code={secret.code}",
        dora.get_absolute_url(),
        workshop.get_absolute_url(),
        f"{workshop.get_absolute_url()}thanks/?seat=yes",
        called_off.get_absolute_url(),
        ada.get_absolute_url(),
        cleo.get_absolute_url(),
        f"{cleo.get_absolute_url()}cancel/",
        f"/r/{hana.token}/rate/4/",
    ):
        phone.goto(address)
        assert findings(phone) == [], address
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.complaints == []


def test_it_asks_so_that_everybody_can_answer(live_server, answers, page):
    for address in answers:
        page.goto(urlsplit(address).path)

        button = page.get_by_role("main").get_by_role("button")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert button.count() == 1 and button.bounding_box()["height"] >= 44, address
        assert findings(page) == [], address
    assert page.complaints == []


def test_it_answers_with_the_keyboard_alone_and_without_scripts(answers, phone_without_scripts):
    phone, said = phone_without_scripts, []
    for address in (answers[0], answers[3], answers[4], answers[5]):
        phone.goto(urlsplit(address).path)
        phone.get_by_role("main").get_by_role("button").press("Enter")
        said.append(phone.get_by_role("heading", level=1).inner_text())

    cancelled = "Your registration is cancelled."
    assert said == ["You have a seat.", cancelled, cancelled, "You have a seat."]


def test_it_names_the_fields_that_need_another_look(live_server, profile, page):
    page.goto(make_workshop().get_absolute_url())

    page.get_by_role("button", name="Register").click()

    assert page.title().startswith("Error: ")
    assert page.get_by_role("alert").is_visible()
    assert page.evaluate("document.activeElement.id") == "errors"
    assert findings(page) == []
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.name") == "name"


def test_it_takes_the_stars_with_one_tap_without_scripts(profile, phone_without_scripts):
    workshop, phone = make_workshop(), phone_without_scripts
    (ada,) = fill(workshop, "Ada Lovelace")
    Registration.objects.filter(pk=ada.pk).update(checked_in_at=workshop.starts_at)

    phone.goto(f"/r/{ada.token}/rate/4/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.get_by_role("button", name="Send").bounding_box()["y"] < phone.viewport_size["height"]
    phone.get_by_role("button", name="Send").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Thank you, Ada."

    phone.get_by_text("Change or add something").click()
    phone.get_by_label("May we call you?").check()
    phone.get_by_label("Your number").fill("613 555 0142")
    phone.get_by_label("What should we keep").fill("Now my left knee is better.")
    phone.get_by_role("button", name="Send the change").click()
    assert "seems to speak of somebody" in phone.get_by_role("alert").inner_text()
    phone.get_by_role("button", name="Send it all the same").click()
    assert "We will call you at 613 555 0142." in phone.get_by_role("main").inner_text()
    assert Registration.objects.get().rating == 4
