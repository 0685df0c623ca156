"""Every page of the site, on a desk and on a phone: axe finds nothing, nothing overflows, the console is silent."""

from __future__ import annotations

import pytest

from content import starter
from crm.people.models import PracticeProfile
from tests.browser.fitness import findings
from tests.pictures import thumbnails

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATHS = ["/", "/about/", "/services/", "/for-partners/", "/contact/", "/privacy/", "/runners/", "/runners/thanks/"]


@pytest.fixture
def site(live_server, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(starter, "PICTURES", thumbnails(tmp_path))
    practice = PracticeProfile.load()
    practice.name, practice.phone, practice.street, practice.city = (
        "Harbour Physio",
        "613 555 0100",
        "12 Quay",
        "Ottawa",
    )
    practice.tagline, practice.hours = "One therapist, a full hour.", "Mon-Fri 08:00-18:00"
    practice.save()
    return starter.build_site()


def look_at(page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")

    assert findings(page, RULES) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []


def test_it_is_accessible_on_a_desk(page, site):
    for path in PATHS:
        look_at(page, path)


def test_it_is_accessible_on_a_phone(phone, site):
    for path in PATHS:
        look_at(phone, path)


def test_it_opens_its_menu_without_a_script(phone, site):
    phone.goto("/")
    assert not phone.locator("#site-menu").is_visible()

    phone.get_by_role("button", name="Menu").click()
    assert findings(phone, RULES) == []
    phone.get_by_role("navigation", name="Main").get_by_role("link", name="Membership").click()

    phone.wait_for_url("**/membership/")


def test_it_says_what_is_missing_and_keeps_the_rest(phone, site):
    phone.goto("/contact/")
    phone.get_by_label("Your name").fill("Jo Park")
    phone.wait_for_timeout(2100)  # nobody types faster, and the form knows it
    phone.get_by_role("button", name="Send it").click()

    assert phone.title().startswith("Error: ")
    assert phone.get_by_label("Your name").input_value() == "Jo Park"
    assert findings(phone, RULES) == []


def test_it_shows_editors_their_bar_under_the_same_policy(page, site, owner, log_in):
    log_in(page, owner)
    page.complaints.clear()

    page.goto("/")
    page.wait_for_load_state("networkidle")

    assert page.locator("wagtail-userbar").count() == 1
    assert page.complaints == []
