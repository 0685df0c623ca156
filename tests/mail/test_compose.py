import pytest

from crm.mail import letters
from crm.mail.letters import LetterBroken, compose
from crm.mail.models import Content, MessageClass

pytestmark = pytest.mark.django_db

PAGE = """{% extends "emails/base.mjml" %}{% block content %}<mj-text>Dear [[first_name|friend]], {{ news }}</mj-text>
<mj-button href="{{ base_url }}/?a=1&amp;b=2">Look</mj-button>{% endblock %}"""
WORDS = """{% extends "emails/base.txt" %}{% block subject %}News for [[first_name|you]]{% endblock %}
{% block content %}Dear [[first_name|friend]], {{ news }}{% endblock %}"""


@pytest.fixture(autouse=True)
def _templates(settings, tmp_path):
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails/note.mjml").write_text(PAGE)
    (tmp_path / "emails/note.txt").write_text(WORDS)
    (tmp_path / "emails/broken.mjml").write_text("<mjml><mj-body>")
    (tmp_path / "emails/broken.txt").write_text("Subject: Broken\n\nBroken.")
    (tmp_path / "emails/mute.mjml").write_text(PAGE)
    (tmp_path / "emails/mute.txt").write_text("Hello there.")
    engine = {**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    settings.TEMPLATES = [engine]


def test_it_writes_one_content_with_the_legal_sender(practice):
    content = compose("note", {"news": "we moved <soon> & well"})

    assert Content.objects.get() == content
    assert content.subject == "News for [[first_name|you]]"
    assert "Dear [[first_name|friend]], we moved &lt;soon&gt; &amp; well" in content.html
    assert "Dear [[first_name|friend]], we moved <soon> & well" in content.text
    for part in (content.html, content.text):
        assert "Harbour Physio Ltd." in part
        assert "12 Quay Street, Ottawa ON K1A 0A1, CA" in part


@pytest.mark.parametrize("message_class", MessageClass)
def test_it_adds_the_unsubscribe_line_to_letters_only(practice, message_class):
    content = compose("note", message_class=message_class)

    is_letter = message_class in (MessageClass.MARKETING, MessageClass.PARTNER)
    assert ("[[unsubscribe_url]]" in content.html) is is_letter
    assert ("[[unsubscribe_url]]" in content.text) is is_letter


def test_it_wears_the_brand_colour_with_readable_words(practice):
    practice.brand_color = "#ffe066"
    practice.save()

    html = compose("note").html
    assert "background:#ffe066" in html
    assert "color:#14211f" in html
    assert letters.ink_on("#1f5f57") == "#ffffff"


def test_it_names_no_other_host(practice):
    html = compose("note").html.replace("http://www.w3.org/1999/xhtml", "")

    assert "fonts.googleapis" not in html
    assert "src=" not in html


@pytest.mark.parametrize(("name", "reason"), [("broken", "not valid MJML"), ("mute", "first line")])
def test_it_refuses_a_broken_template(practice, name, reason):
    with pytest.raises(LetterBroken, match=reason):
        compose(name)
    assert not Content.objects.exists()
