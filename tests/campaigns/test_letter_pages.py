"""A letter is tested by sending it to oneself, and to nobody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crm.mail.models import Message
from tests.campaigns.conftest import write_letter

pytestmark = pytest.mark.django_db


def test_it_sends_a_test_to_oneself_only(client, owner, letter):
    client.force_login(owner)

    client.post(reverse("letters:test", args=[letter.pk]))
    client.post(reverse("letters:test", args=[letter.pk]))

    messages = list(Message.objects.all())
    assert len(messages) == 2
    assert {message.to_email for message in messages} == {owner.email}
    assert messages[0].content.subject == "Test: Spring at the studio"
    assert messages[0].message_class == "system"


def test_it_tests_the_draft_that_is_being_written(client, owner, letter):
    letter.subject = "Not yet published"
    letter.save_revision()
    client.force_login(owner)

    client.post(reverse("letters:test", args=[letter.pk]))

    assert Message.objects.get().content.subject == "Test: Not yet published"


def test_it_does_not_send_a_test_that_nobody_could_read(client, owner, practice):
    letter = write_letter(subject="Hi [[nickname]]")
    client.force_login(owner)

    page = client.post(reverse("letters:test", args=[letter.pk]), follow=True)

    assert "Nothing is known for the place [[nickname]]" in page.content.decode()
    assert not Message.objects.exists()
