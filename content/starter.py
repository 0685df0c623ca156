"""A whole believable site to begin with: pages, words and pictures of an invented practice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.core.files import File
from wagtail.images import get_image_model
from wagtail.images.models import Image
from wagtail.models import Page, Site

from content import starter_words as words
from content.models import HomePage, LandingPage, StandardPage
from content.setup import follow_base_url
from crm.people.models import PracticeProfile

PICTURES = Path(__file__).resolve().parent / "starter_images"
PARTNERS = ("Northgate Strength", "Juniper Yoga", "Canal Runners", "Elgin Direct Care")


def build_site(*, therapist: str = "Maya Lindqvist", partners: Iterable[str] = PARTNERS) -> HomePage:
    """Build the site around the practice's profile. Run again, it adds what is missing and leaves the rest alone."""
    pictures = {name: _picture(name, title, alt) for name, (title, alt) in words.PICTURES.items()}
    home = _home()
    about = _page(home, StandardPage, **words.about(pictures, therapist))
    services = _page(home, StandardPage, **words.services(pictures))
    membership = _page(home, StandardPage, **words.membership(pictures))
    for_partners = _page(home, StandardPage, **words.for_partners(pictures, therapist))
    contact = _page(home, StandardPage, **words.contact())
    _page(home, StandardPage, **words.privacy())
    screen = _page(home, LandingPage, **words.movement_screen(pictures))
    if home.latest_revision is None:  # nobody has written on it yet
        links = {
            "about": about, "services": services, "membership": membership,
            "for_partners": for_partners, "contact": contact, "screen": screen,
        }  # fmt: skip
        home.seo_title, home.search_description = words.HOME_TITLE, words.HOME_DESCRIPTION
        home.social_image = pictures["stride"]
        keys = {name: page.pk for name, page in links.items()}
        city = PracticeProfile.load().city
        home.body = stream(words.home(pictures, keys, city=city, therapist=therapist, partners=partners))
        home.save()
    return home


def stream(blocks: list[tuple[str, dict]]) -> str:
    """Blocks as a StreamField stores them."""
    return json.dumps([{"type": kind, "value": value, "id": str(uuid.uuid4())} for kind, value in blocks])


def _home() -> HomePage:
    """The site's own home page; made where an emptied database has none."""
    home = HomePage.objects.order_by("path").first()
    if home is None:
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
        home = root.add_child(instance=HomePage(title="Home", slug=_free_slug(root), body=stream([])))
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
    if site.root_page_id is None or not HomePage.objects.filter(pk=site.root_page_id).exists():
        site.root_page = home
        site.save()
        follow_base_url()
    return home


def _free_slug(root: Page) -> str:
    return "home" if not root.get_children().filter(slug="home").exists() else f"home-{uuid.uuid4().hex[:6]}"


def _page(home: HomePage, model: type[StandardPage | LandingPage], *, slug: str, body: list, **fields) -> Page:
    page = home.get_children().filter(slug=slug).first()
    return page or home.add_child(instance=model(slug=slug, body=stream(body), **fields))


def _picture(name: str, title: str, alt: str) -> Image:
    model = get_image_model()
    picture = model.objects.filter(title=title).first()
    if picture is None:
        with (PICTURES / f"{name}.webp").open("rb") as file:
            picture = model(title=title, description=alt, file=File(file, name=f"{name}.webp"))
            picture.save()
    return picture
