"""Keeps machines out of the public forms without asking people anything: a trap, a clock and a counter."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils import timezone

from crm.people.composed import prepared
from crm.people.models import Tally

SALT = "public-form"
AT_LEAST_SECONDS = 2
AT_MOST_SECONDS = 4 * 3600
WINDOW = timedelta(minutes=10)
PER_NETWORK = 60  # a full room may sign up over one wireless network
PER_ADDRESS = 5

COUNTED = """
    INSERT INTO people_tally (name, count, until) SELECT name, 1, %s FROM unnest(%s::text[]) AS name
    ON CONFLICT (name) DO UPDATE SET
        count = CASE WHEN people_tally.until <= %s THEN 1 ELSE people_tally.count + 1 END,
        until = CASE WHEN people_tally.until <= %s THEN EXCLUDED.until ELSE people_tally.until END
    RETURNING name, count
"""

TOO_FAST = "That was quicker than anybody can type. Please send the form once more."
TOO_OLD = "This page was open for a long time. Please send the form once more."
TOO_MANY = "We received many answers from you in a short time. Please wait ten minutes, or call us."


def new_stamp() -> str:
    """When the form was shown, signed: what a person's answer brings back and a machine's replay does not."""
    return signing.TimestampSigner(salt=SALT).sign("shown")


class GuardedForm(forms.Form):
    """A public form. The field ``website`` is a trap that people never see; ``shown_at`` is when they got the form.

    A form that is shown again keeps its stamp while that is good, so “send it once more” is always true.
    """

    website = forms.CharField(
        required=False,
        label="Leave this empty",
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    shown_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, request: HttpRequest | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    @property
    def stamp(self) -> str:
        """The stamp to show: the one that came back while it is good, otherwise a new one."""
        shown = self.data.get(self.add_prefix("shown_at"), "")
        return shown if shown and age_problem(shown) != TOO_OLD else new_stamp()

    @property
    def is_trapped(self) -> bool:
        """Did something fill in the field nobody sees? Answer as if all were well, and keep nothing."""
        return bool(self.data.get(self.add_prefix("website"), "").strip())

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        problem = age_problem(cleaned.get("shown_at", ""))
        if problem is None and self.request is not None and not self.errors:
            problem = TOO_MANY if is_flooding(self.request, email=cleaned.get("email", "")) else None
        if problem:
            self.add_error(None, problem)
        return cleaned


def age_problem(stamp: str, *, at_most: int = AT_MOST_SECONDS) -> str | None:
    """What is wrong with the time this form was shown, if anything is; ``at_most`` is how many seconds it may be old."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        signer.unsign(stamp, max_age=at_most)
    except signing.BadSignature:  # an expired one is a bad one too
        return TOO_OLD
    try:
        signer.unsign(stamp, max_age=AT_LEAST_SECONDS)
    except signing.SignatureExpired:
        return None
    return TOO_FAST


def is_flooding(request: HttpRequest, *, email: str) -> bool:
    """Count this answer; True once a network or an address has sent more than a person would in ten minutes."""
    source = network_of(source_of(request))
    most = {f"network:{source}": PER_NETWORK} if source else {}
    if email:
        most[f"address:{email.strip().lower()}"] = PER_ADDRESS
    counts = _count(most)
    return any(counts[name] > limit for name, limit in most.items())


def source_of(request: HttpRequest) -> str:
    """The address a request comes from.

    On https a proxy of ours stands in front, and the last entry of X-Forwarded-For is what it saw itself. Whatever
    stands before that, and the whole line where no proxy is, the visitor may have made up.
    """
    seen_by_proxy = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() if settings.IS_HTTPS else ""
    return seen_by_proxy or request.META.get("REMOTE_ADDR", "")


def is_hammered(what: str, *, most: int) -> bool:
    """Count one more of this; True once there were more than that many in ten minutes."""
    return _count([what])[what] > most


def was_hammered(what: str, *, most: int) -> bool:
    """Were there more than that many of this in the ten minutes that still run? Nothing is counted."""
    return Tally.objects.filter(name=_digest(what), until__gt=timezone.now(), count__gt=most).exists()


def network_of(address: str) -> str:
    """The network an address belongs to; the last byte of IPv4 and the last 80 bits of IPv6 are nobody's business.

    Empty for this machine: behind a proxy every visitor seems to come from there, and all would be locked out.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.is_loopback:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def forget_old_tallies() -> int:
    """Forget what was counted in spans that are over; return how many counters that were."""
    forgotten, _ = Tally.objects.filter(until__lte=timezone.now()).delete()
    return forgotten


def _count(names: Iterable[str]) -> dict[str, int]:
    """Count one more of each and return the sums, in one statement: of any number at once, each gets a number of its own."""
    digests, now = {_digest(name): name for name in names}, timezone.now()
    if not digests:
        return {}
    cursor = prepared()
    # In one order, so that two at once never wait for each other.
    cursor.execute(COUNTED, [now + WINDOW, sorted(digests), now, now])
    return {digests[digest]: count for digest, count in cursor.fetchall()}


def _digest(name: str) -> str:
    """Who was counted is nobody's business, so only a fingerprint is kept."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]
