"""One rendered message as the bytes that travel: built here for SMTP and for the office's raw view alike.

multipart/mixed holds multipart/alternative (text, HTML, calendar last) and the files. The calendar goes twice: as an
alternative, which mail programs act on, and as invite.ics for those that look at files only.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime, formataddr

from django.core.mail import EmailMultiAlternatives

from crm.mail.render import Rendered

INVITE = "invite.ics"
INVITE_TYPE = "application/ics"


def build(rendered: Rendered, *, date: datetime | None = None) -> bytes:
    """The message in full, with CRLF line ends."""
    headers = {**rendered.headers, **({"Date": format_datetime(date)} if date else {})}
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=formataddr((rendered.from_name, rendered.from_email)),
        to=[formataddr((rendered.to_name, rendered.to_email))],
        headers=headers,
    )
    if rendered.html:
        mail.attach_alternative(rendered.html, "text/html")
    if rendered.calendar:
        mail.attach_alternative(rendered.calendar, f"text/calendar; method={rendered.calendar_method}; charset=UTF-8")
        mail.attach(INVITE, rendered.calendar.encode(), INVITE_TYPE)
    for file in rendered.attachments:
        mail.attach(file.filename, file.body, file.content_type)
    return mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own message class knows it
