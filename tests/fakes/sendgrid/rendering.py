"""What a recipient sees of a request: SendGrid puts values in place of tags, raw, in text, HTML and subject alike."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_PASSES = 4  # a value may hold a tag, whose value may hold a tag, ...


@dataclass(frozen=True)
class Seen:
    """One e-mail as it arrives."""

    to_email: str
    to_name: str
    from_email: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    parts: dict[str, str] = field(default_factory=dict)
    attachments: tuple[dict, ...] = ()


def seen(payload: dict, part: dict) -> Seen:
    """The e-mail one personalization stands for."""
    values = part.get("substitutions") or {}
    content = {item["type"]: item["value"] for item in payload.get("content", ())}
    sender, mailbox = {**payload["from"], **part.get("from", {})}, part["to"][0]
    return Seen(
        to_email=mailbox["email"],
        to_name=mailbox.get("name", ""),
        from_email=sender["email"],
        from_name=sender.get("name", ""),
        reply_to=substituted(payload.get("reply_to", {}).get("email", ""), values),
        subject=substituted(part.get("subject") or payload.get("subject", ""), values),
        text=substituted(content.get("text/plain", ""), values),
        html=substituted(content.get("text/html", ""), values),
        headers={**payload.get("headers", {}), **part.get("headers", {})},
        parts={kind: value for kind, value in content.items() if kind not in ("text/plain", "text/html")},
        attachments=tuple(payload.get("attachments", ())),
    )


def substituted(words: str, values: dict[str, str]) -> str:
    """Every tag replaced by its value, again and again while values bring new tags: as hostile as the real one may be."""
    for _ in range(MOST_PASSES):
        before = words
        for tag, value in values.items():
            words = words.replace(tag, value)
        if words == before:
            break
    return words
