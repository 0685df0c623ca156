from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.actions import queue
from crm.mail.models import Content, InboundMail, Message, MessageClass
from crm.office import tick

pytestmark = pytest.mark.django_db(transaction=True)


def letter(physician, *, key: str, at=None) -> Message:
    return queue(
        physician.roles.get().contact,
        message_class=MessageClass.TRANSACTIONAL,
        dedupe_key=key,
        content=Content.objects.create(subject="Hello", html="<p>Hello</p>", text="Hello"),
        not_before=at,
    )


def test_it_sends_what_is_due(physician):
    message = letter(physician, key="now")

    tick.tick(watch_seconds=0)

    message.refresh_from_db()
    assert message.state == Message.State.HANDED_OVER


def test_it_waits_for_what_falls_due_while_it_watches(physician):
    message = letter(physician, key="soon", at=timezone.now() + timedelta(seconds=1))

    tick.tick(watch_seconds=5)

    message.refresh_from_db()
    assert message.state == Message.State.HANDED_OVER
    assert message.settled_at >= message.not_before


def test_it_leaves_what_is_due_later_to_a_later_tick(physician):
    message = letter(physician, key="later", at=timezone.now() + timedelta(minutes=5))

    tick.tick(watch_seconds=2)

    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_it_changes_nothing_when_run_again(physician):
    letter(physician, key="once")
    tick.work()
    before = list(Message.objects.values())

    tick.work()

    assert list(Message.objects.values()) == before


def test_it_goes_by_the_practices_today(practice, monkeypatch):
    practice.time_zone = "Pacific/Kiritimati"
    practice.save()
    zones: list[str] = []
    monkeypatch.setattr(tick, "close_past", lambda: zones.append(timezone.get_current_timezone_name()))

    tick.work()

    assert zones == ["Pacific/Kiritimati"]


def test_it_looks_at_mail_that_came_in():
    mail = InboundMail.objects.create(raw=b"Subject: Hi\n\nHi", fingerprint=b"0" * 32)

    tick.work()

    mail.refresh_from_db()
    assert mail.state == InboundMail.State.TRAY
