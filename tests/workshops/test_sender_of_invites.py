"""From which address an invite leaves: its organizer's where that host may send, and none is lost where it may not."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.utils import timezone

from crm.mail.actions import drain
from crm.mail.mime import Press
from crm.mail.models import Batch, Content, Lane, Message, MessageClass
from crm.mail.render import render
from crm.mail.transports.payload import payload
from tests.fakes.sendgrid import Rule
from tests.fakes.smtp import FakeSmtp
from tests.workshops.conftest import STAMP, fill, known_invite, letters_to
from workshops import actions, invites

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"
HOST = "in.harbour.example.com"
ORGANIZER, OURS = f"invites@{HOST}", "hello@harbour.example.com"


@pytest.fixture
def fit(settings) -> None:
    """The host of the answers may send too, and the owner has said so."""
    settings.INBOUND_HOST, settings.INVITES_FROM_INBOUND = HOST, True


def known_message(practice) -> Message:
    """A message with an invite, of which every byte is known."""
    invite = known_invite()
    return Message(
        id=uuid.UUID("33333333-3333-7333-8333-333333333333"),
        message_class=MessageClass.TRANSACTIONAL,
        to_email="ada@example.com",
        to_name="Ada",
        content=Content(subject="You have a seat", text="You have a seat.", html="<p>You have a seat.</p>"),
        calendar=invites.calendar(invite, practice),
        calendar_method=invites.method(invite, practice),
        letterhead=invites.letterhead(invite, practice).kept(),
        created_at=STAMP,
    )


def parties(raw: bytes) -> tuple[str, str, str]:
    """From, Reply-To and ORGANIZER, as a reader's programs find them."""
    mail = message_from_bytes(raw, policy=policy.default)
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar").get_content()
    organizer = calendar.replace("\r\n ", "").replace("\n ", "").partition("\nORGANIZER")[2].splitlines()[0]
    return mail["From"].addresses[0].addr_spec, mail["Reply-To"].addresses[0].addr_spec, organizer.rpartition(":")[2]


@pytest.mark.parametrize(("name", "is_fit", "sender"), [("from_us", False, OURS), ("from_organizer", True, ORGANIZER)])
def test_it_travels_in_the_same_bytes_as_ever(practice, settings, name, is_fit, sender):
    settings.INBOUND_HOST, settings.INVITES_FROM_INBOUND = HOST, is_fit
    message = known_message(practice)

    raw = Press(message.content, is_letter=False, practice=practice).printed(message)
    posted = payload(render(message, practice=practice), message)

    assert raw == (GOLDEN / f"{name}.eml").read_bytes()
    assert posted == json.loads((GOLDEN / f"{name}.json").read_text())
    assert parties(raw) == (sender, OURS, ORGANIZER)
    assert (posted["from"]["email"], posted["reply_to"]["email"]) == (sender, OURS)


@pytest.mark.parametrize(
    ("host", "is_said", "organizer", "sender"),
    [
        (HOST, True, ORGANIZER, ORGANIZER),
        (HOST, True, ORGANIZER.upper(), ORGANIZER.upper()),
        (HOST, False, ORGANIZER, OURS),  # nobody has said that it may send
        ("in.elsewhere.example.org", True, ORGANIZER, OURS),  # it was another host when the invite was made
        ("", True, OURS, OURS),
        ("", True, "", OURS),
    ],
)
def test_it_leaves_from_the_organizer_only_where_that_host_is_known_to_be_fit(
    practice, settings, host, is_said, organizer, sender
):
    settings.INBOUND_HOST, settings.INVITES_FROM_INBOUND = host, is_said
    invite = known_invite()
    invite.organizer = organizer

    assert invites.letterhead(invite, practice).sender == sender


def test_every_step_of_an_invite_leaves_from_one_address_and_other_letters_from_ours(smtp, fit, workshop):
    ada, _bo, cy = fill(workshop, "Ada", "Bo", "Cy")
    actions.move(workshop, place="Elsewhere 1")
    actions.cancel_workshop(workshop, reason="Flood.")
    drain()

    senders = {}
    for raw in smtp.raw:
        mail = message_from_bytes(raw, policy=policy.default)
        senders.setdefault(mail["To"].addresses[0].addr_spec, []).append(mail["From"].addresses[0].addr_spec)
    assert senders[ada.email] == [ORGANIZER] * 3
    assert senders[cy.email] == [OURS] * 3
    assert {letter.letterhead for letter in letters_to(cy)} == {None}


@pytest.mark.parametrize("way", ["smtp", "sendgrid"])
def test_a_second_try_sends_the_same_bytes_whatever_was_changed_meanwhile(
    request, way, fit, workshop, practice, settings, time_machine_at
):
    fake = request.getfixturevalue(way)
    (ada,) = fill(workshop, "Ada")
    drain()
    before = sent_through(fake)

    settings.INBOUND_HOST, settings.INVITES_FROM_INBOUND, settings.INVITE_AS_FILE = "in.elsewhere.ca", False, False
    practice.name, practice.email = "Another Name", "other@elsewhere.ca"
    practice.save()
    time_machine_at(timezone.now() + timedelta(hours=3))
    Message.objects.filter(pk=letters_to(ada)[0].pk).update(
        state=Message.State.QUEUED, settled_at=None, batch=None, not_before=timezone.now()
    )
    drain()

    assert sent_through(fake) == before * 2


def sent_through(fake) -> list:
    """What travelled: over SMTP every byte, to SendGrid everything but which request of ours it was."""
    if isinstance(fake, FakeSmtp):
        return fake.raw.copy()
    for mail in fake.accepted:
        mail["personalizations"][0].get("custom_args", {}).pop("rapport_batch", None)
    return list(fake.accepted)


def test_it_says_the_same_sender_to_the_mail_server(smtp, fit, workshop):
    fill(workshop, "Ada")
    drain()

    assert smtp.senders == [ORGANIZER]


def test_none_is_lost_where_sendgrid_does_not_know_the_host(sendgrid, fit, workshop):
    sendgrid.senders = {"harbour.example.com"}
    (ada,) = fill(workshop, "Ada")
    drain()

    (message,) = letters_to(ada)
    assert (message.state, message.letterhead) == (Message.State.HANDED_OVER, None)
    assert [mail["from"]["email"] for mail in sendgrid.accepted] == [OURS]
    assert not Lane.objects.filter(is_stopped=True).exists()
    refused, taken = Batch.objects.order_by("claimed_at")
    assert (refused.outcome, taken.outcome) == (Batch.Outcome.NOT_ACCEPTED, Batch.Outcome.ACCEPTED)


def test_none_is_lost_where_the_mail_server_refuses_the_host(smtp, fit, workshop):
    smtp.refusals[f"MAIL {ORGANIZER}"] = "550 5.7.1 not yours to send from"
    fill(workshop, "Ada", "Bo")
    drain()

    assert sorted(mail["To"].addresses[0].addr_spec for mail in smtp.accepted) == ["ada@example.com", "bo@example.com"]
    assert {mail["From"].addresses[0].addr_spec for mail in smtp.accepted} == {OURS}


def test_a_refusal_in_our_own_name_counts(smtp, fit, workshop):
    smtp.refusals["RCPT"] = "550 5.1.1 nobody here"
    (ada,) = fill(workshop, "Ada")
    drain()

    (message,) = letters_to(ada)
    assert (message.state, message.letterhead) == (Message.State.REJECTED, None)
    assert "5.1.1 nobody here" in message.reason


def test_a_key_that_is_unknown_stops_everything_and_changes_no_byte(sendgrid, fit, workshop):
    sendgrid.script(Rule(status=401, message="The provided authorization grant is invalid"))
    (ada,) = fill(workshop, "Ada")
    drain()

    (message,) = letters_to(ada)
    assert (message.state, message.letterhead["sender"]) == (Message.State.QUEUED, ORGANIZER)
    assert Lane.objects.get().is_stopped
