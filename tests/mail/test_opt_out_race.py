"""Whoever presses at once: every answer is an answer, and the last word holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from crm.mail.inbound import look_through
from crm.mail.links import token_of
from crm.mail.models import InboundMail, MessageClass, Suppression
from crm.mail.receiving import keep
from crm.people.actions import may_write
from crm.people.models import ConsentEvent, Purpose
from tests.mail.arriving import mail

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(deeds: list) -> list:
    def do(deed):
        try:
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(do, deeds))


def test_it_takes_eight_presses_at_once_for_one(write, ada):
    address = f"/u/{token_of(write(MessageClass.PARTNER).pk)}/"

    answers = _at_once([lambda: Client().post(address).status_code] * 8)

    assert answers == [200] * 8
    assert Suppression.objects.count() == 1
    assert ada.consents.filter(state=ConsentEvent.State.WITHDRAWN).count() == 2  # one each for partner and news


def test_it_lets_no_two_choices_wait_for_each_other(write, ada):
    token = token_of(write(MessageClass.PARTNER).pk)
    said = [
        lambda: Client().post(f"/u/{token}/").status_code,
        lambda: Client().post(f"/p/{token}/", {"topics": ["news"], "pause": "30"}).status_code,
        lambda: Client().post(f"/u/{token}/undo/").status_code,
        lambda: Client().post(f"/p/{token}/").status_code,
    ]

    assert set(_at_once(said * 4)) == {200}
    Client().post(f"/u/{token}/")
    assert not any(may_write(ada, purpose=purpose) for purpose in Purpose)
    assert Suppression.objects.get().scope == Suppression.Scope.LETTERS


def test_it_looks_at_each_mail_in_one_worker_only(write, ada):
    token = token_of(write(MessageClass.PARTNER).pk)
    for number in range(20):
        keep({"email": mail(str(number), subject=token)})

    assert sum(_at_once([look_through] * 4)) == 20
    assert InboundMail.objects.filter(state=InboundMail.State.CLAIMED).count() == 20
    assert Suppression.objects.count() == 1
    assert ada.consents.filter(state=ConsentEvent.State.WITHDRAWN).count() == 2


def test_it_keeps_a_mail_once_that_comes_twice_at_once():
    raw = mail()

    kept = _at_once([lambda: keep({"email": raw}).pk] * 8)

    assert len(set(kept)) == 1
