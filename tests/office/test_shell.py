"""The coat over Wagtail's admin: menu, search box, shortcut, marks."""

import json
import re

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, owner) -> str:
    client.force_login(owner)
    return client.get("/admin/").content.decode()


def test_it_dresses_every_page(page):
    assert "office/office.css" in page
    assert "office/office.js" in page
    assert "<title>Today - Rapport</title>" in page


def test_it_puts_the_daily_work_first(page):
    names = re.findall(r'"name": "([a-z-]+)"', page)

    wanted = ["today", "log-touch", "partners", "workshops", "campaigns", "outbox", "needs-you", "inbox", "leads"]
    wanted += ["explorer", "images", "documents", "reports", "settings", "help"]
    assert [name for name in dict.fromkeys(names) if name in wanted] == wanted


def test_it_searches_partners_from_the_side(page):
    props = json.loads(re.search(r'id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page, re.DOTALL)[1])

    assert "/admin/partners/" in json.dumps(props)


def test_it_keeps_the_help_menu_to_what_helps(page):
    assert "editor-guide" not in page
    assert "whats-new" not in page


def test_it_offers_no_log_to_a_viewer(client, viewer):
    client.force_login(viewer)

    assert "log-touch" not in client.get("/admin/").content.decode()
