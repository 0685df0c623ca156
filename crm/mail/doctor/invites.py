"""From which address calendar invites leave, and whether it is fit to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings

from crm.mail.doctor import domain, provider
from crm.mail.doctor.case import SENDGRID, Case
from crm.mail.doctor.findings import Finding, Told, Verdict, fit, not_needed, unfit
from crm.mail.doctor.webhooks import AT_PARSE, goes_elsewhere
from crm.mail.letterheads import invites_address

LIKED = "Calendars trust an invite most that comes from where they answer"


def sender(case: Case) -> Finding:
    """Sender and organizer of an invite are best one address: at a host that may send, and whose mail comes in here."""
    address = invites_address()
    if not address:
        return _without_a_host(case)
    trouble = next(_troubles(case.sending_from(address)), None)
    if not settings.INVITES_FROM_INBOUND:
        return _might_leave(case, address, trouble)
    if trouble is None:
        return fit(f"Invites leave from {address}, where calendars answer them.")
    advice = f"{trouble.what_to_do} Until then unset INVITES_FROM_INBOUND."
    return replace(trouble, sentence=f"Invites leave from {address}, but: {trouble.sentence}", what_to_do=advice)


def _without_a_host(case: Case) -> Finding:
    if settings.INVITES_FROM_INBOUND:
        return unfit(
            "INVITES_FROM_INBOUND is set, but no host whose mail comes in here, so invites leave as if it were not.",
            "Set INBOUND_HOST too, or unset INVITES_FROM_INBOUND.",
        )
    return not_needed(f"Invites leave from {case.sender}, and calendars answer there.")


def _might_leave(case: Case, address: str, trouble: Finding | None) -> Finding:
    now = f"Invites leave from {case.sender}, while calendars answer to {address}"
    if trouble is None:
        return fit(f"{now}. That host may send too.", f"{LIKED}: set INVITES_FROM_INBOUND=1.")
    return fit(
        f"{now}, because it is not sure that this host may send: {trouble.sentence}",
        f"{LIKED}. If you like: {trouble.what_to_do} Then set INVITES_FROM_INBOUND=1.",
    )


def _troubles(host: Case) -> Iterator[Finding]:
    """Whatever keeps this host from sending and being answered, the first thing first."""
    checks = [domain.spf, domain.dkim, domain.dmarc, _comes_in]
    for check in [provider.sender, *checks, provider.trial_letter] if host.way == SENDGRID else checks:
        try:
            found = check(host)
        except Told as told:
            found = told.finding
        if found.verdict != Verdict.FIT:
            yield found


def _comes_in(host: Case) -> Finding:
    """Does somebody hear the answers?"""
    if not settings.SENDGRID_INBOUND_KEY:
        return unfit(
            f"Mail to {host.domain} is turned away, because SENDGRID_INBOUND_KEY is not set.",
            f"Set it to the key that signs what comes in, {AT_PARSE}.",
        )
    return goes_elsewhere(host, host.domain) or fit(f"Mail to {host.domain} comes in here.")
