"""What people put on the site: pictures for everybody, documents at an address that asks first, nothing that runs."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return get_document_model().objects.create(title="Plan", file=ContentFile(b"<script>no()</script>", "plan.txt"))


def test_it_hands_out_a_document_as_text_that_no_browser_runs(client, document):
    answer = client.get(document.url)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"<script>no()</script>"


def test_it_keeps_a_private_document_from_strangers(client, document):
    CollectionViewRestriction.objects.create(collection=Collection.get_first_root_node(), restriction_type="login")

    assert client.get(document.url).status_code == 302


@pytest.mark.parametrize("way", ["{}", "./{}", "/{}", "images/../{}"])
def test_it_knows_no_way_around_that(client, document, way):
    assert client.get(f"/media/{way.format(document.file.name)}").status_code == 404


def test_it_shows_a_picture_that_no_browser_takes_for_a_page(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "a.png").write_bytes(b"<html>")

    answer = client.get("/media/a.png")

    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"<html>"


@pytest.mark.parametrize("setting", ["WAGTAILIMAGES_EXTENSIONS", "WAGTAILDOCS_EXTENSIONS"])
def test_it_takes_no_file_that_holds_a_script(settings, setting):
    assert not {"svg", "html", "htm", "js", "xml", "xhtml"} & set(getattr(settings, setting))
