import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from wagtail.models import Page

from content.models import StandardPage
from content.starter import build_site

pytestmark = pytest.mark.django_db
PATHS = ["/", "/about/", "/services/", "/membership/", "/for-partners/", "/contact/", "/privacy/", "/runners/"]


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_it_has_one_first_heading_and_skips_no_level(client, site, path):
    levels = [int(level) for level in re.findall(r"<h([1-6])", text_of(client.get(path)))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PATHS)
def test_it_names_itself_to_search_engines(client, site, path):
    page = text_of(client.get(path))

    assert re.search(r"<title>[^<]{8,}</title>", page)
    assert re.search(r'<meta name="description" content="[^"]{30,}">', page)
    assert f'<link rel="canonical" href="http://localhost:8000{path}">' in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize("path", PATHS)
def test_it_needs_few_queries(client, site, path, django_assert_max_num_queries):
    client.get(path)  # pictures are made on the first visit

    with django_assert_max_num_queries(25):
        client.get(path)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_light(client, site, path):
    page = text_of(client.get(path))
    styles = Path(finders.find("site/site.css")).stat().st_size + len(client.get("/theme.css").content)

    assert len(page.encode()) + styles <= 60_000
    assert "<script src" not in page


@pytest.mark.parametrize("path", PATHS)
def test_it_holds_to_its_own_security_policy(client, site, path):
    response = client.get(path)

    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=", text_of(response))
    assert re.findall(r"<script(?! type=\"application/ld\+json\")", text_of(response)) == []


def test_it_describes_pictures_in_modern_formats(client, site):
    page = text_of(client.get("/"))

    assert 'type="image/avif"' in page
    assert 'type="image/webp"' in page
    assert 'alt="A runner in a coral shirt crosses a ridge in front of a rising sun."' in page


def test_it_shows_the_practice_to_search_engines_escaped(client, site, practice):
    practice.tagline = "</script><script>alert(1)</script>"
    practice.hours = "Mon-Fri 08:00-18:00\nSat by appointment"
    practice.save()

    page = text_of(client.get("/"))

    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1]
    assert '"@type": "Physiotherapy"' in data
    assert "alert(1)\\u003C/script\\u003E" in data
    assert data.count("OpeningHoursSpecification") == 1


def test_it_lists_public_pages_and_hides_unlisted_ones(client, site):
    StandardPage.objects.filter(slug="privacy").update(is_unlisted=True)

    sitemap = text_of(client.get("/sitemap.xml"))

    assert "<loc>http://localhost:8000/about/</loc>" in sitemap
    assert "privacy" not in sitemap
    assert '<meta name="robots" content="noindex">' in text_of(client.get("/privacy/"))


def test_it_shows_no_menu_on_a_landing_page(client, landing_page):
    page = text_of(client.get("/runners/"))

    assert 'id="site-menu"' not in page
    assert "<form" in page


def test_it_builds_the_site_only_once(site):
    before = Page.objects.count()

    build_site()

    assert Page.objects.count() == before


def test_it_is_found_without_problems_by_wagtail(site):
    call_command("fixtree", interactive=False, verbosity=0)

    for page in Page.objects.filter(depth__gt=1).specific():
        page.full_clean()
