from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.status import Stat

from crm.mail.models import Content, Lane, Message, MessageClass
from crm.office import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(monkeypatch):
    """A worker that reported a moment ago."""
    monkeypatch.setattr(Stat, "get_all", staticmethod(lambda *args: [object()]))


def test_it_is_green_when_all_is_well(client, worker):
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "database": "well", "worker": "well", "outbox": "well"}


def test_it_is_red_without_a_worker(client):
    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["worker"].startswith("away")


def test_it_is_red_when_mail_is_late(client, worker):
    Message.objects.create(
        dedupe_key="late",
        message_class=MessageClass.SYSTEM,
        to_email="a@example.com",
        content=Content.objects.create(subject="Late", text="Late"),
        not_before=timezone.now() - timedelta(minutes=6),
    )

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["outbox"].startswith("late: 1 ")


def test_it_counts_late_mail_only_so_far(client, worker, django_assert_max_num_queries):
    content = Content.objects.create(subject="Late", text="Late")
    same = {"message_class": MessageClass.PARTNER, "to_email": "a@example.com", "content": content}
    late = timezone.now() - timedelta(minutes=6)
    Message.objects.bulk_create(Message(dedupe_key=f"late {n}", not_before=late, **same) for n in range(1_002))

    with django_assert_max_num_queries(4):
        answer = client.get("/healthz")

    assert answer.json()["outbox"].startswith("late: more than 1,000 ")


def test_it_is_red_when_sending_has_stopped(client, worker):
    Lane.objects.create(transport="sendgrid", is_stopped=True, reason="SendGrid does not accept the key.")

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["outbox"] == "stopped: SendGrid does not accept the key."


def test_it_is_red_without_a_database(client, monkeypatch):
    def refuse():
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    monkeypatch.setattr(health.connection, "close", lambda: None)

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["database"].startswith("away")


def test_it_refuses_to_be_written_to(client):
    assert client.post("/healthz").status_code == 405
