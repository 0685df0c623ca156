"""The links in letters: a token names one message, cannot be guessed or forged, and never runs out."""

from __future__ import annotations

import base64
import binascii
import hmac
from functools import cache, lru_cache
from uuid import UUID

from django.conf import settings

from crm.mail.models import LinkKey, Message

MAC_BYTES = 8
UNSUBSCRIBE_BOX = "unsubscribe"  # the mailbox at INBOUND_HOST whose every mail asks for no more letters


@lru_cache(maxsize=2048)  # a letter has several links, and a request a thousand letters
def token_of(message_id: UUID) -> str:
    """The message's token: 32 characters that fit into an address, opaque to whoever reads them."""
    return base64.urlsafe_b64encode(message_id.bytes + _mac(message_id)).decode()


def message_of(token: str) -> Message | None:
    """The message that a link belongs to; None for a token that we did not make."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
        message_id = UUID(bytes=raw[:16])
    except (ValueError, binascii.Error):
        return None
    if not hmac.compare_digest(raw[16:], _mac(message_id)):
        return None
    known = Message.objects.select_related("content", "contact").defer("content__html", "content__text")
    return known.filter(pk=message_id).first()


def unsubscribe_url(message_id: UUID) -> str:
    """The link that takes this reader off the list; it names no address."""
    return own_links(message_id)["unsubscribe_url"]


def ways_out(message_id: UUID) -> list[str]:
    """What a mail program may do for a reader who presses its own button (RFC 2369): post, or else write to us."""
    ways = [unsubscribe_url(message_id)]
    if settings.INBOUND_HOST:
        ways.append(f"mailto:{UNSUBSCRIBE_BOX}@{settings.INBOUND_HOST}?subject={token_of(message_id)}")
    return ways


def preferences_url(message_id: UUID) -> str:
    """The link to what this reader wants to hear about."""
    return own_links(message_id)["preferences_url"]


def own_links(message_id: UUID) -> dict[str, str]:
    """The links that are one message's own, by the places they fill."""
    site, token = settings.BASE_URL, token_of(message_id)
    return {"unsubscribe_url": f"{site}/u/{token}/", "preferences_url": f"{site}/p/{token}/"}


def _mac(message_id: UUID) -> bytes:
    keyed = _keyed().copy()
    keyed.update(message_id.bytes)
    return keyed.digest()[:MAC_BYTES]


@cache
def _keyed() -> hmac.HMAC:
    """The key of this installation, ready to be used: made by a migration, and read once, for it never changes."""
    return hmac.new(bytes(LinkKey.objects.get().key), digestmod="sha256")
