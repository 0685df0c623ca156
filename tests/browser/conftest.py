"""A real Chromium against a real server: ``page`` is a desk (1280 px), ``phone`` a phone (390 px, touch)."""

from __future__ import annotations

import os

import pytest

from tests.browser import chromium, login

# Playwright's synchronous API runs an event loop in this thread, and Django would refuse the database beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    if path is None:
        pytest.fail(chromium.ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, request):
    yield from _page(browser, request, viewport={"width": 1280, "height": 900})


@pytest.fixture
def phone(browser, request):
    yield from _page(
        browser, request, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )


def _page(browser, request, **options):
    """A page in a clean context, aimed at ``live_server`` where the test uses one."""
    base = {"base_url": request.getfixturevalue("live_server").url} if "live_server" in request.fixturenames else {}
    context = browser.new_context(**base, **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    yield page
    context.close()


@pytest.fixture
def log_in():
    """log_in(page, user): open the office as this user."""

    def log_in(page, user) -> None:
        login.log_in(page, email=user.email, password="correct horse battery")

    return log_in
