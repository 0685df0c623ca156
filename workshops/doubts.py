"""What makes an answer to the registration form look wrong, in words for whoever decides. Nobody is refused for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

WEB_ADDRESS = re.compile(r"://|\bwww\.|\.(com|net|org|ru|info|biz|xyz|top|click)\b", re.IGNORECASE)
# Letters as a machine throws them: capitals again and again in the middle of one word.
THROWN = re.compile(r"(?:[a-z][A-Z]\w*?){3,}")
# Mailboxes that anybody may read and that are gone within the hour.
DISPOSABLE = re.compile(
    r"(^|[.-])(mailinator|yopmail|guerrillamail|grr|sharklasers|maildrop|getnada|nada|moakt|mohmal|emailondeck|dispostable|"
    r"mintemail|spamgourmet|mytemp|tempr|discard|spam4|burnermail|inboxkitten|mailnesia|fakeinbox|fakemail)\.|"
    r"(temp|trash|throwaway|disposable|10minute|minute|burner)-?(e?mail|inbox|box)",
    re.IGNORECASE,
)
MANY_DOTS = 5  # gmail drops the dots, so one mailbox gives a machine hundreds of addresses

TRAPPED = "Something filled in the field that people never see."
TOO_FAST = "It came quicker than anybody can type."
NEVER_SHOWN = "It came without the page having been opened within the last day."
UNREACHABLE = "No mail can reach {domain}."
FLOOD = "Too many came from one place within ten minutes."


def about_name(name: str, *, site_name: str) -> Iterator[str]:
    """What is odd about a name, on a site whose own name is written in ``site_name``'s letters."""
    if WEB_ADDRESS.search(name):
        yield "The name holds a web address."
    if THROWN.search(name):
        yield "The name looks thrown together."
    if is_foreign(name) and not is_foreign(site_name):
        yield "The name is in other letters than this site."


def about_address(email: str) -> Iterator[str]:
    """What is odd about an e-mail address."""
    mailbox, _at, domain = email.partition("@")
    if DISPOSABLE.search(domain):
        yield "The address is from a throw-away mailbox."
    if mailbox.count(".") >= MANY_DOTS:
        yield "The address is split up by dots."


def is_foreign(text: str) -> bool:
    """Is any letter of another alphabet than ours?"""
    return any(unicodedata.category(sign) in {"Lu", "Ll", "Lt", "Lo"} and not _is_latin(sign) for sign in text)


def _is_latin(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(("LATIN", "FEMININE", "MASCULINE"))
