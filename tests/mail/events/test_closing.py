from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.mail.actions import resubscribe, unsubscribe
from crm.mail.events import apply_pending
from crm.mail.models import DeliveryEvent, EventReport, Message, MessageClass, Reopening, Suppression, address_hash
from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Purpose
from tests.mail.events.conftest import SENT_AT, event

pytestmark = pytest.mark.django_db
Reason, Scope = Suppression.Reason, Suppression.Scope
DAY = 86_400


def closed(email="ada@example.com") -> list[tuple[str, str, datetime]]:
    return list(Suppression.objects.of(email).order_by("scope").values_list("scope", "reason", "created_at"))


def at(seconds: float) -> datetime:
    return SENT_AT + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("bounce", {}, (Scope.ALL, Reason.BOUNCED)),
        ("dropped", {"reason": "Bounced Address"}, (Scope.ALL, Reason.BOUNCED)),
        ("dropped", {"reason": "Invalid"}, (Scope.ALL, Reason.BOUNCED)),
        ("dropped", {"reason": "Unsubscribed Address"}, (Scope.LETTERS, Reason.UNSUBSCRIBED)),
        ("dropped", {"reason": "Spam Reporting Address"}, (Scope.LETTERS, Reason.COMPLAINED)),
        ("spamreport", {}, (Scope.LETTERS, Reason.COMPLAINED)),
        ("unsubscribe", {}, (Scope.LETTERS, Reason.UNSUBSCRIBED)),
        ("group_unsubscribe", {}, (Scope.LETTERS, Reason.UNSUBSCRIBED)),
    ],
)
def test_it_closes_the_address_since_the_event(hook, sent, kind, more, expected):
    hook.post([event(sent(), kind, email="ADA@example.com", **more)])

    assert closed() == [(*expected, at(60))]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("processed", {}),
        ("deferred", {}),
        ("delivered", {}),
        ("bounce", {"type": "blocked"}),
        ("dropped", {"reason": "Invalid SMTPAPI header"}),
        ("dropped", {"reason": "Recipient List over Package Quota"}),
        ("group_resubscribe", {}),
    ],
)
def test_it_leaves_the_address_open(hook, sent, kind, more):
    hook.post([event(sent(), kind, **more)])

    assert closed() == []


def test_it_closes_an_address_without_a_message(hook, db):
    hook.post([event(None, "bounce", email="gone@example.com"), event(None, "bounce", email=None)])

    assert [scope for scope, _, _ in closed("gone@example.com")] == [Scope.ALL]


def test_it_notes_the_no_at_the_moment_of_the_event(hook, sent, ada):
    now = timezone.now() + timedelta(seconds=5)
    complaint = event(sent(message_class=MessageClass.PARTNER), "spamreport", timestamp=int(now.timestamp()))

    for _post in range(2):
        hook.post([complaint])

    assert not may_write(ada, purpose=Purpose.PARTNER)
    lines = ada.consents.filter(source="spam report")
    assert {(line.purpose, line.state, line.at) for line in lines} == {
        (purpose, ConsentEvent.State.WITHDRAWN, datetime.fromtimestamp(int(now.timestamp()), UTC))
        for purpose in (Purpose.PARTNER, Purpose.NEWS)
    }
    assert lines.count() == 2


def test_it_lets_a_later_yes_stand(hook, sent, ada):
    message = sent(message_class=MessageClass.PARTNER)
    record_consent(ada, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")

    hook.post([event(message, "unsubscribe")])

    assert may_write(ada, purpose=Purpose.PARTNER)
    assert Suppression.objects.of(ada.email).exists()


@pytest.mark.parametrize("order", [1, -1])
def test_it_keeps_the_stronger_reason_and_the_earlier_time(hook, sent, order):
    events = [
        event(sent(), "unsubscribe", after=10),
        event(sent(), "spamreport", after=30),
        event(sent(), "spamreport", after=20),
    ]

    for one in events[::order]:
        hook.post([one])

    assert closed() == [(Scope.LETTERS, Reason.COMPLAINED, at(20))]


def test_it_does_not_close_an_address_opened_by_hand_since(hook, sent, owner, client):
    bounce = event(sent(), "bounce")
    hook.post([bounce])
    client.force_login(owner)
    client.post(f"/admin/suppressions/delete/{Suppression.objects.get().pk}/")

    DeliveryEvent.objects.all().delete()
    hook.post([bounce])
    assert closed() == []

    hook.post([event(sent(), "bounce", timestamp=int(timezone.now().timestamp()) + 1)])
    assert [scope for scope, _, _ in closed()] == [Scope.ALL]


def test_it_opens_letters_alone_when_somebody_comes_back(hook, sent):
    message = sent(message_class=MessageClass.PARTNER)
    unsubscribe(message)
    resubscribe(message)

    hook.post([event(message, "unsubscribe"), event(message, "bounce")])

    assert [scope for scope, _, _ in closed()] == [Scope.ALL]


def test_it_closes_an_address_that_turned_three_messages_away(hook, sent):
    hook.post([event(sent(), "bounce", type="blocked", after=n * DAY, bounce_classification="") for n in (1, 9)])
    assert closed() == []

    hook.post([event(sent(), "bounce", type="blocked", after=20 * DAY, bounce_classification="Unclassified")])

    assert closed() == [(Scope.ALL, Reason.TURNED_AWAY, at(20 * DAY))]


@pytest.mark.parametrize("days", [(1, 20, 32), (1, 2)], ids=["within more than a month", "twice only"])
def test_it_leaves_an_address_open_that_turned_fewer_away(hook, sent, days):
    hook.post([event(sent(), "bounce", type="blocked", after=day * DAY, bounce_classification="") for day in days])

    assert closed() == []


def test_it_counts_messages_and_not_tries(hook, sent):
    message = sent()
    hook.post([event(message, "bounce", type="blocked", after=n, bounce_classification="") for n in range(5)])

    assert closed() == []


def test_it_does_not_blame_the_address_for_our_own_name(hook, sent):
    hook.post([event(sent(), "blocked", type="blocked", event="bounce") for _ in range(3)])

    assert {row.raw["bounce_classification"] for row in DeliveryEvent.objects.all()} == {"Reputation"}
    assert closed() == []


def test_it_opens_an_address_that_took_a_message_since(hook, sent):
    blocks = [event(sent(), "bounce", type="blocked", after=n * DAY, bounce_classification="") for n in (1, 2, 3)]
    hook.post(blocks)
    assert closed()

    hook.post([event(sent(), "delivered", after=4 * DAY)])
    apply_pending()
    assert closed() == []


def test_it_leaves_closed_what_was_closed_by_hand(hook, sent, ada):
    Suppression.objects.create(email_hash=address_hash(ada.email), scope=Scope.ALL, reason=Reason.BY_HAND)
    blocks = [event(sent(), "bounce", type="blocked", after=n * DAY, bounce_classification="") for n in (1, 2, 3)]

    hook.post([*blocks, event(sent(), "delivered", after=4 * DAY)])
    apply_pending()

    assert [(scope, reason) for scope, reason, _ in closed()] == [(Scope.ALL, Reason.BY_HAND)]


def test_it_remembers_when_an_address_was_opened_by_hand(owner, client):
    row = Suppression.objects.create(email_hash=address_hash("ada@example.com"), reason=Reason.BY_HAND)
    client.force_login(owner)

    client.post(f"/admin/suppressions/delete/{row.pk}/")

    opened = Reopening.objects.get()
    assert (bytes(opened.email_hash), opened.scope) == (address_hash("ada@example.com"), Scope.LETTERS)
    assert EventReport.objects.count() == Message.objects.count() == 0
