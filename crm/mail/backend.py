from __future__ import annotations

from django.core.mail.backends.base import BaseEmailBackend


class OutboxBackend(BaseEmailBackend):
    """Django's and Wagtail's own mail (a forgotten password) leaves through the one outbox as well."""

    def send_messages(self, email_messages) -> int:
        raise NotImplementedError
