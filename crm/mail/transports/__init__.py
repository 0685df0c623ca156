"""The ways out of this machine, and the one place where the way is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from crm.mail.models import MessageClass
from crm.mail.transports.local import LocalTransport
from crm.mail.transports.outcome import Transport
from crm.mail.transports.sendgrid import SendGridTransport
from crm.mail.transports.smtp import SmtpTransport

ALL = tuple(MessageClass)


@dataclass(frozen=True)
class Way:
    """A transport, and the classes of message that go by it."""

    transport: Transport
    classes: tuple[MessageClass, ...] = ALL


def chosen() -> Transport:
    """SendGrid where there is a key, else SMTP where there is an address, else nothing leaves this machine."""
    if settings.SENDGRID_API_KEY:
        return SendGridTransport(settings.SENDGRID_API_URL, key=settings.SENDGRID_API_KEY)
    if settings.SMTP_URL:
        return SmtpTransport(settings.SMTP_URL)
    return LocalTransport()


def ways() -> list[Way]:
    """Every way that is set up. Care letters have their own where CLIENT_MAIL_URL names one."""
    if not settings.CLIENT_MAIL_URL:
        return [Way(chosen())]
    client = SmtpTransport(settings.CLIENT_MAIL_URL, name="client")
    others = tuple(name for name in ALL if name != MessageClass.CARE)
    return [Way(chosen(), others), Way(client, (MessageClass.CARE,))]
