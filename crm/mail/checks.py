"""What must be right about sending before this installation starts."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from crm.mail.transports.smtp import BadAddress, Server


@register("rapport")
def mail_server_is_an_address(app_configs, **kwargs) -> list[CheckMessage]:
    """An SMTP_URL that cannot be read stops the start, not the first letter."""
    try:
        if settings.SMTP_URL:
            Server.parse(settings.SMTP_URL)
    except BadAddress as problem:
        return [Error(str(problem), hint="Mend SMTP_URL, or unset it to keep mail in the outbox.", id="rapport.E010")]
    return []
