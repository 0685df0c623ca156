"""The main job from end to end, on the whole practice as “manage.py run” starts it, with a real list of gyms.

A list is imported, a touch logged on a phone, seen on Today, a workshop planned with that partner, registered for by
somebody from the public, the invite opened by another library, a letter scheduled for all yoga studios, the practice
killed and started again before its time, and the letter sent once to each.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import vobject
from playwright.sync_api import expect

from crm.office.demo import OWNER_EMAIL, PASSWORD
from crm.office.postgres import EmbeddedPostgres
from tests.browser.login import log_in
from tests.practice import wait_until

GYMS = Path(__file__).resolve().parent.parent / "data" / "ottawa-gyms.csv"
ZONE = ZoneInfo("America/Toronto")
GYM = "Studio Énergie 148"


def query(running, sql: str, *values) -> list[tuple]:
    with psycopg.connect(EmbeddedPostgres(running.data).url) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.fixture
def office(running, page):
    """The office at a desk, logged in as the owner."""
    enter(running, page)
    return page


def enter(running, page) -> None:
    log_in(page, email=OWNER_EMAIL, password=PASSWORD, site=running.url)


def open_all_day(running) -> None:
    """Letters wait for the morning; this test does not."""
    with psycopg.connect(EmbeddedPostgres(running.data).url) as connection:
        connection.execute("UPDATE people_practiceprofile SET letters_from = '00:00', letters_until = '23:59:59.999'")


def test_it_does_the_main_job(running, office, phone):
    open_all_day(running)
    import_the_gyms(running, office)
    log_a_touch(running, phone)
    see_it_on_today(running, office)
    address = plan_a_workshop(running, office)
    register(running, phone, address)
    open_the_invite(running, office)
    audience = reach_every_yoga_studio(running, office)
    due = schedule_a_letter(running, office, audience)
    running.kill()
    running.start()
    see_it_sent_once(running, office, due)


def import_the_gyms(running, page) -> None:
    page.goto(f"{running.url}/admin/import/")
    page.locator("input[type=file]").set_input_files(GYMS)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Check all rows").click()
    expect(page.get_by_role("link", name=re.compile(r"Problem\s*29"))).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Import \d+ rows")).click()
    expect(page.get_by_role("button", name="Undo the whole import")).to_be_visible(timeout=60_000)


def log_a_touch(running, page) -> None:
    enter(running, page)
    page.goto(f"{running.url}/admin/log/")
    page.get_by_role("combobox").fill("studio enregie")  # misspelt, as on a phone
    page.get_by_role("option", name=GYM).first.click()
    page.get_by_label("Meeting", exact=True).check()
    page.get_by_placeholder("In one line").fill("Coffee with the head coach")
    page.get_by_label("Gave value?").check()
    page.get_by_placeholder("Next step").fill("Bring the hamstring guide")
    page.get_by_label("Tomorrow", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def see_it_on_today(running, page) -> None:
    page.goto(f"{running.url}/admin/")
    expect(page.get_by_text("Bring the hamstring guide")).to_be_visible()


def plan_a_workshop(running, page) -> str:
    """Plan and publish; return the public address."""
    [[partner]] = query(running, "SELECT partner_id FROM partners_touch WHERE summary = 'Coffee with the head coach'")
    day = datetime.now(ZONE).date() + timedelta(days=30)
    page.goto(f"{running.url}/admin/workshops/new/?host={partner}")
    page.locator("[name=title]").fill("Hamstrings for lifters")
    page.locator("[name=day]").fill(day.isoformat())
    page.locator("[name=starts]").fill("18:00")
    page.locator("[name=ends]").fill("19:30")
    page.locator("[name=place]").fill("Studio Énergie 148, Gatineau")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Publish").click()
    page.goto(f"{running.url}/workshops/")
    page.get_by_role("link", name="Hamstrings for lifters").click()
    return page.url


def register(running, page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Your name").fill("Élodie Tremblay")
    page.get_by_label("E-mail").fill("elodie@example.com")
    page.wait_for_timeout(3_500)  # nobody types faster, and the form knows it
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You have a seat")


def open_the_invite(running, page) -> None:
    """In the office's outbox, sent within seconds; its calendar part read by a library that is not ours."""
    wait_until(lambda: query(running, "SELECT 1 FROM mail_message WHERE to_email = 'elodie@example.com' AND state = 'handed_over'"), "confirmation")  # fmt: skip
    page.goto(f"{running.url}/admin/outbox/?q=elodie@example.com")
    page.get_by_role("link", name=re.compile("Hamstrings")).first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"invite\.ics")).click()
    event = vobject.readOne(download.value.path().read_text())
    assert event.method.value == "REQUEST"
    assert event.vevent.attendee.value == "mailto:elodie@example.com"
    assert event.vevent.dtstart.value.astimezone(ZONE).strftime("%H:%M") == "18:00"
    assert event.vevent.sequence.value == "0"


def reach_every_yoga_studio(running, page) -> str:
    name = "All yoga studios"
    page.goto(f"{running.url}/admin/campaigns/audiences/new/")
    page.locator("[name=name]").fill(name)
    page.get_by_text("Yoga studio", exact=True).click()
    page.get_by_role("button", name="Create").click()
    return name


def schedule_a_letter(running, page, audience: str) -> datetime:
    """Schedule a letter for a minute ahead on the practice's clock; return that moment."""
    page.goto(f"{running.url}/admin/campaigns/broadcasts/new/")
    page.locator("label", has=page.locator("input[name=letter]")).filter(has_not_text="Draft").first.click()
    page.get_by_label(re.compile(f"^{audience}")).check()
    page.get_by_label("On a day, at a time").check()
    due = (datetime.now(ZONE) + timedelta(seconds=90)).replace(second=0, microsecond=0)
    page.locator("[name=day]").fill(due.date().isoformat())
    page.locator("[name=time]").fill(due.strftime("%H:%M"))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile("Schedule")).click()
    expect(page.get_by_text("Scheduled").first).to_be_visible()
    return due


def see_it_sent_once(running, page, due: datetime) -> None:
    ours = "FROM campaigns_recipient r JOIN campaigns_broadcast b ON b.id = r.broadcast_id JOIN campaigns_audience a ON a.id = b.audience_id LEFT JOIN mail_message m ON m.id = r.message_id WHERE a.name = 'All yoga studios'"  # fmt: skip
    wait_until(lambda: query(running, f"SELECT 1 {ours} AND m.state = 'handed_over'"), "the broadcast", 150)
    wait_until(
        lambda: not query(running, f"SELECT 1 {ours} AND m.state IN ('queued', 'claimed', 'posting')"), "its end"
    )
    [[people, messages, sent, first]] = query(
        running,
        f"SELECT count(DISTINCT r.contact_id), count(m.id), count(*) FILTER (WHERE m.state = 'handed_over'), min(m.settled_at) {ours}",
    )
    assert people > 3
    assert messages == sent
    assert due <= first
    page.goto(f"{running.url}/admin/campaigns/broadcasts/")
    expect(page.get_by_role("row", name=re.compile("All yoga studios"))).to_contain_text("Sent")
