"""What SendGrid posts to us: what became of letters, and mail that comes in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from crm.mail.doctor.account import rows
from crm.mail.doctor.case import Case
from crm.mail.doctor.findings import Finding, fit, not_needed, unfit
from crm.mail.history import moment
from crm.mail.keys import BadKey, public_keys
from crm.mail.models import Batch, EventReport

# SendGrid's name of each report that we live by, and what the office calls it.
NEEDED = {
    "processed": "Processed",
    "deferred": "Deferred",
    "delivered": "Delivered",
    "bounce": "Bounced",
    "dropped": "Dropped",
    "spam_report": "Spam reports",
}
EVENTS, INBOUND = "/mail/events/", "/mail/inbound/"
PATIENCE = timedelta(hours=1)  # reports mostly come within a minute, and sometimes half an hour late
AT_WEBHOOKS = "under Settings, Mail Settings, Event Webhooks at SendGrid"
AT_PARSE = "under Settings, Inbound Parse at SendGrid"
TAKES_MAIL_IN = "mx.sendgrid.net"


def event_key(case: Case) -> Finding:
    """Only what SendGrid has signed is believed."""
    return _key("SENDGRID_WEBHOOK_KEY", settings.SENDGRID_WEBHOOK_KEY) or unfit(
        "SENDGRID_WEBHOOK_KEY is not set, so nobody learns what became of a letter.",
        f"Switch signature verification on {AT_WEBHOOKS}, and put the public key it shows into SENDGRID_WEBHOOK_KEY.",
    )


def event_webhook(case: Case) -> Finding:
    """SendGrid tells our address all that we need to know, and signs it."""
    address = f"{settings.BASE_URL}{EVENTS}"
    answer = case.account.read(
        "/v3/user/webhooks/event/settings/all", by_hand=f"Look {AT_WEBHOOKS} whether one leads to {address}."
    )
    hooks = [hook for hook in rows(answer, "webhooks") if hook.get("url")]
    ours = next((hook for hook in hooks if hook["url"] == address), None)
    if ours is None:
        elsewhere = f" It leads to {hooks[0]['url']}." if hooks else ""
        return unfit(f"No event webhook leads to {address}.{elsewhere}", f"Make one {AT_WEBHOOKS}.")
    if wrong := _wrong_with(ours):
        return unfit(f"The event webhook is there, but {' and '.join(wrong)}.", f"Mend it {AT_WEBHOOKS}.")
    return fit(f"SendGrid reports to {address}, signed.")


def _wrong_with(hook: dict[str, Any]) -> list[str]:
    missing = [label for name, label in NEEDED.items() if not hook.get(name)]
    return [
        *([] if hook.get("enabled") else ["it is switched off"]),
        *([] if hook.get("public_key") else ["its posts are not signed"]),
        *(["its key is not the one in SENDGRID_WEBHOOK_KEY"] if hook.get("public_key") and not _is_ours(hook) else []),
        *([f"it leaves out {', '.join(missing)}"] if missing else []),
    ]


def _is_ours(hook: dict[str, Any]) -> bool:
    try:
        theirs = public_keys(str(hook["public_key"]), setting="The webhook's key")
        ours = public_keys(settings.SENDGRID_WEBHOOK_KEY, setting="SENDGRID_WEBHOOK_KEY")
    except BadKey:
        return False
    return any(key.public_numbers() == theirs[0].public_numbers() for key in ours)


def last_report(case: Case) -> Finding:
    """Where letters have left, reports must have come since."""
    taken = Batch.objects.filter(transport=case.way, outcome=Batch.Outcome.ACCEPTED)
    sent = taken.aggregate(at=Max("answered_at", filter=Q(answered_at__lt=timezone.now() - PATIENCE)))["at"]
    heard = EventReport.objects.aggregate(at=Max("received_at"))["at"]
    if sent and not (heard and heard >= sent):
        return unfit(
            f"SendGrid took letters, {moment(sent)}, and has reported nothing since.",
            f"Look {AT_WEBHOOKS} whether the webhook is on, and whether anything keeps posts from {EVENTS}.",
        )
    if heard:
        return fit(f"The last report came {moment(heard)}.")
    return not_needed(
        "No letter has left through SendGrid yet, so there is nothing to report.", "Write one to yourself."
    )


def inbound_key(case: Case) -> Finding:
    """Who offers an unsubscribe by mail must be able to hear it."""
    if found := _key("SENDGRID_INBOUND_KEY", settings.SENDGRID_INBOUND_KEY):
        return found
    if settings.INBOUND_HOST:
        return unfit(
            f"Letters offer an unsubscribe by mail to {settings.INBOUND_HOST}, but without SENDGRID_INBOUND_KEY nobody "
            "hears it.",
            "Have SendGrid sign what comes in and set its key, as the handbook shows, or unset INBOUND_HOST.",
        )
    return not_needed("SENDGRID_INBOUND_KEY is not set, so no mail comes in here. Answers go to your mailbox.")


def inbound_mail(case: Case) -> Finding:
    """Mail to a name of its own is handed to us whole."""
    address = f"{settings.BASE_URL}{INBOUND}"
    if not settings.SENDGRID_INBOUND_KEY:
        return not_needed("No mail comes in here, because SENDGRID_INBOUND_KEY is not set.")
    answer = case.account.read(
        "/v3/user/webhooks/parse/settings", by_hand=f"Look {AT_PARSE} whether a host leads to {address}."
    )
    ours = [row for row in rows(answer, "result") if row.get("url") == address and row.get("hostname")]
    ours.sort(key=lambda row: row["hostname"] != settings.INBOUND_HOST)
    if not ours:
        return unfit(f"No host's mail is handed to {address}.", f"Add one {AT_PARSE}.")
    return _wrong_with_host(case, ours[0]) or fit(
        f"Mail to {ours[0]['hostname']} comes in here.",
        ""
        if settings.INBOUND_HOST
        else f"Set INBOUND_HOST={ours[0]['hostname']}, so that letters offer an unsubscribe by mail.",
    )


def _wrong_with_host(case: Case, host: dict[str, Any]) -> Finding | None:
    name = host["hostname"]
    if settings.INBOUND_HOST and name != settings.INBOUND_HOST:
        return unfit(
            f"INBOUND_HOST is {settings.INBOUND_HOST}, but what is handed in here is mail to {name}.",
            f"Set INBOUND_HOST to {name}, or mend the host {AT_PARSE}.",
        )
    if not host.get("send_raw"):
        return unfit(
            f"Mail to {name} comes in taken apart, so files that came with it are lost.",
            f"Tick “POST the raw, full MIME message” {AT_PARSE}.",
        )
    if "security_policy" in host and not host["security_policy"]:
        return unfit(
            f"SendGrid does not sign the mail to {name}, so all of it is turned away.",
            "Attach a security policy with a signature, as the handbook shows.",
        )
    return goes_elsewhere(case, name)


def goes_elsewhere(case: Case, host: str) -> Finding | None:
    """Does the DNS send mail to this host anywhere but to SendGrid?"""
    if case.names.mail_servers(host)[:1] == [TAKES_MAIL_IN]:
        return None
    return unfit(
        f"Mail to {host} does not go to SendGrid.",
        f"Add an MX record for {host} with the priority 10 and the host {TAKES_MAIL_IN} to your DNS.",
    )


def _key(setting: str, value: str) -> Finding | None:
    try:
        keys = public_keys(value, setting=setting)
    except BadKey as problem:
        return unfit(str(problem), "Copy it again from SendGrid, all of it, on one line.")
    if len(keys) == 1:
        return fit(f"{setting} holds a key.")
    return (
        fit(f"{setting} holds two keys.", "Take the old one out once SendGrid signs with the new one.")
        if keys
        else None
    )
