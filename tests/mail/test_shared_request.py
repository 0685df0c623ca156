"""Many readers in one request: each sees exactly what would have been written for them alone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sendgrid.helpers.mail import CustomArg, Header, Personalization, Substitution, To

from crm.mail.actions import drain
from crm.mail.models import Batch, Content, Message, MessageClass
from crm.mail.render import pattern, render, values_of
from crm.mail.transports.payload import BATCH_ID, MESSAGE_ID, personalization

pytestmark = pytest.mark.django_db
State = Message.State


def state_of(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def test_it_posts_all_readers_of_one_content_in_one_request(letter, sendgrid):
    letters = [letter(number) for number in range(40)]

    assert drain() == 40
    (payload,) = sendgrid.accepted
    assert len(payload["personalizations"]) == 40
    assert Batch.objects.get().size == 40
    for each in letters:
        assert state_of(each) == (State.HANDED_OVER, "")
        seen, alone = sendgrid.rendered(each.pk), render(each)
        assert (seen.subject, seen.text, seen.html) == (alone.subject, alone.text, alone.html)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(max_size=30), partner=st.text(alphabet="%[]<>\"'&\r\n\\hst.0123456789abcdef", max_size=30))
def test_it_keeps_every_value_in_its_place(practice, content, sendgrid, name, partner):
    sendgrid.reset()
    message = Message(
        message_class=MessageClass.PARTNER, to_email="ada@example.com", content=content,
        values={"first_name": name, "partner": partner},
    )  # fmt: skip
    alone = render(message, practice=practice)
    words = pattern(content, is_letter=True, mark="0f0f0f0f")
    part = personalization(message, words, values_of(message), batch_id="b", practice=practice)
    subject, text, html = words.subject, words.text, words.html
    for tag, value in part["substitutions"].items():
        subject, text, html = (whole.replace(tag, value) for whole in (subject, text, html))

    assert (text, html) == (alone.text, alone.html)
    assert " ".join(subject.split()) == alone.subject
    assert "\n" not in subject and "\r" not in subject


def test_it_cannot_be_tricked_by_a_value_that_looks_like_a_tag(letter, sendgrid):
    trick = letter(1, values={"first_name": "%h0.1% %t.0% [[unsubscribe_url]] <script>", "partner": "%s.1%"})
    letter(2)

    drain()
    seen = sendgrid.rendered(trick.pk)
    assert "Dear %h0.1% %t.0% [[unsubscribe_url]] &lt;script&gt;" in seen.html
    assert "Dear %h0.1% %t.0% [[unsubscribe_url]] <script>, %s.1% and we." in seen.text


def test_it_writes_a_reader_as_the_package_would(practice, content, letter):
    message, batch = letter(1), Batch()
    words = pattern(content, is_letter=True, mark="0f0f0f0f")
    ours = personalization(message, words, values_of(message), batch_id=str(batch.pk), practice=practice)

    theirs = Personalization()
    theirs.add_to(To(message.to_email, message.to_name))
    for name, value in ours["headers"].items():
        theirs.add_header(Header(name, value))
    for tag, value in ours["substitutions"].items():
        theirs.add_substitution(Substitution(tag, value))
    theirs.add_custom_arg(CustomArg(MESSAGE_ID, str(message.pk)))
    theirs.add_custom_arg(CustomArg(BATCH_ID, str(batch.pk)))
    assert ours == theirs.get()


def test_it_names_an_address_once_in_a_request(letter, sendgrid):
    first, second = letter(1, email="ada@bücher.example"), letter(2, email="ADA@xn--bcher-kva.example")

    assert drain() == 2
    assert state_of(first)[0] == state_of(second)[0] == State.HANDED_OVER
    assert [len(payload["personalizations"]) for payload in sendgrid.accepted] == [1, 1]


def test_it_sends_the_others_when_one_cannot_be_written(letter, sendgrid, content):
    content.text += " [[amount]]"
    content.save()
    broken, fine = letter(1), letter(2, values={"amount": "5"})

    assert drain() == 2
    assert state_of(broken) == (
        State.REJECTED,
        "Nothing is known for the place [[amount]], and it has no fallback.",
    )
    assert state_of(fine)[0] == State.HANDED_OVER


def test_it_sends_alone_who_has_more_values_than_fit(letter, sendgrid):
    long, short = letter(1, values={"first_name": "x" * 6_000}), letter(2)

    assert drain() == 2
    assert state_of(long)[0] == state_of(short)[0] == State.HANDED_OVER
    assert sendgrid.rendered(long.pk).text.count("x") >= 6_000
    assert sorted(len(payload["personalizations"]) for payload in sendgrid.accepted) == [1, 1]


def test_it_sends_an_unusable_address_nowhere_and_goes_on(letter, sendgrid):
    broken, fine = letter(1, email="ada@ex ample.com"), letter(2)

    assert drain() == 2
    assert state_of(broken) == (State.REJECTED, "“ada@ex ample.com” is not an address that can be written to.")
    assert state_of(fine)[0] == State.HANDED_OVER


def test_it_refuses_a_letter_without_its_way_out(letter, sendgrid):
    bare = Content.objects.create(subject="Buy", text="Buy!")
    message, other = letter(1, content=bare), letter(2, content=bare)

    assert drain() == 2
    assert state_of(message) == state_of(other)
    assert state_of(message) == (State.REJECTED, "This letter has no unsubscribe link, so it may not leave.")
    assert not sendgrid.accepted
    assert Batch.objects.get().outcome == Batch.Outcome.RELEASED
