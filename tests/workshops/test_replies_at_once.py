"""Two workers with one answer, and a link pressed twice at the same moment: each counts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Invite, InviteReply, Registration

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deed, times: int = 6) -> list[str]:
    start = Barrier(times)

    def run(_number: int) -> str:
        start.wait()
        try:
            deed()
            return "done"
        except actions.Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(run, range(times)))


def test_it_takes_a_no_and_its_undo_once(practice):
    workshop = make_workshop(starts_at=timezone.now() + timedelta(days=9))
    ada, _bo, cy = fill(workshop, "Ada", "Bo", "Cy")
    said = {"answer": Invite.Answer.DECLINED, "sequence": 0, "stamped_at": timezone.now(), "key": "k", "mail": None}

    assert at_once(lambda: actions.take_reply(ada.invite, **said)) == ["AlreadyAnswered"] * 5 + ["done"]
    assert InviteReply.objects.count() == 1
    cy.refresh_from_db()
    assert cy.has_seat

    ada.refresh_from_db()
    assert at_once(lambda: actions.take_back_no(ada)) == ["done"] * 6
    assert workshop.registrations.waiting().get().name == "Ada"
    assert workshop.registrations.filter(state=Registration.State.CONFIRMED).count() == 2
