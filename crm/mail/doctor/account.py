"""Questions to SendGrid's API about the account: read only, but for the one post that sends nothing."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from crm.mail.doctor.findings import Told, unfit, unsure

SECONDS = 5
FORBIDDEN = 403
MOST_BYTES = 1_000_000
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
KEY_UNKNOWN = unfit(
    "SendGrid does not know the API key.", "Make a new one under Settings, API Keys, and put it into SENDGRID_API_KEY."
)


@dataclass
class Account:
    """One examination's view of the account: nothing is asked twice, and silence is not waited for again."""

    known: dict[str, Any] = field(default_factory=dict)
    is_silent: bool = False

    def read(self, address: str, *, by_hand: str) -> Any:
        """What SendGrid knows at this address; where the key has no right to it, say what to look at by hand."""
        if address not in self.known:
            self.known[address] = self._call("GET", address)
        status, answer = self.known[address]
        if status == FORBIDDEN:
            raise Told(unsure("The API key has no right to read this, so the doctor cannot see it.", by_hand))
        if status == 401:
            raise Told(KEY_UNKNOWN)
        if status != 200:
            raise Told(unsure(f"SendGrid answered {status}: {said(answer)}", "Run the doctor again later."))
        return answer

    def post(self, address: str, body: dict) -> tuple[int, Any]:
        """Post it once, and return the status and what was said."""
        return self._call("POST", address, body)

    def _call(self, method: str, address: str, body: dict | None = None) -> tuple[int, Any]:
        if self.is_silent:
            raise _no_answer()
        headers, link = _headers(), _link()
        try:
            link.request(method, f"{_url().path}{address}", _bytes(body), headers)
            response = link.getresponse()
            return response.status, _parsed(response.read(MOST_BYTES))
        except ssl.SSLCertVerificationError as problem:
            raise Told(
                unfit(
                    f"The certificate of {_url().hostname} is not to be trusted: {problem.verify_message}.",
                    "Check SENDGRID_API_URL, and whether something in your network stands in between.",
                )
            ) from problem
        except (OSError, http.client.HTTPException) as problem:
            self.is_silent = True
            raise _no_answer() from problem
        finally:
            link.close()


def rows(answer: Any, *path: str) -> list[dict[str, Any]]:
    """The list of objects in an answer, or under a name in it; whatever else may stand there is left out."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []


def said(answer: Any) -> str:
    """SendGrid's own words, on one line."""
    words = [str(error.get("message") or "") for error in rows(answer, "errors")]
    return " ".join("; ".join(filter(None, words)).split())[:200].rstrip(".") + "." if any(words) else "no words."


def _link() -> http.client.HTTPConnection:
    url = _url()
    if url.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=SECONDS, context=context)
    return http.client.HTTPConnection(url.hostname or "", url.port, timeout=SECONDS)


def _url() -> SplitResult:
    """Where SendGrid is. The key is shown to nobody over a line that others can listen to."""
    try:
        url = urlsplit(settings.SENDGRID_API_URL)
        is_private = url.scheme == "https" or (url.scheme == "http" and url.hostname in THIS_MACHINE)
        is_right = is_private and bool(url.hostname) and url.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise Told(
            unfit("SENDGRID_API_URL is not an address of SendGrid's.", "Unset it, or write https:// and a host.")
        )
    return url


def _headers() -> dict[str, str]:
    if not settings.SENDGRID_API_KEY.isprintable() or not settings.SENDGRID_API_KEY.isascii():
        raise Told(unfit("SENDGRID_API_KEY holds signs that no key has.", "Copy the key again, on one line."))
    return {"Authorization": f"Bearer {settings.SENDGRID_API_KEY}", "Content-Type": "application/json"}


def _bytes(body: dict | None) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def _parsed(answer: bytes) -> Any:
    try:
        return json.loads(answer or b"{}")
    except ValueError:
        return {}


def _no_answer() -> Told:
    return Told(
        unsure(
            "SendGrid did not answer.",
            "Look whether this machine reaches the internet and SENDGRID_API_URL is right, then run the doctor again.",
        )
    )
