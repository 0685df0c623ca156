"""A copy of a mail, sent or forwarded to somebody's own log address, becomes a touch at the right partner.

Only the subject is kept. What was written is dropped from the mail that came in, since it may speak of anybody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from crm.mail.inbound import reached
from crm.mail.models import InboundMail
from crm.mail.reading import Incoming, head_of, message_id_of
from crm.mail.vouching import verdict
from crm.people.models import Contact, PracticeProfile, User
from partners import identity
from partners.actions import log_touch
from partners.models import LogAddress, Partner, Role, Touch
from partners.models.log_address import new_key
from partners.reading.days import days_in
from partners.reading.tokens import Line

BOX = "log"
BULK = 4  # a mail to so many partners at once is one to many, and no being in touch
REASON = UUID("5f0c7f2e-6a2c-4f4e-9a52-0d1f3b6f7a11")
PREFIXES = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr|rv)\s*:)+\s*", re.IGNORECASE)
FORWARD = re.compile(r"^\s*(?:(?:re|aw)\s*:\s*)*(?:fwd?|fw|wg|tr|rv)\s*:", re.IGNORECASE)
PASSED_ON = re.compile(
    r"^\W*(?:forwarded message|begin forwarded message|original message)\W*$|^>*\s*(?:from|von|de)\s?:", re.I | re.M
)
HEADER = re.compile(r"^[>\s*]*(from|to|cc|date|sent|von|an|de|à|para|envoyé|gesendet)[\s*]?:[\s*]*(.+)$", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
HEADER_LINES = 30


class NotLogged(Exception):
    """A mail that was meant to be logged and waits for a person instead; the sentence says why."""


@dataclass
class _Passed:
    """Who wrote to whom, and when, in a mail that was passed on."""

    senders: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    at: datetime | None = None


def address_of(user: User) -> str:
    """Where this user sends copies to; nothing while no mail comes in, or while none was made."""
    known = LogAddress.objects.filter(user=user).first() if settings.INBOUND_HOST else None
    return f"{BOX}+{known.key}@{settings.INBOUND_HOST}" if known else ""


def renew(user: User) -> LogAddress:
    """Make this user an address; the one before stops working."""
    address, _made = LogAddress.objects.update_or_create(
        user=user, defaults={"key": new_key(), "made_at": timezone.now()}
    )
    return address


def log_by_mail(mail: InboundMail, incoming: Incoming) -> str | None:
    """Log a mail that was copied to somebody's log address, once at each partner it went to."""
    keys = [box.partition("+")[2].lower() for box in _boxes(mail, incoming) if box.lower().startswith(f"{BOX}+")]
    if not keys:
        return None
    try:
        by = _sender(mail, keys)
        touches = _log(mail, incoming, by)
    except NotLogged as why:
        mail.outcome = f"It was not logged: {why}"[:300]
        return None
    InboundMail.objects.filter(pk=mail.pk).update(raw=head_of(bytes(mail.raw)))
    names = " and ".join(touch.partner.name for touch in touches)
    return f"Logged as an e-mail with {names}. Only its subject was kept."


def subject_of(mail: InboundMail) -> str:
    """The subject without Re: and Fwd:."""
    return PREFIXES.sub("", mail.subject).strip()[:280]


def waiting(user: User, pk: int | None) -> InboundMail | None:
    """The mail of the tray with this number, for somebody who may file it."""
    tray = InboundMail.objects.filter(pk=pk or 0, state=InboundMail.State.TRAY)
    return tray.first() if pk and user.has_perm("mail.change_inboundmail") else None


def initial_of(mail: InboundMail) -> dict[str, object]:
    """What the quick log's form says of a mail that a person logs by hand."""
    met = list(_partners_of([mail.sender]).items()) if mail.sender else []
    partner, people = met[0] if len(met) == 1 else (None, [])
    return {
        "mail": mail.pk,
        "kind": Touch.TouchKind.EMAIL,
        "summary": subject_of(mail),
        "occurred_on": timezone.localdate(mail.received_at),
        "partner": partner.pk if partner else None,
        "contacts": [contact.pk for contact in people],
        "they_came": partner is not None,
    }


@transaction.atomic
def settle(mail: InboundMail, touch: Touch, *, by: User) -> bool:
    """A person has logged a mail of the tray: it is done, and its words are dropped. False when somebody was quicker."""
    waiting = InboundMail.objects.filter(pk=mail.pk, state=InboundMail.State.TRAY)
    outcome = f"Logged with {touch.partner.name} by hand. Only its subject was kept."[:300]
    done = {"state": InboundMail.State.DONE, "handled_at": timezone.now(), "by": by, "outcome": outcome}
    return bool(waiting.update(**done, raw=head_of(bytes(mail.raw))))


def _boxes(mail: InboundMail, incoming: Incoming) -> list[str]:
    return [address.partition("@")[0] for address in reached(mail, incoming)]


def _sender(mail: InboundMail, keys: list[str]) -> User:
    if not LogAddress.objects.filter(key__in=keys, user__is_active=True).exists():
        raise NotLogged("the log address it was sent to is not, or no longer, somebody's. Copy yours anew.")
    user = User.objects.filter(email__iexact=mail.sender, is_active=True).first() if mail.sender else None
    if user is None or not user.has_perm("partners.add_touch"):
        raise NotLogged(f"{mail.sender or 'its sender'} is nobody of the office who may log.")
    if verdict(mail).is_refuted:
        raise NotLogged("its sender may be forged.")
    return user


def _log(mail: InboundMail, incoming: Incoming, by: User) -> list[Touch]:
    ours = _our_addresses()
    addresses = [each.lower() for each in incoming.envelope.recipients if not _is_ours(each, ours)]
    passed = _passed_on(incoming.text) if FORWARD.match(mail.subject) or not addresses else _Passed()
    senders = [each for each in passed.senders if not _is_ours(each, ours)]
    addresses += [each for each in (*senders, *passed.others) if not _is_ours(each, ours)]
    met = _partners_of(addresses)
    if not met:
        named = ", ".join(dict.fromkeys(addresses)) or "nobody"
        raise NotLogged(f"none of your partners has an address among {named[:120]}. Choose the partner here.")
    summary = _clean_subject(mail, list(met))
    told = {
        "kind": Touch.TouchKind.EMAIL, "by": by, "summary": summary, "source": Touch.Source.MAIL,
        "occurred_at": min(passed.at or mail.received_at, mail.received_at, timezone.now()),
        "direction": Touch.Direction.IN if senders else Touch.Direction.OUT, "counts_for_cadence": len(met) < BULK,
    }  # fmt: skip
    return [_once(partner, people, _reason(mail, partner), told) for partner, people in met.items()]


def _clean_subject(mail: InboundMail, partners: list[Partner]) -> str:
    subject = subject_of(mail)
    for partner in partners:
        if seen := identity.seen_in(subject, partner):
            raise NotLogged(f"its subject looks as if it named a patient: {identity.kinds(seen)}. Mend the words here.")
    return subject


def _once(partner: Partner, people: list[Contact], once: UUID, told: dict) -> Touch:
    """The touch of this mail at this partner; the same mail again is the same touch, even one taken back."""
    known = Touch.objects.filter(once=once).first()
    if known:
        return known
    try:
        with transaction.atomic():
            return log_touch(partner, contacts=people, once=once, **told)
    except IntegrityError:  # the same mail, looked at by another worker at this moment
        return Touch.objects.get(once=once)


def _reason(mail: InboundMail, partner: Partner) -> UUID:
    """The same for the same mail, however often and by whichever ways it comes."""
    raw = bytes(mail.raw)
    name = message_id_of(raw) or hashlib.sha256(raw).hexdigest()
    return uuid5(REASON, f"{name}:{partner.pk}")


def _our_addresses() -> set[str]:
    users = {email.lower() for email in User.objects.values_list("email", flat=True)}
    return users | {PracticeProfile.load().email.lower()}


def _is_ours(address: str, ours: set[str]) -> bool:
    return address.lower() in ours or address.lower().endswith(f"@{settings.INBOUND_HOST.lower()}")


def _partners_of(addresses: Iterable[str]) -> dict[Partner, list[Contact]]:
    """The partners these addresses belong to, with the people who were written to there."""
    wanted = list(dict.fromkeys(address.lower() for address in addresses))
    met: dict[Partner, list[Contact]] = {}
    people = Contact.objects.active().by_emails(wanted)
    roles = Role.objects.filter(contact__in=people, partner__archived_at=None).select_related("partner", "contact")
    for role in roles.order_by("partner_id", "pk"):
        met.setdefault(role.partner, []).append(role.contact)
    own = Partner.objects.current().annotate(mailbox=Lower("email")).filter(~Q(email=""), mailbox__in=wanted)
    for partner in own.order_by("pk"):
        met.setdefault(partner, [])
    return met


def _passed_on(text: str) -> _Passed:
    """The headers of the mail that was passed on, as mail programs write them into the text."""
    passed, begin = _Passed(), PASSED_ON.search(text)
    if not begin:
        return passed
    for words in text[begin.start() :].split("\n")[:HEADER_LINES]:
        header = HEADER.match(words.strip())
        if not header:
            if not words.strip(" >\r") and passed.senders:
                break
            continue
        name, said = header[1].lower(), header[2]
        if name in ("date", "sent", "gesendet", "envoyé"):
            passed.at = passed.at or _noon_of(said)
        elif name in ("from", "von", "de"):
            passed.senders += ADDRESS.findall(said)[:1] if not passed.senders else []
        else:
            passed.others += ADDRESS.findall(said)[:20]
    return passed


def _noon_of(said: str) -> datetime | None:
    days = [day for day in days_in(Line(said.replace(",", " ")[:100]), timezone.localdate()) if len(day.past) == 1]
    telling = [day for day in days if len(day.places) > 1] or days
    return timezone.make_aware(datetime.combine(telling[0].past[0], time(12))) if telling else None
