"""What the outbox keeps of somebody who wants to be forgotten: that something was sent, and never to write again."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from crm.mail.actions import call_back
from crm.mail.models import (
    Batch,
    Closure,
    Content,
    DeliveryEvent,
    InboundMail,
    Message,
    Suppression,
    address_hash,
)
from crm.people import erasing as people
from crm.people.models import ConsentEvent, Contact

WISH = "Erased on their wish."
IN_TIME = "Erased when its time was over."


def scrub_person(contact: Contact, *, why: str) -> None:
    """Empty a contact that nothing in the practice needs any more, with all that was written to and fro."""
    keep_their_no(contact)
    scrub(Message.objects.filter(contact=contact), why=why)
    scrub_inbound(contact)
    people.scrub(contact)


def scrub(messages: QuerySet[Message], *, why: str = WISH) -> None:
    """What waits stays here, and what was sent keeps its fate, without address, name and words of theirs.

    What a worker holds and has not begun to post is taken from it. What is being posted leaves, and the worker writes
    down that it did on a row that says no more who it was for.
    """
    call_back(messages, reason=why)
    DeliveryEvent.objects.filter(message__in=messages).update(raw={}, reason="")
    alone = Batch.objects.filter(pk__in=messages.order_by().values("batch"), size=1)
    alone.exclude(reason="").update(reason="")  # a server's answer may name the address
    messages.exclude(state=Message.State.SKIPPED).exclude(reason="").update(reason="")
    messages.update(to_email="", to_name=people.ERASED, values={}, calendar="", calendar_method="")


def scrub_words(messages: QuerySet[Message], *, why: str = WISH) -> None:
    """The same, and the words as well, where they were written about this one person and for nobody else."""
    words = {"subject": people.ERASED, "html": "", "text": f"{why}\n"}
    Content.objects.filter(pk__in=messages.order_by().values("content")).update(**words)
    scrub(messages, why=why)


def scrub_inbound(contact: Contact) -> None:
    """What they wrote to us goes; that something came stays."""
    for mail in InboundMail.objects.filter(contact=contact).only("pk"):
        InboundMail.objects.filter(pk=mail.pk).update(
            sender="", subject=people.ERASED, raw=b"", envelope={}, outcome=""
        )


def keep_their_no(contact: Contact) -> None:
    """An opt-out outlives the contact: as the hash of the address, from which nobody reads the address."""
    said = [word for _purpose, word in contact.consent_standing if word]
    if contact.email and any(word.state == ConsentEvent.State.WITHDRAWN for word in said):
        no = Suppression.Scope.LETTERS, Suppression.Reason.UNSUBSCRIBED
        Suppression.objects.close([Closure(address_hash(contact.email), *no, timezone.now())])
