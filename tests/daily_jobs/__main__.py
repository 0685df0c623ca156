"""Does the ten daily jobs on a fresh demo practice, on a phone and at a desk, and prints what they take: “make jobs”."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from crm.office.demo import OWNER_EMAIL, PASSWORD
from tests.browser import chromium
from tests.browser.conftest import QUIET
from tests.browser.login import log_in
from tests.daily_jobs.hands import Effort, Hands, watch
from tests.daily_jobs.jobs import JOBS, Owner
from tests.practice import Practice, open_folder

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}


def main() -> None:
    """Print one table: a phone's half, and a desk's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.bring(), args=QUIET)
        phone, desk = list(_on_a_fresh_practice(browser, is_phone=True)), list(_on_a_fresh_practice(browser))
        browser.close()
    print("| job | 390 px: taps | keys | machine | person | 1280 px: clicks | keys | machine | person |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (name, _start, _job), thumb, mouse in zip(JOBS, phone, desk, strict=True):
        print(f"| {name} | {_said(thumb)} | {_said(mouse)} |")


def _on_a_fresh_practice(browser: Browser, *, is_phone: bool = False) -> Iterator[Effort]:
    with open_folder() as data:
        practice = Practice(data)
        practice.start()
        try:
            context = browser.new_context(base_url=practice.url, **(PHONE if is_phone else DESK))
            context.set_default_timeout(15_000)
            watch(context)
            page = context.new_page()
            log_in(page, email=OWNER_EMAIL, password=PASSWORD)
            for _name, start, job in JOBS:
                page.goto(start)
                page.wait_for_load_state("networkidle")
                hands = Hands(page, is_phone=is_phone)
                job(Owner(page, is_phone=is_phone))
                yield hands.effort()
            context.close()
        finally:
            practice.stop()


def _said(effort: Effort) -> str:
    return f"{effort.taps} | {effort.keys} | {effort.machine:.1f} s | {effort.person:.0f} s"


if __name__ == "__main__":
    main()
