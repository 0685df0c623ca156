import pytest

from crm.mail.actions import queue
from crm.mail.letters import literal
from crm.mail.links import token_of
from crm.mail.models import Content, Message, MessageClass
from crm.mail.render import NoWayOut, UnknownPlace, render
from crm.people.models import Contact

pytestmark = pytest.mark.django_db


def message(values=None, *, message_class=MessageClass.TRANSACTIONAL, **parts) -> Message:
    content = Content.objects.create(**{"subject": "Hello", "text": "Hello", "html": "<p>Hello</p>", **parts})
    contact = Contact.objects.create(name="Ada Okafor", email="ada@example.com")
    return queue(contact, message_class=message_class, dedupe_key="t", content=content, values=values)


def test_it_fills_places_for_each_kind_of_part(practice):
    rendered = render(
        message({"name": "<Ada> & Co"}, subject="For [[name]]", html="<p>[[name]]</p>", text="Hi [[ name | you ]]")
    )

    assert (rendered.subject, rendered.html, rendered.text) == (
        "For <Ada> & Co",
        "<p>&lt;Ada&gt; &amp; Co</p>",
        "Hi <Ada> & Co",
    )


@pytest.mark.parametrize("values", [{}, {"first_name": ""}, {"first_name": None}, {"first_name": "  "}])
def test_it_falls_back_where_nothing_is_known(practice, values):
    assert render(message(values, text="Dear [[first_name|friend]],")).text == "Dear friend,"


def test_it_refuses_a_place_without_value_and_fallback(practice):
    with pytest.raises(UnknownPlace, match=r"\[\[amount\]\]"):
        render(message(text="You owe [[amount]]."))


def test_it_never_expands_a_value_again(practice):
    rendered = render(message({"first_name": "[[unsubscribe_url]]", "b": "no"}, text="[[first_name]] [[b]]"))

    assert rendered.text == "[[unsubscribe_url]] no"


def test_it_leaves_literal_words_alone(practice):
    assert render(message(text=literal("keep [[this]]"))).text == "keep [[this]]"


def test_it_keeps_line_breaks_out_of_every_header(practice):
    evil = "Ada\r\nBcc: all@example.com\x07\u2028x"
    queued = message({"name": evil}, subject="Hi [[name]]")
    queued.to_name = evil

    rendered = render(queued)
    assert rendered.subject == "Hi Ada Bcc: all@example.com x"
    assert rendered.to_name == "Ada Bcc: all@example.com x"


def test_it_names_the_message_and_the_sender(practice):
    queued = message()
    rendered = render(queued)

    assert (rendered.from_name, rendered.from_email) == ("Harbour Physio", "hello@harbour.example.com")
    assert rendered.headers["Message-ID"] == f"<{queued.pk}@harbour.example.com>"
    assert rendered.headers["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in rendered.headers


@pytest.mark.parametrize("message_class", [MessageClass.MARKETING, MessageClass.PARTNER])
def test_it_gives_a_letter_one_click_unsubscribe(practice, message_class, settings):
    settings.BASE_URL = "https://harbour.example.com"
    queued = message(
        message_class=message_class, text="[[unsubscribe_url]]", html='<a href="[[unsubscribe_url]]">x</a>'
    )
    rendered = render(queued)

    url = f"https://harbour.example.com/u/{token_of(queued.pk)}/"
    assert rendered.headers["List-Unsubscribe"] == f"<{url}>"
    assert rendered.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert rendered.headers["List-Id"] == "Harbour Physio <letters.harbour.example.com>"
    assert "Auto-Submitted" not in rendered.headers
    assert rendered.text == url
    assert url in rendered.html


def test_it_lets_no_letter_leave_without_a_way_out(practice):
    with pytest.raises(NoWayOut):
        render(message(message_class=MessageClass.MARKETING, text="[[unsubscribe_url]]", html="<p>Buy!</p>"))


def test_it_keeps_a_fallback_as_its_author_wrote_it():
    message = Message(to_email="bo@example.com", message_class=MessageClass.SYSTEM)
    message.content = Content(subject="Hi", html="<p>[[partner|Rock &amp; Run]]</p>", text="[[partner|Rock & Run]]")

    rendered = render(message)

    assert rendered.html == "<p>Rock &amp; Run</p>"
    assert rendered.text == "Rock & Run"
