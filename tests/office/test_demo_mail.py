"""The demo's mail is of the past, whatever the hour at which the demo is loaded."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from crm.mail.actions import queue
from crm.mail.models import Content, Message, MessageClass
from crm.office.demo import post

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 3, tzinfo=UTC)  # ten in the evening in Toronto


@time_machine.travel(NIGHT, tick=False)
def test_it_is_kept_at_its_own_hour_when_loaded_at_night(practice, physician):
    at = timezone.now() - timedelta(days=3, hours=8)
    content = Content.objects.create(subject="Tomorrow", text="Bring a mat.", by_day_in="America/Toronto")
    message = queue(
        physician.roles.get().contact,
        message_class=MessageClass.TRANSACTIONAL,
        dedupe_key="reminder",
        content=content,
        expires_at=NIGHT + timedelta(hours=2),
    )
    post.keep(Message.objects.all(), at=at)

    message.refresh_from_db()
    content.refresh_from_db()
    assert (message.state, message.reason) == (Message.State.HANDED_OVER, "")
    assert message.not_before == at
    assert message.expires_at == NIGHT + timedelta(hours=2)
    assert content.by_day_in == "America/Toronto"
