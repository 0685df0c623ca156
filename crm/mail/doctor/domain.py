"""What the DNS says about the domain that letters come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crm.mail.doctor.case import SENDGRID, Case
from crm.mail.doctor.findings import Finding, Told, fit, unfit, unsure

AT_YOUR_HOST = "at the company that keeps your domain's DNS"
AUTHENTICATE = "Authenticate your domain at SendGrid: Settings, Sender Authentication."
SELECTORS = ("s1", "s2", "default", "dkim", "mail", "google", "selector1", "selector2", "k1", "fm1", "protonmail")
POLICIES = {"none", "quarantine", "reject"}
OF_SENDGRID = "sendgrid.net"


def spf(case: Case) -> Finding:
    """The domain names the servers that may send for it."""
    listed = _spf_at(case, case.domain)
    if len(listed) > 1:
        return unfit(
            f"{case.domain} has {len(listed)} SPF records, so receivers trust none of them.",
            f"Make one of them {AT_YOUR_HOST}, with all that they include.",
        )
    if any("+all" in record.lower().split() for record in listed):
        return unfit(
            f"The SPF record of {case.domain} allows everybody to send for it (+all).",
            f"End it with ~all {AT_YOUR_HOST}.",
        )
    if case.way == SENDGRID:
        return _spf_of_sendgrid(case, listed)
    if not listed:
        return unfit(
            f"{case.domain} has no SPF record.",
            f"Add the TXT record that your mail server's provider names, {AT_YOUR_HOST}.",
        )
    return fit(f"{case.domain} says who may send for it: {listed[0][:120]}")


def _spf_of_sendgrid(case: Case, listed: list[str]) -> Finding:
    """SendGrid sends in the name of a subdomain that is an alias of its own, so SPF stands there."""
    try:
        record = case.records.get("mail_cname") or case.records.get("subdomain_spf")
    except Told:
        if any(OF_SENDGRID in line for line in listed):
            return fit(f"{case.domain} lets SendGrid send for it.")
        raise
    if not record:
        return unfit(f"SendGrid has no domain from which it sends for {case.domain}.", AUTHENTICATE)
    if record["type"] == "cname":
        return _missing(case, [record]) or fit(
            f"Mail leaves in the name of {record['host']}, where SendGrid keeps the SPF record."
        )
    if not _spf_at(case, record["host"]):
        return unfit(f"{record['host']} has no SPF record.", f"Add the TXT record “{record['data']}” {AT_YOUR_HOST}.")
    return fit(f"{record['host']} lets SendGrid send for it.")


def dkim(case: Case) -> Finding:
    """Letters are signed, and the key to check it stands in the DNS."""
    if case.way != SENDGRID:
        return _dkim_by_guess(case)
    try:
        wanted = [record for name, record in sorted(case.records.items()) if name.startswith("dkim")]
    except Told as told:
        found = _dkim_by_guess(case)
        return found if found.verdict != told.finding.verdict else told.finding
    if not wanted:
        return unfit(f"SendGrid signs no letter in the name of {case.domain}.", AUTHENTICATE)
    if missing := _missing(case, [record for record in wanted if record["type"] == "cname"]):
        return missing
    if not any(_has_key(case, record["host"]) for record in wanted):
        return unfit(
            f"There is no DKIM key at {wanted[0]['host']}.", f"Add the records that SendGrid shows, {AT_YOUR_HOST}."
        )
    return fit(f"SendGrid signs letters in the name of {case.signed_domain['domain']}.")  # type: ignore[index]


def _dkim_by_guess(case: Case) -> Finding:
    """Which name a key stands under is only written in a letter, so try the names that most providers use."""
    for selector in SELECTORS:
        if _has_key(case, host := f"{selector}._domainkey.{case.domain}"):
            return fit(f"A DKIM key stands at {host}.")
    return unsure(
        f"No DKIM key of {case.domain} stands under a name that the doctor knows.",
        "Send a letter to yourself and look at its source: it must say dkim=pass.",
    )


def dmarc(case: Case) -> Finding:
    """The domain says what becomes of mail that only pretends to come from it; Gmail and Yahoo ask for it."""
    for name in _upward(case.domain):
        listed = [text for text in case.names.texts(f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
        if listed:
            return _judge_dmarc(case, name, listed)
    return unfit(
        f"{case.domain} has no DMARC record. Gmail and Yahoo ask for one.",
        f"Add a TXT record at _dmarc.{case.domain} with “v=DMARC1; p=none” {AT_YOUR_HOST}.",
    )


def _judge_dmarc(case: Case, name: str, listed: list[str]) -> Finding:
    asked = dict(tags(listed[0]))
    policy = asked.get("p", "")
    if len(listed) > 1 or policy not in POLICIES:
        return unfit(
            f"The DMARC record at _dmarc.{name} cannot be understood.",
            f"Leave one TXT record there, such as “v=DMARC1; p=none”, {AT_YOUR_HOST}.",
        )
    if case.way == SENDGRID and asked.get("adkim") == "s" and _signed_as(case) not in {None, case.domain}:
        return unfit(
            f"DMARC asks for signatures of exactly {case.domain}, but SendGrid signs as {_signed_as(case)}.",
            f"Authenticate {case.domain} itself at SendGrid, or take “adkim=s” out of the record at _dmarc.{name}.",
        )
    advice = "Once reports show that all your mail passes, change p=none to p=quarantine." if policy == "none" else ""
    return fit(f"DMARC is set at _dmarc.{name}, with the policy “{policy}”.", advice)


def _signed_as(case: Case) -> str | None:
    try:
        return (case.signed_domain or {}).get("domain")
    except Told:
        return None


def replies(case: Case) -> Finding:
    """Who answers a letter writes to the sender's address."""
    servers = case.names.mail_servers(case.domain)
    if servers in ([], ["."]):
        return unfit(
            f"{case.domain} takes no mail, so answers to your letters come back as undeliverable.",
            f"Set up a mailbox for {case.sender} and add the MX records its provider names, {AT_YOUR_HOST}.",
        )
    if servers[0] == f"mx.{OF_SENDGRID}":
        return unsure(
            f"All mail to {case.domain} goes to SendGrid, so no mailbox gets the answers to your letters.",
            f"Use a name of its own for inbound mail, such as in.{case.domain}, and give {case.domain} its mailbox back.",
        )
    return fit(f"Answers to {case.sender} go to {servers[0]}.")


def _spf_at(case: Case, name: str) -> list[str]:
    return [text for text in case.names.texts(name) if text.lower().split(" ")[0] == "v=spf1"]


def _missing(case: Case, records: list[dict[str, Any]]) -> Finding | None:
    """The records that SendGrid asks for and the DNS does not show, as one finding."""
    absent = [
        record for record in records if case.names.aliases(record["host"]) != [record["data"].rstrip(".").lower()]
    ]
    if not absent:
        return None
    wanted = "; ".join(f"{record['host']} to {record['data']}" for record in absent)
    return unfit(
        f"The DNS does not show {len(absent)} of the records that SendGrid asks for.",
        f"Add as CNAME {AT_YOUR_HOST}, without a proxy in front: {wanted}.",
    )


def _has_key(case: Case, host: str) -> bool:
    """A key that was withdrawn is there, but empty."""
    return any(dict(tags(text)).get("p") for text in case.names.texts(host))


def tags(record: str) -> Iterator[tuple[str, str]]:
    """The names and values of a DMARC or DKIM record, or of a signature."""
    for part in record.split(";"):
        tag, sign, value = part.partition("=")
        if sign:
            yield tag.strip().lower(), value.strip().lower()


def _upward(domain: str) -> Iterator[str]:
    """The domain, then its parents, down to two labels: a parent's policy covers what has none of its own."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        yield ".".join(labels[start:])
