import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from crm.mail.actions import drain
from crm.mail.models import Message, MessageClass
from crm.mail.render import render

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _our_backend(settings):
    settings.EMAIL_BACKEND = "crm.mail.backend.OutboxBackend"  # pytest-django puts its own in its place


def test_it_queues_what_django_writes(practice):
    mail = EmailMultiAlternatives("Hi [[there]]", "See [[x]]", to=["Bo <bo@example.com>", "ada@example.com"])
    mail.attach_alternative("<p>[[x]]</p>", "text/html")
    mail.attach("a.txt", "words", "text/plain")

    assert mail.send() == 1
    drain()
    first, second = Message.objects.order_by("to_email")
    assert (first.to_email, second.to_email, second.to_name) == ("ada@example.com", "bo@example.com", "Bo")
    assert {first.state, second.state} == {Message.State.HANDED_OVER}
    assert first.message_class == MessageClass.SYSTEM
    rendered = render(first)
    assert (rendered.subject, rendered.text, rendered.html) == ("Hi [[there]]", "See [[x]]", "<p>[[x]]</p>")
    assert [(file.filename, file.body) for file in rendered.attachments] == [("a.txt", b"words")]


def test_it_lets_somebody_back_in_who_forgot_the_password(practice, owner):
    visitor = Client()
    visitor.post("/admin/password_reset/", {"email": owner.email})
    link = re.search(r"/admin/password_reset/confirm/\S+", render(Message.objects.get()).text).group()
    form = visitor.get(link, follow=True)
    words = {"new_password1": "a quite new password", "new_password2": "a quite new password"}
    visitor.post(form.redirect_chain[-1][0], words)

    assert visitor.login(email=owner.email, password="a quite new password")
