"""Takes the README's pictures of a fresh demo practice. Run with “make pictures”."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from crm.office.demo import OWNER_EMAIL, PASSWORD
from tests.browser import chromium
from tests.browser.conftest import QUIET
from tests.browser.login import log_in
from tests.practice import Practice, open_folder

PICTURES = Path(__file__).resolve().parent.parent / "static" / "docs"


def main() -> None:
    """Start the practice, log in, and save Today and the site's first page."""
    PICTURES.mkdir(exist_ok=True)
    path = chromium.bring()
    with open_folder() as data, sync_playwright() as playwright:
        practice = Practice(data)
        practice.start()
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        page = browser.new_page(base_url=practice.url, viewport={"width": 1280, "height": 860})
        page.goto("/")
        page.wait_for_load_state("networkidle")
        take(page, "site.png")
        log_in(page, email=OWNER_EMAIL, password=PASSWORD)
        take(page, "today.png")
        browser.close()
        practice.stop()


def take(page: Page, name: str) -> None:
    """Save what the page shows, in 256 colours, which keeps a picture under 100 KB."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(256).save(PICTURES / name, optimize=True)


if __name__ == "__main__":
    main()
