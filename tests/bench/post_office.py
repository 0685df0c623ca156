"""django-post_office at its best tuning, in a process, with settings and in a database of its own.

Its best of all that was tried: a template that is rendered at delivery, a batch as large as the queue, four processes
with five threads, each with a connection it keeps, and no log lines.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.mail.backends.base import BaseEmailBackend

PROCESSES, THREADS = 4, 5
RECIPIENTS = 10_000
HERE = "tests.bench.post_office"


class OneEach(BaseEmailBackend):
    """SendGrid's API as such a queue can use it: one request for each message, over a connection that is kept."""

    threads = threading.local()

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        from django.conf import settings

        for message in email_messages:
            body = {
                "personalizations": [{"to": [{"email": message.to[0]}], "custom_args": {"rapport_message": message.to[0]}}],
                "from": {"email": message.from_email},
                "subject": message.subject,
                "content": [
                    {"type": "text/plain", "value": message.body},
                    {"type": "text/html", "value": message.alternatives[0][0]},
                ],
                "headers": message.extra_headers,
            }  # fmt: skip
            self._post(settings.SINK, json.dumps(body, separators=(",", ":")).encode())
        return len(email_messages)

    def _post(self, url: str, body: bytes) -> None:
        if not hasattr(self.threads, "link"):
            self.threads.link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        link = self.threads.link
        link.request("POST", "/v3/mail/send", body, {"Authorization": "Bearer SG.fake"})
        answer = link.getresponse()
        answer.read()
        assert answer.status == 202, answer.status


def prepare(database: dict[str, Any], *, sink: str, words: dict[str, str], way: str) -> Any:
    """Set it up in this process and make its tables; return the work to time, which returns the seconds it took."""
    _configure(database, sink, way)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return lambda: _send(words)


def _configure(database: dict[str, Any], sink: str, way: str) -> None:
    from django.conf import settings

    where = urlsplit(sink)
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        SECRET_KEY="for nobody",
        USE_TZ=True,
        SINK=sink,
        EMAIL_HOST=where.hostname,
        EMAIL_PORT=where.port,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend" if way == "smtp" else f"{HERE}.OneEach"},
            "BATCH_SIZE": RECIPIENTS,
            "THREADS_PER_PROCESS": THREADS,
            "LOG_LEVEL": 0,
            "CACHE": True,
        },
    )  # fmt: skip


def _send(words: dict[str, str]) -> float:
    import logging

    from django.db import connection
    from post_office import mail
    from post_office.models import STATUS, Email, EmailTemplate

    logging.disable(logging.INFO)
    Email.objects.all().delete()
    template, _made = EmailTemplate.objects.update_or_create(
        name="letter",
        defaults={"subject": words["subject"], "content": words["text"], "html_content": words["html"]},
    )
    start = time.perf_counter()
    mail.send_many([_message(number, template) for number in range(RECIPIENTS)])
    sent, failed, requeued = mail.send_queued(processes=PROCESSES)
    spent = time.perf_counter() - start
    assert (sent, failed, requeued) == (RECIPIENTS, 0, 0), f"{sent} sent, {failed} failed."
    connection.close()  # its processes have inherited it, and closed it
    assert Email.objects.filter(status=STATUS.sent).count() == RECIPIENTS
    return spent


def _message(number: int, template: Any) -> dict[str, Any]:
    link = f"<https://localhost/u/{number:032x}/>"
    return {
        "recipients": [f"person{number}@example.com"],
        "sender": "hello@example.com",
        "template": template,
        "context": {"first_name": "Person", "partner": "Cedar Gym 1", "unsubscribe_url": link[1:-1]},
        "headers": {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "render_on_delivery": True,
    }


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    print(prepare(told.pop("database"), **told)())
