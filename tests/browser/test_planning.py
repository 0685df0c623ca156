"""Planning with a keyboard: a topic fills in the form, and the year leads to a date."""

from django.utils import timezone
from playwright.sync_api import expect

from partners.models import Partner, Stage
from workshops.models import Topic


def test_it_fills_in_what_nobody_typed(transactional_db, live_server, page, owner, log_in):
    topic = Topic.objects.create(
        name="Feet first", summary="From the ground up.", audience="staff", minutes=75, capacity=9
    )
    other = Topic.objects.create(name="Hands on", summary="Grip.", minutes=45, capacity=15)
    log_in(page, owner)
    page.goto("/admin/workshops/new/")

    page.fill("#id_summary", "My own words.")
    page.fill("#id_starts", "18:00")
    page.select_option("#id_topic", str(topic.pk))
    expect(page.locator("#id_title")).to_have_value("Feet first")

    assert page.input_value("#id_summary") == "My own words."
    expect(page.locator("#topic-filled")).to_contain_text("Filled in from the topic.")
    assert (page.input_value("#id_capacity"), page.input_value("#id_ends")) == ("9", "19:15")
    assert page.input_value("#id_audience") == "staff"

    page.fill("#id_capacity", "11")
    page.select_option("#id_topic", str(other.pk))
    expect(page.locator("#id_title")).to_have_value("Hands on")

    assert (page.input_value("#id_capacity"), page.input_value("#id_ends")) == ("11", "18:45")


def test_the_year_is_walked_with_the_keyboard(transactional_db, live_server, page, owner, log_in):
    gym = Partner.objects.create(name="Foundry", kind="gym", stage=Stage.CHAMPION)
    log_in(page, owner)
    page.goto(f"/admin/workshops/year/?year={timezone.localdate().year + 1}")

    page.get_by_role("row", name="Foundry").get_by_role("link", name="Foundry", exact=True).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText").startswith("Propose")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/workshops/propose/{gym.pk}/*")

    assert page.get_by_role("heading", level=1).inner_text() == "The next workshop with Foundry"
