"""The ten daily jobs on the demo practice, each from Today and done as its owner would: a tap, or typing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page

GYMS = Path(__file__).resolve().parent.parent / "data" / "ottawa-gyms.csv"


class Owner:
    """One pair of hands: thumbs on a phone, a mouse and a keyboard at a desk."""

    def __init__(self, page: Page, *, is_phone: bool) -> None:
        self.page, self.is_phone = page, is_phone

    def tap(self, what: Locator) -> None:
        (what.tap if self.is_phone else what.click)()

    def button(self, name: str | re.Pattern[str]) -> None:
        self.tap(self.page.get_by_role("button", name=name).first)

    def link(self, name: str | re.Pattern[str]) -> None:
        self.tap(self.page.get_by_role("main").get_by_role("link", name=name).first)

    def label(self, name: str) -> None:
        self.tap(self.page.get_by_label(name, exact=True))

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def menu(self, *names: str) -> None:
        """Through the office's menu, which a phone folds away."""
        if self.is_phone:
            self.button("Toggle sidebar")
        for name in names:
            place = self.page.locator(".sidebar").get_by_role("link", name=name, exact=True)
            self.tap(place.or_(self.page.locator(".sidebar").get_by_role("button", name=name, exact=True)).last)

    def sees(self, words: str | re.Pattern[str]) -> None:
        self.page.get_by_text(words).first.wait_for()


def log_a_visit(me: Owner) -> None:
    me.link("Log a touch")
    me.tap(me.page.locator("[data-chips] .chip").first)
    me.button("Save")
    me.page.get_by_role("heading", name="Logged").wait_for()


def log_with_next_step(me: Owner) -> None:
    me.link("Log a touch")
    me.tap(me.page.locator("[data-chips] .chip").nth(1))
    me.label("Call")
    me.label("In one line")
    me.type("Talked about the spring class")
    me.label("Next step")
    me.type("Send two dates")
    me.label("Next week")
    me.button("Save")
    me.sees("Send two dates")


def record_and_thank(me: Owner) -> None:
    """It comes in, who sent it is named, the draft is read, and sent."""
    me.link("Lakeside Fitness")
    me.button("Referral came in")
    me.button(re.compile("^Jen .* sent R-"))
    me.sees(re.compile(r"Jen .* sent R-\w+\."))
    me.link(re.compile("^Thank for R-"))
    me.button("Send it from here")
    me.sees("leave in two minutes")


def move_a_stage(me: Owner) -> None:
    me.link("Kettle & Rope")
    me.link("Move to…")
    me.button(re.compile("^Move to "))
    me.sees(re.compile("moved from"))


def snooze(me: Owner) -> None:
    me.tap(me.page.get_by_label(re.compile("^Snooze: ")).first)
    me.button("In three days")
    me.sees("Snoozed to")


def see_today(me: Owner) -> None:
    """From a partner's page."""
    me.menu("Today")
    me.page.get_by_role("heading", name="Overdue").wait_for()


def prepare(me: Owner) -> None:
    me.link("Cedar Lane Direct Care")
    me.link("Prepare for a meeting")
    me.page.get_by_role("heading", name="Ask about").wait_for()


def find_by_half_a_name(me: Owner) -> None:
    me.menu()
    me.tap(me.page.locator(".sidebar input[name=q]"))
    me.type("rowi")
    me.page.keyboard.press("Enter")
    me.link("The Rowing Room")
    me.page.get_by_role("heading", level=1, name="The Rowing Room").wait_for()


def import_a_list(me: Owner) -> None:
    """A list of 300 real gyms. In the system's own dialog a file takes two taps more, which no page can see."""
    me.menu("Partners", "Import")
    with me.page.expect_file_chooser() as asked:
        me.tap(me.page.locator("input[type=file]"))
    asked.value.set_files(GYMS)
    me.button("Look at the file")
    me.button("Check all rows")
    me.button(re.compile(r"^Import \d+ rows"))
    me.page.get_by_role("button", name="Undo the whole import").wait_for()


def merge_two(me: Owner) -> None:
    me.menu("Partners", "Two of the same (1)")
    me.link(re.compile("^Compare and merge"))
    me.button(re.compile("^Merge into"))
    me.sees("is merged into")


JOBS: tuple[tuple[str, str, Callable[[Owner], None]], ...] = (
    ("Log a visit", "/admin/", log_a_visit),
    ("Log a call with the next step", "/admin/", log_with_next_step),
    ("Record a referral and thank for it", "/admin/", record_and_thank),
    ("Move a stage", "/admin/", move_a_stage),
    ("Snooze", "/admin/", snooze),
    ("See today", "/admin/partners/", see_today),
    ("Prepare for a meeting", "/admin/", prepare),
    ("Find a partner by half a name", "/admin/", find_by_half_a_name),
    ("Import a list", "/admin/", import_a_list),
    ("Merge two", "/admin/", merge_two),
)
