"""What wants a person's word: messages nobody can decide about but the owner, and a lane that has stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import Lower, RowNumber
from django.http import HttpRequest
from django.utils import timezone

from crm.mail.models import Decision, DeliveryEvent, InboundMail, Lane, Message, MessageClass, MessageQuerySet
from crm.mail.models.messages import MAY_ACT
from crm.mail.reasons import Explanation, explain
from crm.mail.render import subject_line
from crm.mail.rules import REPEATED
from crm.people.composed import ask
from crm.people.models import Contact, User

State = Message.State
Trouble = Decision.Trouble
# Somebody waits for these: a confirmation, a reminder, a word about their care.
AWAITED = (MessageClass.TRANSACTIONAL, MessageClass.CARE)
LOOKED_AT = 2_000  # more than so many do not come back in a month, unless sending itself is at fault
MOST = 99  # what the menu counts to
SHOWN = 50
RECENT = timedelta(days=30)  # what came back before then is told on the contact, not asked
TOGETHER = 3  # so many of one letter are one line


def in_trouble(trouble: str, *, now: datetime | None = None) -> MessageQuerySet:
    """The messages in one kind of trouble that nobody has let be."""
    return _in(trouble, now or timezone.now()).exclude(decision__trouble=trouble)


def _in(trouble: str, now: datetime) -> MessageQuerySet:
    unsent = Message.objects.filter(unsent_at__isnull=False)
    match trouble:
        case Trouble.UNKNOWN:
            return unsent.filter(state=State.UNKNOWN).exclude(_settles_itself(now))
        case Trouble.REFUSED:
            return unsent.filter(state=State.REJECTED)
        case Trouble.LATE:
            return unsent.filter(state=State.EXPIRED, message_class__in=AWAITED)
    return _returned(now)


def _settles_itself(now: datetime) -> Q:
    """A reminder of which nobody knows is sent once more by itself, while that is of use."""
    is_of_use = Q(expires_at=None) | Q(expires_at__gt=now)
    return is_of_use & Q(message_class__in=REPEATED, is_repeat=False)


def settles_itself(message: Message) -> bool:
    """The same of one that is unknown."""
    return message.message_class in REPEATED and not message.is_repeat and not message.is_too_late


def _returned(now: datetime) -> MessageQuerySet:
    """Came back of late, and somebody waits for it, or it is the address of a partner's person still."""
    gone_wrong = DeliveryEvent.objects.filter(rank__gte=Message.Fate.BLOCKED, happened_at__gte=now - RECENT)
    failed = gone_wrong.order_by("-happened_at").values("message_id")[:LOOKED_AT]
    of_partners = Contact.objects.active().filter(roles__partner__archived_at=None, roles__isnull=False)
    wanted = Q(message_class__in=AWAITED) | Q(contact__in=of_partners)
    came_back = Message.objects.filter(wanted, state=State.HANDED_OVER, fate__in=Message.FAILED_FATES, pk__in=failed)
    # A contact whose address was mended since is no trouble any more.
    return came_back.alias(wrote_to=Lower("to_email"), writes_as=Lower("contact__email")).filter(
        Q(contact=None) | Q(wrote_to=F("writes_as"))
    )


@dataclass
class Need:
    """One decision: about one message, about several of one letter, or about an address whose mail comes back."""

    trouble: Decision.Trouble
    count: int
    message: Message
    event: DeliveryEvent | None = None

    @property
    def is_group(self) -> bool:
        return self.count >= TOGETHER and self.trouble != Trouble.RETURNED

    @property
    def subject(self) -> str:
        """The subject as its reader sees it, or as a stranger would where it is about several."""
        return subject_line(Message(content=self.message.content) if self.is_group else self.message)

    @property
    def at(self) -> datetime | None:
        return self.message.fate_at if self.trouble == Trouble.RETURNED else self.message.settled_at

    @property
    def explanation(self) -> Explanation | None:
        """What the mail server's words mean, where one refused it."""
        return explain(self.event.reason) if self.event else None


@dataclass
class Section:
    """One kind of trouble: its decisions, and how many messages they are about in truth."""

    trouble: Decision.Trouble
    total: int
    needs: list[Need]


def sections(user: User) -> list[Section]:
    """Every open decision by kind, the newest first; the same few queries for any number."""
    found = [Section(Trouble(name), *_needs(Trouble(name), user)) for name in Trouble.values]
    returned = [need.message.pk for section in found for need in section.needs if need.trouble == Trouble.RETURNED]
    failures = DeliveryEvent.objects.filter(message__in=returned, rank__in=Message.FAILED_FATES)
    events = {event.message_id: event for event in failures.defer("raw")}
    for need in (need for section in found for need in section.needs):
        need.event = events.get(need.message.pk)
    return [section for section in found if section.needs]


def _needs(trouble: Decision.Trouble, user: User) -> tuple[int, list[Need]]:
    """How many messages, and the decisions they come to: several of one letter are one, and one address is."""
    alike = [Lower("to_email") if trouble == Trouble.RETURNED else F("content_id")]
    together = 1 if trouble == Trouble.RETURNED else TOGETHER
    counted = (
        in_trouble(trouble)
        .seen_by(user)
        .annotate(
            total=Window(Count("*")),
            alike=Window(Count("*"), partition_by=alike),
            place=Window(RowNumber(), partition_by=alike, order_by=[F("created_at").desc(), F("pk").desc()]),
        )
        .filter(Q(place=1) | Q(place__lt=together, alike__lt=together))
        .select_related("content", "contact", "batch")
        .defer("content__html", "content__text", "calendar")
        .order_by("-settled_at", "-pk")
    )
    rows = list(counted[:SHOWN])
    return max((row.total for row in rows), default=0), [
        Need(trouble, row.alike if row.alike >= together else 1, row) for row in rows
    ]


def stopped_lanes() -> list[Lane]:
    """The ways out that wait for a person to mend something."""
    return list(Lane.objects.filter(is_stopped=True))


def in_tray() -> QuerySet[InboundMail]:
    return InboundMail.objects.filter(state=InboundMail.State.TRAY)


def open_needs(user: User) -> int:
    """How many decisions are open, counted to MOST of each kind, in one query."""
    if not user.has_perm("mail.view_message"):
        return 0
    return len(ask(_open, user.has_perm(MAY_ACT), now=timezone.now()))


def _open(may_act: bool, *, now: datetime, key: int) -> QuerySet[Any]:
    """A row for each open decision, to MOST of each kind."""
    kinds: list[QuerySet[Any]] = [in_trouble(trouble, now=now).seen_by_who(may_act) for trouble in Trouble.values]
    kinds = [*kinds, Lane.objects.filter(is_stopped=True), in_tray()]
    marks = [rows.order_by().annotate(one=Value(1)).values_list("one")[:MOST] for rows in kinds]
    return marks[0].union(*marks[1:], all=True)


def open_needs_of(request: HttpRequest) -> int:
    """The same for whoever asks, counted once a request: the menu and the page both say it."""
    known = vars(request)
    if "open_needs" not in known:
        known["open_needs"] = open_needs(request.user) if isinstance(request.user, User) else 0
    return known["open_needs"]
