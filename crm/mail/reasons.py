"""What a mail server's refusal means, and what to do about it.

Servers say why in a code of RFC 3463, such as 5.1.1, and in words of their own. The code is trusted first; many servers
send none, or the wrong one, so common words are known as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY = re.compile(r"\b([45]\d\d)\b")


@dataclass(frozen=True)
class Explanation:
    """One cause in plain words."""

    means: str
    do: str


NO_SUCH_PERSON = Explanation("There is no such mailbox.", "Look for a typing mistake, or ask for the new address.")
NO_SUCH_DOMAIN = Explanation(
    "The part after the @ receives no mail.", "Look for a typing mistake in it, or ask for the new address."
)
MAILBOX_OFF = Explanation("The mailbox exists and is switched off.", "Ask for an address that is read.")
MAILBOX_FULL = Explanation(
    "Their mailbox is full.", "Nothing is wrong with the address. Call them, or write again in a week."
)
TOO_LARGE = Explanation("The message was too large for them.", "Send it with smaller files, or as a link.")
NOT_TRUSTED = Explanation(
    "Their server wants proof that the mail is yours: SPF, DKIM or DMARC is missing or does not match.",
    "Ask the doctor what is missing in your domain's DNS.",
)
LISTED = Explanation(
    "The sending server stands on a block list that they ask.",
    "It is mostly the provider's server, not you. If it goes on for days, tell the provider's support.",
)
LOOKS_LIKE_SPAM = Explanation(
    "Their spam filter turned it away.", "Ask them to add your address to their contacts. Look at the letter's wording."
)
TOO_MANY = Explanation("Their server takes only so many messages at a time.", "Nothing. The provider tries again.")
NOT_NOW = Explanation("Their server could not take it just then.", "Nothing. The provider tries again for three days.")
POLICY = Explanation(
    "Their server refuses it by a rule of its own.",
    "Call them: often only their own IT can let your address through.",
)
RELAY = Explanation(
    "Their server does not take mail for this address.", "Look for a typing mistake, or ask for the new address."
)
ON_BOUNCE_LIST = Explanation(
    "SendGrid remembers that this address bounced before, so it did not even try.",
    "Get the new address. If this one works again, remove it from the bounces in SendGrid's suppressions.",
)
ON_SPAM_LIST = Explanation(
    "SendGrid remembers that they marked your mail as spam, so it did not even try.",
    "Do not write to them by e-mail. Call, if they are a partner.",
)
ON_OPT_OUT_LIST = Explanation(
    "SendGrid has them as unsubscribed, so it did not even try.",
    "If they want your mail again, remove them from the unsubscribes in SendGrid's suppressions.",
)
INVALID = Explanation("SendGrid does not take this for an address.", "Look for a typing mistake.")
EXPIRED = Explanation(
    "Their server could not be reached for three days.", "Look for a typing mistake after the @, or call them."
)

BY_CODE = {
    **dict.fromkeys(("1.1", "1.0", "1.6"), NO_SUCH_PERSON),
    **dict.fromkeys(("1.2", "1.10", "4.4"), NO_SUCH_DOMAIN),
    "1.3": INVALID,
    "2.1": MAILBOX_OFF,
    "2.2": MAILBOX_FULL,
    **dict.fromkeys(("2.3", "3.4"), TOO_LARGE),
    "4.7": EXPIRED,
    **dict.fromkeys(("7.9", "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27", "7.515"), NOT_TRUSTED),
    **dict.fromkeys(("7.28", "4.5", "3.2"), TOO_MANY),
}
BY_WORDS = (
    (r"bounced address", ON_BOUNCE_LIST),
    (r"spam report(ing|ed)? address", ON_SPAM_LIST),
    (r"unsubscribed address|group unsubscribe", ON_OPT_OUT_LIST),
    (r"invalid (smtpapi|email|address)|invalid$", INVALID),
    (r"gr[ea]ylist", TOO_MANY),
    (r"unable to (get mx|connect|resolve)|time(d)? ?out|no route", EXPIRED),
    (r"(mailbox|quota|inbox|storage)[^.]{0,40}(full|exceeded|over)|over ?quota|quota exceeded", MAILBOX_FULL),
    (
        r"(user|mailbox|recipient|address|account)[^.]{0,60}(unknown|not found|does ?n[o']t exist|invalid|unavailable|rejected)"
        r"|no such (user|mailbox|recipient|person)|unknown (user|mailbox|recipient)|could ?n[o']t be found",
        NO_SUCH_PERSON,
    ),
    (r"disabled|inactive|suspended|deactivated", MAILBOX_OFF),
    (r"domain[^.]{0,40}(not found|does ?n[o']t exist)|nxdomain|no mx|host (unknown|not found)|unrouteable", NO_SUCH_DOMAIN),
    (r"\b(spf|dkim|dmarc)\b|unauthenticated|not authenticated|reverse dns|\bptr\b", NOT_TRUSTED),
    (r"blocklist|blacklist|block ?list|spamhaus|barracuda|\brbl\b|dnsbl|poor reputation|listed", LISTED),
    (r"spam|unsolicited|content rejected|junk|phish", LOOKS_LIKE_SPAM),
    (r"too (large|big)|size limit|exceeds[^.]{0,20}size", TOO_LARGE),
    (r"relay", RELAY),
    (r"rate limit|too many|throttl|try again|temporar", TOO_MANY),
    (r"expired|connection", EXPIRED),
)  # fmt: skip


def explain(reason: str) -> Explanation | None:
    """What this refusal means; None where nothing is known about it, and the server's own words have to do."""
    by_code = _by_code(reason)
    if by_code:
        return by_code
    words = reason.lower()
    for pattern, explanation in BY_WORDS:
        if re.search(pattern, words):
            return explanation
    reply = REPLY.search(reason)
    if reply is None:
        return None
    return NOT_NOW if reply[1].startswith("4") else POLICY


def _by_code(reason: str) -> Explanation | None:
    """By the enhanced code. Those that many servers use for anything at all are left to the words."""
    found = CODE.search(reason)
    return BY_CODE.get(f"{int(found[2])}.{int(found[3])}") if found else None
