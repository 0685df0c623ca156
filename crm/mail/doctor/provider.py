"""What SendGrid says about the key, the sender and the account, and whether it would take a letter."""

from __future__ import annotations

from crm.mail.doctor.account import FORBIDDEN, KEY_UNKNOWN, rows, said
from crm.mail.doctor.case import Case
from crm.mail.doctor.domain import AUTHENTICATE
from crm.mail.doctor.findings import Finding, fit, unfit, unsure
from crm.mail.models import Batch, Content, Message, MessageClass
from crm.mail.transports.outcome import Written
from crm.mail.transports.payload import shared_payload

SEND, RULE_ALL = "mail.send", "api_keys.create"
LOOK_AT_SENDERS = "Look under Settings, Sender Authentication at SendGrid whether your address is verified."
LOOK_AT_TRACKING = "Look under Settings, Tracking at SendGrid: all of it must be off."


def key(case: Case) -> Finding:
    """The key may send; it need not be able to do much else."""
    answer = case.account.read("/v3/scopes", by_hand="Look under Settings, API Keys whether the key may send mail.")
    scopes = answer.get("scopes") or [] if isinstance(answer, dict) else []
    if SEND not in scopes:
        return unfit(
            "The API key may not send mail.", "Give it the right “Mail Send” under Settings, API Keys at SendGrid."
        )
    if RULE_ALL in scopes:
        return fit(
            "The API key may send mail.",
            "It may do everything else too. A key that may send and read, and no more, does less harm in wrong hands.",
        )
    return fit("The API key may send mail.")


def sender(case: Case) -> Finding:
    """SendGrid sends for a domain or an address only once its owner has said so."""
    entry = case.signed_domain
    if entry and entry.get("valid"):
        return fit(f"SendGrid may send for {entry['domain']}.")
    if entry:
        absent = ", ".join(record["host"] for record in case.records.values() if not record.get("valid"))
        return unfit(
            f"{entry['domain']} is entered at SendGrid, but not verified yet.",
            f"Add its records to the DNS ({absent or 'as SendGrid shows them'}), then press Verify at SendGrid.",
        )
    return _single_sender(case)


def _single_sender(case: Case) -> Finding:
    answer = case.account.read("/v3/verified_senders", by_hand=LOOK_AT_SENDERS)
    ours = [entry for entry in rows(answer, "results") if str(entry.get("from_email")).lower() == case.sender]
    if any(entry.get("verified") for entry in ours):
        return fit(f"SendGrid may send for {case.sender}, but not yet for its whole domain.", AUTHENTICATE)
    if ours:
        return unfit(
            f"{case.sender} is entered at SendGrid, but not verified yet.",
            "Open the e-mail that SendGrid sent there and press its button; better, authenticate the whole domain.",
        )
    return unfit(f"SendGrid may not send for {case.domain}.", AUTHENTICATE)


def tracking(case: Case) -> Finding:
    """Our letters track nobody. Each one says so, and the account should say it too."""
    answer = case.account.read("/v3/tracking_settings", by_hand=LOOK_AT_TRACKING)
    on = [str(entry.get("title") or entry.get("name")) for entry in rows(answer, "result") if entry.get("enabled")]
    if on:
        return unfit(
            f"SendGrid is set to follow readers: {', '.join(on)}.",
            "Switch all of it off under Settings, Tracking at SendGrid.",
        )
    return fit("SendGrid follows no reader.")


def trial_letter(case: Case) -> Finding:
    """A whole letter, posted as any other is, but for one word that makes SendGrid check it and throw it away."""
    written = _letter(case)
    if written.faults:
        return unfit(f"No letter can be written: {' '.join(written.faults.values())}", "Mend the practice profile.")
    sandbox = {"mail_settings": {"sandbox_mode": {"enable": True}}}
    status, answer = case.account.post("/v3/mail/send", {**written.body, **sandbox})
    if status == 200:
        return fit("SendGrid takes a trial letter. It was checked and thrown away, not sent.")
    if status == 401:
        return KEY_UNKNOWN
    if status in {400, FORBIDDEN}:
        return unfit(
            f"SendGrid refuses a trial letter: {said(answer)}", "Mend what it names, then run the doctor again."
        )
    return unsure(f"SendGrid answered {status} to a trial letter: {said(answer)}", "Run the doctor again later.")


def _letter(case: Case) -> Written:
    """A letter to ourselves with everything that letters have; nothing of it is kept."""
    content = Content(
        subject="A trial, [[first_name|you]]",
        html='<p>A trial, [[first_name|you]]. <a href="[[unsubscribe_url]]">Unsubscribe</a></p>',
        text="A trial, [[first_name|you]].\n\n[[unsubscribe_url]]",
    )
    letter = Message(
        message_class=MessageClass.PARTNER, to_email=case.sender, to_name=case.practice.name, content=content
    )
    return shared_payload(Batch(), [letter], content=content, practice=case.practice)
