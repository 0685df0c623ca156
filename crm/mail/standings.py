"""Where a message can stand, in the owner's words: what we know of its leaving and what was reported of it, as one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from crm.mail.models import DeliveryEvent, Message

State, Fate = Message.State, Message.Fate
UNSENT = (State.SKIPPED, State.EXPIRED, State.REJECTED, State.UNKNOWN)


@dataclass(frozen=True)
class Standing:
    """One answer to "where is it?"."""

    name: str
    label: str
    state: str
    fates: tuple[int, ...] = ()

    @property
    def rows(self) -> Q:
        """The messages that stand here. What went wrong is looked up by its reports, which are few."""
        rows = Q(state=self.state)
        if self.state == State.QUEUED:
            rows &= Q(due_at__isnull=False)  # so that the queue's index serves
        elif self.state in UNSENT:
            rows &= Q(unsent_at__isnull=False)  # and so that this one does
        if not self.fates:
            return rows
        if min(self.fates) >= Fate.BLOCKED:
            rows &= Q(pk__in=DeliveryEvent.objects.filter(rank__gte=Fate.BLOCKED).values("message_id"))
        return rows & Q(fate__in=self.fates)


STANDINGS = (
    Standing("waiting", "Waiting", State.QUEUED),
    Standing("on_its_way", "On its way", State.CLAIMED),
    Standing("handed_over", "Handed over", State.HANDED_OVER, (Fate.SILENT, Fate.PROCESSED)),
    Standing("delayed", "Delayed", State.HANDED_OVER, (Fate.DEFERRED,)),
    Standing("delivered", "Delivered", State.HANDED_OVER, (Fate.DELIVERED,)),
    Standing("returned", "Bounced, turned away or dropped", State.HANDED_OVER, Message.FAILED_FATES),
    Standing("spam", "Marked as spam", State.HANDED_OVER, (Fate.COMPLAINED,)),
    Standing("not_sent", "Not sent", State.SKIPPED),
    Standing("too_late", "Too late", State.EXPIRED),
    Standing("refused", "Refused", State.REJECTED),
    Standing("unknown", "Unknown", State.UNKNOWN),
)
BY_NAME = {standing.name: standing for standing in STANDINGS}


def standing_at(messages: QuerySet[Message], names: list[str]) -> QuerySet[Message]:
    """The messages that stand at one of these."""
    rows = Q()
    for name in names:
        rows |= BY_NAME[name].rows
    return messages.filter(rows)


def name_of(message: Message) -> str:
    """The name of where this one stands."""
    for standing in STANDINGS:
        if message.state == standing.state and (not standing.fates or message.fate in standing.fates):
            return standing.name
    return ""
