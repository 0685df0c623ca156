"""What the site is before anybody has built on it, and that building on it leaves alone what is there."""

import pytest
from wagtail.models import Page, Site

from content.models import HomePage, LandingPage, StandardPage
from content.starter import build_site
from tests.content.test_pages import text_of

pytestmark = pytest.mark.django_db


def test_it_keeps_pages_where_they_belong():
    assert HomePage.allowed_subpage_models() == [StandardPage, LandingPage]
    assert LandingPage.allowed_subpage_models() == []
    assert set(StandardPage.allowed_parent_page_models()) == {HomePage, StandardPage}
    assert HomePage.allowed_parent_page_models() == [Page]


def test_it_opens_with_a_plain_home_page_of_its_own(client, practice):
    page = text_of(client.get("/"))

    assert isinstance(Site.objects.get(is_default_site=True).root_page.specific, HomePage)
    assert "Harbour Physio" in page
    assert "Welcome to your new Wagtail site" not in page


def test_it_leaves_a_home_page_alone_that_somebody_edited(client, practice):
    home = HomePage.objects.get()
    home.save_revision().publish()

    build_site()

    assert "Get back to the thing you miss." not in text_of(client.get("/"))
