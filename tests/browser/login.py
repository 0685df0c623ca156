from __future__ import annotations

from playwright.sync_api import Page


def log_in(page: Page, *, email: str, password: str, site: str = "") -> None:
    """Open the office as this user; ``site`` is the address in front, where the page knows none of its own."""
    page.goto(f"{site}/admin/login/")
    page.get_by_label("E-mail").fill(email)
    page.locator("input[type=password]").fill(password)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url("**/admin/")
