"""What must be right about sending before this installation starts."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from crm.mail.keys import BadKey, public_keys
from crm.mail.transports.smtp import BadAddress, Server


@register("rapport")
def mail_server_is_an_address(app_configs, **kwargs) -> list[CheckMessage]:
    """An address that cannot be read stops the start, not the first letter."""
    problems: list[CheckMessage] = []
    for setting, number in (("SMTP_URL", "E010"), ("CLIENT_MAIL_URL", "E013")):
        try:
            if url := getattr(settings, setting):
                Server.parse(url, setting=setting)
        except BadAddress as problem:
            problems.append(Error(str(problem), hint=f"Mend {setting}, or unset it.", id=f"rapport.{number}"))
    return problems


@register("rapport")
def webhook_keys_can_be_read(app_configs, **kwargs) -> list[CheckMessage]:
    """A key that cannot be read stops the start: with it every report and every mail would be turned away."""
    problems: list[CheckMessage] = []
    for setting, number in (("SENDGRID_WEBHOOK_KEY", "E011"), ("SENDGRID_INBOUND_KEY", "E012")):
        try:
            public_keys(getattr(settings, setting), setting=setting)
        except BadKey as problem:
            hint = "Copy the key from SendGrid again, on one line; two keys with a comma between them."
            problems.append(Error(str(problem), hint=hint, id=f"rapport.{number}"))
    return problems
