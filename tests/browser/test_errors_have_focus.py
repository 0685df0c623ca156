"""Whatever form of the site is sent with something missing: the summary of what is wrong has the focus, and says it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Site

from content.models import LandingPage
from crm.people.models import PracticeProfile
from partners.models import Partner
from tests.workshops.conftest import fill, make_workshop
from workshops.models import Registration

pytestmark = pytest.mark.usefixtures("live_server")


@pytest.fixture
def practice(transactional_db) -> None:
    profile = PracticeProfile.load()
    profile.name, profile.phone = "Harbour Physio", "613 555 0100"
    profile.save()


def workshop(page) -> str:
    page.goto(make_workshop().get_absolute_url())
    return "Register"


def refer(page) -> str:
    page.goto(f"/refer/{Partner.objects.create(name='Ironworks Gym').code}/")
    page.evaluate("document.querySelector('[name=shown_at]').value = ''")  # as after a day in an open window
    return "I have sent somebody"


def lead(page) -> str:
    landing = LandingPage(title="Runners", slug="runners", heading="Run again", intro="We help.")
    Site.objects.get().root_page.add_child(instance=landing)
    page.goto("/runners/")
    return "Send"


def own(page) -> str:
    (ada,) = fill(make_workshop(), "Ada")
    page.goto(ada.get_absolute_url())
    page.get_by_label("Your name").fill("")
    return "Save"


def rate(page) -> str:
    (ada,) = fill(make_workshop(), "Ada")
    Registration.objects.update(checked_in_at=timezone.now() - timedelta(days=1))
    page.goto(f"/r/{ada.token}/rate/4/")
    page.get_by_label("May we call you?").check()
    return "Send"


def code(page) -> str:
    page.goto(make_workshop(is_private=True).get_absolute_url())
    page.get_by_label("Code").fill("WRONG")
    return "Open"


@pytest.mark.parametrize("form", [workshop, refer, lead, own, rate, code])
def test_it_moves_to_what_is_wrong(practice, page, form):
    button = form(page)
    page.evaluate("history.replaceState(null, '', '#main')")  # as after “Skip to the content”

    page.locator("main").get_by_role("button", name=button, exact=True).last.click()

    page.locator("#errors").wait_for()
    assert page.evaluate("document.activeElement.id") == "errors"
    assert page.title().startswith("Error: ")
    page.wait_for_function(
        "() => { const {top} = errors.getBoundingClientRect(); return top >= 0 && top < innerHeight }"
    )
