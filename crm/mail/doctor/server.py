"""Knocking at a mail server: connect, TLS, login, and away again without a letter."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress

from django.conf import settings

from crm.mail.doctor.case import Case
from crm.mail.doctor.findings import Finding, fit, not_needed, unfit
from crm.mail.transports.smtp import BadAddress, Server, connected, words

SECONDS = 5


def mail_server(case: Case) -> Finding:
    return _knock("SMTP_URL", settings.SMTP_URL)


def client_server(case: Case) -> Finding:
    if not settings.CLIENT_MAIL_URL:
        return not_needed("Clients have no mail server of their own, because CLIENT_MAIL_URL is not set.")
    return _knock("CLIENT_MAIL_URL", settings.CLIENT_MAIL_URL)


def _knock(setting: str, url: str) -> Finding:
    """Say whether the server lets us in, and if not, at which step."""
    check = f"Check {setting}."
    try:
        server = Server.parse(url, setting=setting)
        link = connected(server, seconds=SECONDS)
    except BadAddress as problem:
        return unfit(str(problem), check)
    except ssl.SSLCertVerificationError as problem:
        return unfit(
            f"The certificate of {server.host} is not to be trusted: {problem.verify_message}.",
            f"{check} Use the name that the certificate was made for, or have it renewed.",
        )
    except ssl.SSLError as problem:
        return unfit(f"{server.host} speaks no TLS on port {server.port}: {problem.reason}.", check)
    except smtplib.SMTPAuthenticationError as problem:
        return unfit(f"{server.host} refused our login: {words(problem.smtp_error)}.", check)
    except smtplib.SMTPNotSupportedError:
        return unfit(
            f"{server.host} offers no encryption (STARTTLS) or no login on port {server.port}, so no letter is shown to it.",
            f"{check} Mail providers offer both on port 587, and on 465 with smtps://.",
        )
    except (OSError, smtplib.SMTPException) as problem:
        return unfit(f"{server.host} cannot be reached on port {server.port}: {problem}.", check)
    with suppress(OSError, smtplib.SMTPException):
        link.quit()
    return fit(f"{server.host} lets us in{', under TLS' if server.is_tls or server.starts_tls else ''}.")
