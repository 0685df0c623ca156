"""A real Chromium against a real server: ``page`` is a desk (1280 px), ``phone`` a phone (390 px, touch)."""

from __future__ import annotations

import os

import pytest
from django.conf import settings

from tests.browser import chromium

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
PATIENCE = 10_000  # milliseconds that a test waits for what it expects of a page, before it fails


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _by_the_practices_clock(practices_clock):
    """What a test expects on a page is of the day that is there."""


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright

    path = chromium.find()
    if path is None:
        pytest.fail(chromium.ADVICE)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(browser):
    """window(site, **options): one for all tests that ask for the same, so that its cache stays warm."""
    windows = {}

    def window(site: str, **options):
        key = (site, *options)
        if key not in windows:
            windows[key] = browser.new_context(base_url=site, **options)
            windows[key].set_default_timeout(PATIENCE)
        return windows[key]

    yield window
    for context in windows.values():
        context.close()


@pytest.fixture
def page(window, request):
    yield from _page(window, request, viewport={"width": 1280, "height": 900})


@pytest.fixture
def phone(window, request):
    yield from _page(
        window, request, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )


@pytest.fixture
def turn_to(page):
    """turn_to(PHONE): what is open is on a phone now, touch and all, without being loaded anew."""
    debugger = page.context.new_cdp_session(page)

    def turn_to(screen: dict) -> None:
        debugger.send("Emulation.setDeviceMetricsOverride", screen)
        debugger.send("Emulation.setTouchEmulationEnabled", {"enabled": screen["mobile"]})

    return turn_to


def _page(window, request, **options):
    """A new page, aimed at ``live_server`` where the test uses one; what the one before left behind is swept out."""
    site = request.getfixturevalue("live_server").url if "live_server" in request.fixturenames else None
    context = window(site, **options)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    yield page
    for opened in context.pages:
        opened.close()
    context.set_offline(False)
    context.clear_cookies()
    context.clear_permissions()
    if site:
        _forget(context, site)


def _forget(context, site: str) -> None:
    """What scripts kept in the browser, but not its cache of files."""
    page = context.new_page()
    kept = {"origin": site, "storageTypes": "local_storage,indexeddb,service_workers,cache_storage"}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", kept)
    page.close()


@pytest.fixture
def log_in(client, live_server):
    """log_in(page, user): open the office as this user. The door itself is walked through in test_login.py."""

    def log_in(page, user) -> None:
        client.force_login(user)
        session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        page.context.add_cookies([{**session, "url": live_server.url}])

    return log_in
