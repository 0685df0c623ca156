"""Every page of the pipeline's and the workshops' office is looked at by axe, or it is said here why not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.urls import URLResolver, get_resolver, resolve

from tests.browser.test_office_axe import PAGES

pytestmark = pytest.mark.django_db

ROOMS = (
    "log", "partners", "touches", "referrals", "sent", "todos", "people", "gifts", "gift_limits", "scripts", "plans",
    "keeping-up", "review", "outings", "import",
    "workshops", "registrations", "topics", "workshop-calendars",
)  # fmt: skip
NOT_A_PAGE = {
    r"results/$|history-results/": "the part of a list that a filter fetches; the list itself is looked at",
    r"\.(csv|svg|png|js)$": "a file",
    r"^admin/log/(suggest|about)/": "a part of the quick log, which is looked at with it",
    r"/(choose|chooser|chosen)": "Wagtail's own dialog, in a page of ours",
    r"/partners/<int:pk>/(mail|gifts)/": "a folded part of the partner's page, fetched when it is opened",
    r"/topics/letter/": "a letter in a frame of the topic's page, which is looked at with it",
    r"/topics/words/": "words that the form of a workshop fetches",
    r"/door/list/": "the part of the door that is fetched anew; the door itself is looked at",
    r"/workshops/step/": "leads on to the page where a step is done",
    r"/usage/": "Wagtail's own page, reached from nowhere in ours",
}


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        yield from routes(each, route) if isinstance(each, URLResolver) else [route]


def test_it_looks_at_every_page_that_answers(at_desk):
    looked_at = {
        resolve(re.sub(r"\{\w+\}", "1", page).partition("?")[0]).route for page in PAGES if "{message}" not in page
    }
    ours = {route for route in routes(get_resolver()) if route.startswith(tuple(f"admin/{room}/" for room in ROOMS))}
    answer = {route: at_desk.get("/" + re.sub(r"<[^>]+>", "99999", route)).status_code for route in ours}
    pages = {route for route, status in answer.items() if status != 405}

    assert len(pages) > 40
    let_off = {route for route in pages if any(re.search(reason, route) for reason in NOT_A_PAGE)}
    assert sorted(pages - looked_at - let_off) == []
