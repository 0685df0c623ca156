from __future__ import annotations

import pytest
from django.template import Context, engines
from django.test import RequestFactory

from crm.people import patterns
from crm.people.patterns import NotInPattern, StandIn, filled

TEMPLATES = {
    "row.html": "{% if thing.is_big %}<b>{% endif %}{{ thing }}|{{ thing.pk }}|?q={{ thing.name|urlencode }}|{{ word }}",
    "curious.html": "{{ thing.colour }}",
}


@pytest.fixture
def draw(monkeypatch):
    """Fill a template in for a thing, and count how often one is drawn."""
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "get_template", lambda name: engine.from_string(TEMPLATES[name]))
    drawn, really = [], patterns._drawn
    monkeypatch.setattr(patterns, "_drawn", lambda *given: drawn.append(given) or really(*given))
    page = engine.from_string("")
    request = RequestFactory().get("/")

    def draw(template: str, /, *, is_big: bool, **words) -> str:
        context = Context({"request": request, "word": "here"})
        with context.bind_template(page):
            return filled(context, template, "thing", form={"is_big": is_big}, words=words)

    return draw, drawn


def test_it_draws_each_form_once_and_fills_in_the_words(draw):
    draw, drawn = draw
    assert draw("row.html", is_big=True, pk=7, name="Iron Gym") == "<b>Iron Gym|7|?q=Iron%20Gym|here"
    assert draw("row.html", is_big=True, pk=8, name="Yoga") == "<b>Yoga|8|?q=Yoga|here"
    assert len(drawn) == 1
    assert draw("row.html", is_big=False, pk=9, name="Club") == "Club|9|?q=Club|here"
    assert len(drawn) == 2


def test_it_escapes_as_a_template_does(draw):
    draw, _drawn = draw
    shown = draw("row.html", is_big=False, pk=7, name='<i>Ann & Co/"é"</i>')
    assert shown == "&lt;i&gt;Ann &amp; Co/&quot;é&quot;&lt;/i&gt;|7|?q=%3Ci%3EAnn%20%26%20Co/%22%C3%A9%22%3C/i%3E|here"


def test_a_word_that_looks_like_a_place_is_only_a_word(draw):
    draw, _drawn = draw
    place = StandIn({}, {"name": "x"}).name
    assert draw("row.html", is_big=False, pk=7, name=f"{place}pk").startswith(f"{place}pk|7|")


def test_a_template_that_asks_for_more_is_refused(draw):
    draw, _drawn = draw
    with pytest.raises(NotInPattern, match="colour"):
        draw("curious.html", is_big=False, pk=7, name="Iron Gym")
