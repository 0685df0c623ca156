"""What must be true before this installation may start. Each refusal says what to do."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register("rapport")
def safe_to_start(app_configs, **kwargs) -> list[CheckMessage]:
    """In production (BASE_URL names a host that is not this machine) nothing unsafe may be left to a default."""
    if settings.IS_LOCAL:
        return []
    problems: list[CheckMessage] = []
    if settings.IS_SECRET_MISSING:
        problems.append(
            Error(
                "SECRET_KEY is missing.", hint="Set it to 50 random characters and keep it secret.", id="rapport.E001"
            )
        )
    elif len(settings.SECRET_KEY) < 40:
        problems.append(Error("SECRET_KEY is too short.", hint="Use 50 random characters.", id="rapport.E002"))
    if not settings.IS_HTTPS:
        problems.append(
            Error(f"BASE_URL is {settings.BASE_URL}.", hint="Serve the site on https:// only.", id="rapport.E003")
        )
    if settings.DEBUG:
        problems.append(Error("DEBUG is on.", hint="Unset DEBUG: it shows secrets to visitors.", id="rapport.E004"))
    if not settings.SENDGRID_API_KEY and not settings.SMTP_URL:
        problems.append(
            Warning(
                "No mail leaves: neither SENDGRID_API_KEY nor SMTP_URL is set.",
                hint="Until one is, letters are kept in the office's outbox only.",
                id="rapport.W001",
            )
        )
    return problems
