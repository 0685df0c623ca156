"""The ways out of this machine, and the one place where the way is chosen."""

from __future__ import annotations

from django.conf import settings

from crm.mail.transports.local import LocalTransport
from crm.mail.transports.outcome import Transport
from crm.mail.transports.sendgrid import SendGridTransport
from crm.mail.transports.smtp import SmtpTransport


def chosen() -> Transport:
    """SendGrid where there is a key, else SMTP where there is an address, else nothing leaves this machine."""
    if settings.SENDGRID_API_KEY:
        return SendGridTransport(settings.SENDGRID_API_URL, key=settings.SENDGRID_API_KEY)
    if settings.SMTP_URL:
        return SmtpTransport(settings.SMTP_URL)
    return LocalTransport()
