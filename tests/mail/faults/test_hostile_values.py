"""Whatever a name or a value holds, SendGrid takes the letter, and its reader sees those words and nothing else."""

import re
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mail.actions import drain
from crm.mail.models import Content, Message, MessageClass
from crm.mail.render import render
from crm.people.models import PracticeProfile

pytestmark = pytest.mark.django_db
CLASSES = [MessageClass.PARTNER, MessageClass.TRANSACTIONAL]  # many in one request, and each written out
VALUES = (
    "Ada; “Okafor”, MD", "Zoë 🏃", "<script>alert(1)</script>", "\" onmouseover=\"x", "%hmark.0%", "%s%", "-first_name-",
    "[[unsubscribe_url]]", "[[first_name|x]]", "{{ x }}", "{% now %}", "Ada\r\nBcc: all@example.com", "=?utf-8?q?x?=",
    "\N{RIGHT-TO-LEFT OVERRIDE}", "\x01\x7f", "\\u0000", "a" * 9_000, "é" * 6_000, "&amp;", "\u2028",
)  # fmt: skip
WORDS = {
    "subject": "Hello [[first_name|there]]",
    "text": "Hello [[first_name|you]]. [[unsubscribe_url]]",
    "html": '<p title="[[first_name|x]]">Hello [[first_name|you]].</p><a href="[[unsubscribe_url]]">Stop</a>',
}


@pytest.mark.parametrize("message_class", CLASSES)
def test_it_shows_each_reader_their_own_value_and_nothing_else(fill, sendgrid, message_class):
    messages = fill(len(VALUES), message_class)
    Content.objects.update(**WORDS)
    for message, value in zip(messages, VALUES, strict=True):
        message.values, message.to_name = {"first_name": value}, re.sub("[^ -~]", " ", value)[:120]
    Message.objects.bulk_update(messages, ["values", "to_name"])

    drain()
    assert sendgrid.answers.keys() == {202}
    for message, value in zip(messages, VALUES, strict=True):
        message.refresh_from_db()
        seen, meant = sendgrid.rendered(message.pk), render(message)
        assert (seen.subject.strip(), seen.text, seen.html) == (meant.subject, meant.text, meant.html)
        assert f"Hello {escape(value.strip())}." in seen.html or value in ("\x01\x7f", "\u2028")
        assert len(seen.subject.splitlines()) == 1
        assert not seen.headers.keys() & {"Bcc", "To"}


@pytest.mark.parametrize("message_class", CLASSES)
@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Café Zürich; Münster, Ltd", "Cafe Zurich Munster Ltd"),
        ("Ada’s “Physio” – Ottawa", 'Ada\'s "Physio" - Ottawa'),
        ("物理治療", ""),
        ("Physio\r\nBcc: all@example.com", "Physio Bcc: all@example.com"),
    ],
)
def test_it_signs_with_a_name_that_sendgrid_takes(fill, sendgrid, message_class, name, sent):
    PracticeProfile.objects.update(name=name, email="hallo@bücher.example.com")
    messages = fill(2, message_class)

    drain()
    assert sendgrid.answers.keys() == {202}
    seen = sendgrid.rendered(messages[0].pk)
    assert (seen.from_name, seen.from_email) == (sent, "hallo@xn--bcher-kva.example.com")
    assert seen.reply_to == seen.from_email


def test_it_writes_out_a_letter_with_more_places_than_a_request_may_have(fill, sendgrid):
    messages = fill(3, MessageClass.PARTNER)
    Content.objects.update(text=" ".join(f"[[place_{n}|{n}]]" for n in range(151)) + " [[unsubscribe_url]]")

    drain()
    assert sendgrid.answers == {202: 3}
    assert sendgrid.rendered(messages[0].pk).text.startswith("0 1 2 3")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(
    values=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=8)
)
def test_it_says_the_same_in_a_shared_request_as_written_out(fill, sendgrid, values):
    sendgrid.reset()
    messages = fill(len(values), MessageClass.PARTNER)
    Content.objects.update(**WORDS)
    for message, value in zip(messages, values, strict=True):
        message.values = {"first_name": value}
    Message.objects.bulk_update(messages, ["values"])

    drain()
    assert sendgrid.answers.keys() == {202}
    for message in messages:
        message.refresh_from_db()
        seen, meant = sendgrid.rendered(message.pk), render(message)
        assert (seen.subject.strip(), seen.text, seen.html) == (meant.subject, meant.text, meant.html)
