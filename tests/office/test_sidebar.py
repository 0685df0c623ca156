"""The office's menu: packed once for all who see the same, and for nobody else."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.utils.translation import override
from wagtail.admin.localization import get_js_translation_strings
from wagtail.admin.telepath import JSContext
from wagtail.admin.templatetags import wagtailadmin_tags

from crm.office import sidebar

pytestmark = pytest.mark.django_db


def _menu(client: Client) -> list:
    page = client.get("/admin/").content.decode()
    return json.loads(re.search(r'id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


@pytest.fixture
def at_desk(client, owner) -> Client:
    client.force_login(owner)
    return client


def test_it_packs_what_wagtail_packs(at_desk, monkeypatch):
    ours = _menu(at_desk)
    monkeypatch.setattr(wagtailadmin_tags, "JSContext", JSContext)
    assert ours == _menu(at_desk)


def test_it_packs_the_same_menu_once(at_desk):
    _menu(at_desk)
    before = sidebar._packed.cache_info()
    _menu(at_desk)
    after = sidebar._packed.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


def test_it_shows_everybody_their_own(at_desk, viewer):
    before = _menu(at_desk)
    at_desk.force_login(viewer)
    assert "log-touch" in json.dumps(before)
    assert "log-touch" not in json.dumps(_menu(at_desk))


def test_it_shows_a_new_name_at_once(at_desk, owner):
    _menu(at_desk)
    owner.first_name = "Robin"
    owner.save()
    assert '"name": "Robin"' in json.dumps(_menu(at_desk))


def test_it_gives_scripts_the_words_of_their_language():
    for language in ("en", "de", "en"):
        with override(language):
            assert wagtailadmin_tags.get_js_translation_strings() == get_js_translation_strings()
