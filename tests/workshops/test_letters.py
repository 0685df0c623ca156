from email import message_from_bytes
from email.policy import default

import pytest

from crm.mail.mime import build
from crm.mail.models import Content, Message
from crm.mail.render import render
from crm.mail.transports.sendgrid import payload
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions

pytestmark = pytest.mark.django_db


def all_letters(workshop) -> dict[str, Message]:
    """One of each letter, by what it says."""
    ada, ben, cleo, dora = fill(workshop, "Ada", "Ben", "Cleo", "Dora")
    actions.cancel(ada)
    actions.move(workshop, place="The Annex, 9 Side Street")
    actions.cancel_workshop(workshop, reason="The gym is being painted.")
    return {
        "confirmed": letters_to(ben)[0],
        "waiting": letters_to(dora)[0],
        "promoted": letters_to(cleo)[1],
        "changed": letters_to(ben)[1],
        "changed while waiting": letters_to(dora)[1],
        "cancelled": letters_to(ada)[1],
        "workshop cancelled": letters_to(ben)[2],
        "workshop cancelled while waiting": letters_to(dora)[2],
    }


def test_it_says_everything_in_text_and_in_html(workshop):
    for message in all_letters(workshop).values():
        seen = render(message)
        for part in (seen.text, seen.html):
            assert workshop.title in part
            assert workshop.day in part
            assert workshop.hours in part
            assert "Toronto time (E" in part
            assert "[[" not in part
        assert workshop.title in seen.subject


def test_it_greets_by_first_name_and_gives_each_their_own_link(workshop):
    ada, ben = fill(workshop, "Ada Lovelace", "Dr. Ben Okri")

    for registration, name in ((ada, "Ada"), (ben, "Ben")):
        seen = render(letters_to(registration)[0])
        assert f"Hello {name}," in seen.text
        assert registration.manage_url in seen.text
        assert f'href="{registration.manage_url}"' in seen.html


def test_it_asks_for_one_yes_and_promises_no_more(workshop):
    (ada,) = fill(workshop, "Ada")

    assert "Press Yes once, and it is in your calendar." in render(letters_to(ada)[0]).text


def test_it_shares_one_content_between_all_who_get_the_same_words(db, practice, django_capture_on_commit_callbacks):
    workshop = make_workshop(capacity=9)

    for name in ("Ada", "Ben", "Cleo"):
        with django_capture_on_commit_callbacks(execute=True):
            fill(workshop, name)

    assert Content.objects.count() == 1


def test_it_treats_double_brackets_in_a_title_as_words(db, practice):
    workshop = make_workshop(title="Knees [[and]] hips & <more>")

    (ada,) = fill(workshop, "Ada")

    seen = render(letters_to(ada)[0])
    assert "Knees [[and]] hips & <more>" in seen.text
    assert "&lt;more&gt;" in seen.html


def test_it_does_not_run_what_somebody_typed_as_a_name(workshop):
    person = actions.register(workshop, name="<b>Eve</b> [[manage_url]]", email="eve@example.com")

    seen = render(letters_to(person)[0])
    assert "<b>Eve</b>" not in seen.html


def test_it_sends_the_invite_as_the_last_alternative_and_as_a_file(workshop):
    (ada,) = fill(workshop, "Ada")
    message = letters_to(ada)[0]

    mail = message_from_bytes(build(render(message)), policy=default)

    assert mail.get_content_type() == "multipart/mixed"
    body, file = mail.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    text, html, calendar = body.iter_parts()
    assert [part.get_content_type() for part in (text, html, calendar)] == ["text/plain", "text/html", "text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_param("charset").lower() == "utf-8"
    assert calendar.get("Content-Disposition") is None
    assert calendar.get_content().replace("\r\n", "\n") == message.calendar.replace("\r\n", "\n")
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert mail["To"].addresses[0].addr_spec == ada.email
    assert mail["From"].addresses[0].addr_spec == "hello@harbour.example.com"


def test_it_gives_sendgrid_the_method_with_the_content(workshop):
    (ada,) = fill(workshop, "Ada")
    actions.cancel(ada)
    message = letters_to(ada)[-1]

    content = payload(render(message), message)["content"]

    assert [part["type"].partition(";")[0] for part in content] == ["text/plain", "text/html", "text/calendar"]
    assert "method=CANCEL" in content[-1]["type"]


def test_it_tells_the_video_link_to_who_has_a_seat(practice, quiet_gym):
    room = "https://meet.example.com/a-room-of-our-own"
    ada, ben, cleo = fill(make_workshop(host=quiet_gym, place="", video_url=room), "Ada", "Ben", "Cleo")
    actions.cancel(ada)

    for message in (letters_to(ben)[0], letters_to(cleo)[1]):
        seen = render(message)
        assert f"Video link: {room}" in seen.text
        assert f'href="{room}"' in seen.html
    for message in (letters_to(cleo)[0], letters_to(ada)[1]):
        seen = render(message)
        assert "Online, by video" in seen.text
        assert room not in seen.text + seen.html + message.calendar


def test_it_asks_for_one_press_and_promises_no_more(workshop):
    letters = all_letters(workshop)

    for what in ("confirmed", "promoted"):
        seen = render(letters[what])
        assert "Press Yes once, and it is in your calendar." in seen.text
        assert "Press <strong>Yes</strong> once, and it is in your calendar." in seen.html
    assert not any("press yes" in render(letters[what]).text.lower() for what in ("waiting", "changed while waiting"))
