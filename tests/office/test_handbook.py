"""The handbook teaches what there is: every page opens, every link leads somewhere, nothing of ours is left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from crm.office import doctor
from crm.office.handbook import BY_SLUG, PAGES, search

pytestmark = pytest.mark.django_db

ROOT = Path(settings.BASE_DIR)


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.hrefs.add(value or "")
            if name == "id":
                self.ids.append(value or "")


def read(client, slug: str) -> tuple[str, Links]:
    body = client.get(reverse("help_page", args=[slug])).content.decode()
    links = Links()
    links.feed(body)
    return body, links


@pytest.fixture
def links(client) -> dict[str, Links]:
    return {slug: read(client, slug)[1] for slug in BY_SLUG}


def test_it_opens_without_a_login(client):
    response = client.get("/help/")

    assert response.status_code == 200
    for page in PAGES:
        assert page.title in response.content.decode()


@pytest.mark.parametrize("slug", BY_SLUG)
def test_it_shows_each_page_with_its_neighbours(client, slug):
    body, links = read(client, slug)

    assert f"<h1>{BY_SLUG[slug].title}</h1>" in body
    assert len(links.ids) == len(set(links.ids))
    assert "noindex" in body
    assert " style=" not in body
    assert "<script" not in body
    assert not re.search("^(<<<<<<<|=======|>>>>>>>)", body, re.MULTILINE)  # two people wrote at once


def test_it_refuses_anything_but_reading(client):
    assert client.post("/help/").status_code == 405
    assert client.post("/help/start/").status_code == 405
    assert client.get("/help/nothing-here/").status_code == 404


def test_it_leads_nowhere_in_vain(client, links, owner):
    client.force_login(owner)
    wanted = {href.split("#")[0] for page in links.values() for href in page.hrefs if not href.startswith("#")}

    answers = {address: client.get(address, follow=True).status_code for address in sorted(wanted)}

    assert {address: status for address, status in answers.items() if status not in (200, 503)} == {}


def test_it_leads_to_headings_that_exist(links):
    aims = [href for page in links.values() for href in page.hrefs if href.startswith("/help/") and "#" in href]

    for href in aims:
        slug, anchor = re.fullmatch(r"/help/([\w-]+)/#([\w-]+)", href).groups()
        assert anchor in links[slug].ids, href


def test_it_names_every_setting(client):
    source = (ROOT / "crm/settings.py").read_text()
    names = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))

    body, _links = read(client, "settings")

    assert len(names) > 8
    assert {name for name in names if f"<code>{name}</code>" not in body} == set()


def test_it_names_every_command(client):
    commands = {
        path.stem
        for room in ("crm", "partners", "workshops", "content", "campaigns")
        for path in (ROOT / room).glob("**/management/commands/*.py")
        if path.stem != "__init__"
    }
    targets = set(re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split())

    body, links = read(client, "commands")

    assert "demo" in commands
    assert commands - set(links.ids) == set()
    assert {target for target in targets if f"make {target}</code>" not in body} == set()


def test_it_says_what_to_do_about_each_of_the_doctors_checks(client):
    body, _links = read(client, "sendgrid")

    remedies = ", ".join(re.findall(r"<dt id=[^>]+>(.+?)</dt>", body)).split(", ")
    assert remedies == [check.name for check in doctor.CHECKS]


@pytest.mark.parametrize(
    ("words", "slug", "anchor"),
    [
        ("waiting list", "workshops", "registrants"),
        ("SMTP_URL", "settings", "mail"),
        ("port taken", "trouble", "port"),
        ("unsubscribe", "consent", "unsubscribe"),
    ],
)
def test_it_finds_a_task_by_its_words(words, slug, anchor):
    assert (slug, anchor) in [(hit.page.slug, hit.anchor) for hit in search(words)[:4]]


def test_it_answers_a_search(client):
    found = client.get("/help/", {"q": "snooze"}).content.decode()
    nothing = client.get("/help/", {"q": "<b>xylophone"}).content.decode()

    assert "/help/today/#to-do" in found
    assert "Nothing here holds all of these words" in nothing
    assert "<b>xylophone" not in nothing


def test_it_finds_nothing_for_no_words():
    assert search("?!") == []


def test_the_office_leads_to_it(client, owner):
    client.force_login(owner)

    assert "/help/" in client.get(reverse("partners:index")).content.decode()
