"""The pages behind a letter's links, on a phone, without a script: fit for everybody, and one press is enough."""

import pytest

from crm.mail.actions import queue
from crm.mail.links import token_of
from crm.mail.models import Content, Message, MessageClass, Suppression
from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from tests.browser.fitness import findings
from tests.browser.test_site_axe import RULES

SMALL = """[...document.querySelectorAll('main :is(button, input:not([type=hidden]), p > a.more)')]
    .map(each => (each.labels?.[0] ?? each).getBoundingClientRect())
    .filter(box => box.height < 43.5).length"""


@pytest.fixture
def letter(practice, db) -> Message:
    practice.phone = "613 555 0100"
    practice.save()
    ada = Contact.objects.create(name="Ada Okafor", email="ada@example.com")
    for purpose in (Purpose.PARTNER, Purpose.NEWS):
        record_consent(ada, purpose=purpose, state=ConsentEvent.State.GRANTED, source="in person")
    content = Content.objects.create(subject="Hello", text="[[unsubscribe_url]]")
    return queue(ada, message_class=MessageClass.PARTNER, dedupe_key="t", content=content)


def problems_of(screen) -> list[str]:
    problems = findings(screen, RULES)
    if screen.evaluate("document.documentElement.scrollWidth > innerWidth"):
        problems.append("it is wider than the screen")
    if screen.evaluate(SMALL):
        problems.append("something is too small to press")
    return problems + screen.complaints


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_lets_a_reader_choose_pause_stop_and_undo(request, live_server, letter, width):
    screen = request.getfixturevalue(width)
    found, token = {}, token_of(letter.pk)

    def look(name: str) -> None:
        found[name] = problems_of(screen)

    screen.goto(f"/p/{token}/")
    look("choose")
    screen.get_by_label("Partner letters").uncheck()
    screen.get_by_label("No letters for 30 days from today").check()
    screen.get_by_role("button", name="Save").click()
    look("saved")
    assert not may_write(letter.contact, purpose=Purpose.PARTNER)
    screen.get_by_role("button", name="Undo").click()
    assert may_write(letter.contact, purpose=Purpose.PARTNER)
    screen.get_by_role("button", name="Stop all letters").click()
    look("stopped")
    assert Suppression.objects.exists()
    screen.get_by_role("button", name="Undo").click()
    assert not Suppression.objects.exists()

    screen.goto(f"/u/{token}/")
    look("unsubscribe")
    screen.get_by_role("button", name="Unsubscribe").click()
    look("unsubscribed")
    screen.get_by_role("button", name="That was a mistake, undo it").click()
    look("resubscribed")
    assert {name: problems for name, problems in found.items() if problems} == {}
