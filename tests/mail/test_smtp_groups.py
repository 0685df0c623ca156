"""A server that takes several lines at once gets each envelope in one piece, and what is known stays exact (RFC 2920)."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from crm.mail.actions import drain
from crm.mail.models import Message
from crm.mail.transports.outcome import Verdict, Written
from crm.mail.transports.smtp import FEWEST, MOST, Letter, SmtpTransport
from tests.fakes.smtp import FakeSmtp

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def server(settings) -> Iterator[FakeSmtp]:
    with FakeSmtp(takes_groups=True) as fake:
        settings.SMTP_URL = fake.url
        yield fake


def hand_over(server: FakeSmtp, *people: str) -> list:
    """What becomes of a letter to each of these, and what was said of the request as a whole at the end."""
    letters = [Letter(uuid4(), "hello@example.com", person, b"Subject: Hi\r\n\r\nHello.\r\n") for person in people]
    with SmtpTransport(server.url) as transport:
        answer = transport.post(Written(letters, []))
    return [answer.each[letter.pk] for letter in letters if letter.pk in answer.each]


def test_it_hands_over_one_letter_after_the_other(server, letter):
    sent = [letter(n) for n in range(5)]

    drain()
    assert {str(mail["To"]) for mail in server.accepted} == {f"Reader {n} <reader{n}@example.com>" for n in range(5)}
    assert all(State(Message.objects.get(pk=one.pk).state) == State.HANDED_OVER for one in sent)


@pytest.mark.parametrize("wants_words", [False, True])
def test_it_goes_on_after_an_address_that_is_refused(server, wants_words):
    server.wants_words = wants_words
    server.refusals["RCPT b@example.com"] = "550 no such mailbox"
    first, second, third = hand_over(server, "a@example.com", "b@example.com", "c@example.com")

    assert [first.verdict, second.verdict, third.verdict] == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.ACCEPTED]
    assert second.reason == "The mail server answered 550: no such mailbox"
    assert len(server.accepted) == 2
    assert server.raw[1:-1] == ([b""] if wants_words else [])  # it got a dot, and no word


@pytest.mark.parametrize(
    ("line", "verdict"), [("554 looks like spam", Verdict.REJECTED), ("451 try later", Verdict.NOT_ACCEPTED)]
)
def test_it_goes_on_after_words_that_are_refused(server, line, verdict):
    server.refusals["DATA b@example.com"] = line
    found = hand_over(server, "a@example.com", "b@example.com", "c@example.com")

    assert [outcome.verdict for outcome in found] == [Verdict.ACCEPTED, verdict, Verdict.ACCEPTED]
    assert [str(outcome.provider_id) for outcome in found] == ["taken as 1", "", "taken as 2"]


def test_it_does_not_know_of_one_letter_only_when_the_line_breaks(server):
    server.vanishes_after_data = True
    (first,) = hand_over(server, "a@example.com", "b@example.com", "c@example.com")

    assert first.verdict == Verdict.UNKNOWN
    assert len(server.accepted) == 1


def test_it_stops_where_the_server_says_goodbye(server):
    server.refusals["RCPT b@example.com"] = "421 closing"
    first, second = hand_over(server, "a@example.com", "b@example.com", "c@example.com")

    assert (first.verdict, second.verdict) == (Verdict.ACCEPTED, Verdict.NOT_ACCEPTED)
    assert len(server.accepted) == 1


def test_it_says_the_same_to_a_server_of_either_kind(server, letter, settings):
    letter(1)
    drain()
    with FakeSmtp() as plain:
        settings.SMTP_URL = plain.url
        letter(2)
        drain()

        assert [mail["Subject"] for mail in plain.accepted] == ["Hello Name 2, from us"]
    assert [mail["Subject"] for mail in server.accepted] == ["Hello Name 1, from us"]


@pytest.mark.parametrize(("seconds", "most"), [(0.0, MOST), (0.02, MOST), (0.04, 50), (1, FEWEST), (60, FEWEST)])
def test_it_keeps_few_in_doubt_where_the_server_is_slow(seconds, most):
    transport = SmtpTransport("smtp://localhost")
    assert transport.most_per_request == FEWEST

    transport._pace(20, seconds)
    assert transport.most_per_request == most
