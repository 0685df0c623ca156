"""The doctor's page: each line as soon as it is known, and the same without a script."""

from tests.browser.screens import PHONE
from tests.browser.test_office_axe import problems_of


def test_it_examines_line_by_line(live_server, phone, owner, log_in, settings, monkeypatch):
    monkeypatch.setattr("crm.mail.doctor.names.SECONDS", 0.2)
    settings.SENDGRID_API_KEY, settings.SENDGRID_API_URL = "SG.x", "http://127.0.0.1:1"
    settings.DNS_SERVER = "127.0.0.1:1"
    log_in(phone, owner)
    phone.goto("/admin/doctor/")

    phone.get_by_role("button", name="Examine now").tap()
    phone.get_by_role("button", name="Examine again").wait_for()

    assert phone.locator("#api-key").get_attribute("data-verdict") == "unsure"
    assert phone.locator("[data-doctor-sum]").text_content().startswith("Not fit to send yet. To mend: ")
    assert phone.locator(".findings > li:not([data-verdict])").count() == 0
    assert problems_of(phone, PHONE["width"]) == []
    assert phone.complaints == []


def test_it_examines_without_a_script(live_server, browser, owner, client):
    client.force_login(owner)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/doctor/")

    page.get_by_role("button", name="Examine now").click()

    assert "This installation sends nothing" in page.locator("[data-doctor-sum]").text_content()
    assert page.locator("#way-out").get_attribute("data-verdict") == "not needed"
    context.close()
