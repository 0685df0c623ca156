import pytest

pytestmark = pytest.mark.django_db


def test_it_answers_a_missing_page_in_the_sites_own_frame(client, practice):
    response = client.get("/nowhere/")

    page = response.content.decode()
    assert response.status_code == 404
    assert "This page has moved on." in page
    assert "Harbour Physio" in page
    assert 'href="#main"' in page


def test_it_tells_crawlers_where_the_sitemap_is(client):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /admin/" in lines
    assert "Sitemap: http://localhost:8000/sitemap.xml" in lines


def test_it_lists_the_pages_in_the_sitemap(client):
    response = client.get("/sitemap.xml")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
