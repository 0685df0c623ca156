from __future__ import annotations

import random
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mail.events import apply_pending, take_in
from crm.mail.models import DeliveryEvent, EventReport, Message, MessageClass, Reopening, Suppression, address_hash
from crm.mail.rebuilding import rebuild
from tests.fakes.sendgrid.events import written
from tests.mail.events.conftest import NOW, SENT_AT, event

pytestmark = pytest.mark.django_db
DAY = 86_400
KINDS = ("processed", "deferred", "delivered", "open", "blocked", "bounce", "dropped", "spamreport", "unsubscribe")


def state_of_everything() -> tuple[list, list]:
    """Every column of the messages and of the closed addresses."""
    messages = Message.objects.order_by("pk").values_list(
        "pk", "state", "reason", "settled_at", "fate", "fate_at", "batch", "is_repeat", "not_before", "attempts"
    )
    rows = Suppression.objects.values_list("email_hash", "scope", "reason", "created_at")
    return list(messages), sorted((bytes(digest), *rest) for digest, *rest in rows)


def happened(number: int, messages: list[Message], draw: random.Random) -> dict:
    """Some event: about one of the messages, or a late bounce that names none."""
    message, kind = draw.choice(messages), draw.choice(KINDS)
    more = {"reason": draw.choice(["Invalid", "Spam Content"])} if kind == "dropped" else {}
    if kind == "blocked":
        more = {"event": "bounce", "bounce_classification": draw.choice(["", "Reputation", "Mailbox Unavailable"])}
    made = event(message, kind, after=draw.randrange(40) * DAY / 2, sg_event_id=f"e{number}", **more)
    if kind == "bounce" and draw.random() < 0.5:
        made.pop("rapport_message")
    return made


@pytest.fixture
def town(sent, somebody) -> list[Message]:
    people = [somebody() for _ in range(2)]
    opened = address_hash(people[0].email)
    Reopening.objects.create(email_hash=opened, scope=Suppression.Scope.ALL, at=SENT_AT.replace(day=8))
    return [
        sent(state, contact=contact, message_class=MessageClass.PARTNER)
        for contact in people
        for state in (Message.State.HANDED_OVER, Message.State.UNKNOWN, Message.State.HANDED_OVER)
    ]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), size=st.integers(1, 20))
def test_it_comes_to_the_same_in_any_order_and_number_and_after_a_rebuild(town, seed, size):
    """The same events in two arrangements: shuffled, repeated, cut into posts, with rebuilds in between."""
    draw = random.Random(seed)
    events = [happened(number, town, draw) for number in range(size)]

    ends = []
    for _arrangement in range(2):
        with transaction.atomic():
            _post(events, draw)
            apply_pending()
            ends.append(state_of_everything())
            list(rebuild(step=3))
            ends.append(state_of_everything())
            transaction.set_rollback(True)

    assert ends[0] == ends[1] == ends[2] == ends[3]


def _post(events: list[dict], draw: random.Random) -> None:
    arranged = events + draw.choices(events, k=draw.randrange(len(events)))
    draw.shuffle(arranged)
    while arranged:
        size = draw.randint(1, len(arranged))
        take_in(written(arranged[:size]))
        arranged = arranged[size:]
        if draw.random() < 0.2:
            list(rebuild(step=2))


def test_it_mends_what_was_lost(hook, sent, somebody):
    messages = [sent(contact=somebody()) for _ in range(4)]
    hook.post([event(messages[0]), event(messages[1], "bounce"), event(messages[2], "spamreport")])
    right = state_of_everything()
    Message.objects.update(fate=60, fate_at=SENT_AT)
    Suppression.objects.all().delete()
    DeliveryEvent.objects.update(rank=0, kind="?", message=None, reason="")

    list(rebuild(step=2))

    assert state_of_everything() == right


def test_it_applies_what_was_kept_and_not_applied(hook, sent):
    message = sent()
    hook.post([event(message)])
    EventReport.objects.update(applied_at=None)
    Message.objects.update(fate=0, fate_at=None)

    list(rebuild())

    assert EventReport.objects.get().applied_at
    assert Message.objects.get().fate == Message.Fate.DELIVERED


def test_it_lets_nobody_back_in(hook, sent, ada):
    Suppression.objects.create(email_hash=address_hash(ada.email), scope="all", reason=Suppression.Reason.BY_HAND)

    list(rebuild())

    assert Suppression.objects.get().reason == Suppression.Reason.BY_HAND


def test_it_says_how_far_it_has_come(hook, sent):
    message = sent()
    hook.post([event(message, timestamp=NOW + n) for n in range(3)])
    said = StringIO()

    call_command("rebuild", stdout=said)

    assert said.getvalue().splitlines() == [
        "3 events",
        "1 messages",
        "0 addresses that have turned us away",
        "Done. Messages and closed addresses are as the reports say.",
    ]
