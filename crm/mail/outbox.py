"""Finding one message among a million: the outbox's search, filters and pages, none of which reads the whole table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import django_filters
from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator

from crm.mail.models import Batch, Content, DeliveryEvent, Message, MessageClass
from crm.mail.standings import STANDINGS, standing_at
from crm.people.models import Contact

COUNTED = 10_000  # more than so many are "more than"
FEW = 500
RECENT = timedelta(days=30)


class CappedPaginator(WagtailPaginator):
    """Counts no further than anybody pages."""

    @cached_property
    def found(self) -> int:
        return self.object_list[: COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, COUNTED)

    @property
    def is_more(self) -> bool:
        return self.found > COUNTED


def search(messages: QuerySet[Message], typed: str) -> QuerySet[Message]:
    """Messages to this person or address, or with this subject.

    People and subjects are looked up first, and the messages by their keys. An address that no contact has any more is
    the one thing the messages themselves are searched for.
    """
    typed = typed.strip()
    people = Contact.objects.filter(Q(email__icontains=typed) | Q(name__icontains=typed))
    contacts = list(people.order_by().values_list("pk", flat=True)[: FEW + 1])
    contents = list(Content.objects.filter(subject__icontains=typed).values_list("pk", flat=True)[: FEW + 1])
    written_to = Q(to_email__icontains=typed) | Q(to_name__icontains=typed)
    if not (contacts or contents):
        return messages.filter(written_to)
    if max(len(contacts), len(contents)) > FEW:
        return messages.filter(written_to | Q(content__subject__icontains=typed))
    return messages.filter(Q(contact__in=contacts) | Q(content__in=contents) | Q(written_to, contact=None))


class LetterField(forms.ModelChoiceField):
    """A letter that went to an audience, with the day it did."""

    def label_from_instance(self, content: Content) -> str:
        return f"{content.subject}, {date_format(timezone.localtime(content.created_at), 'SHORT_DATE_FORMAT')}"


class LetterFilter(django_filters.ModelChoiceFilter):
    field_class = LetterField


def letters_sent(request: HttpRequest) -> QuerySet[Content]:
    """What went to an audience, the newest first; and whatever else the address asks for by its number."""
    asked = request.GET.get("content", "") if request else ""
    wanted = Q(broadcasts__isnull=False) | Q(pk=int(asked) if asked.isdigit() else None)
    return Content.objects.filter(wanted).distinct().only("subject", "created_at").order_by("-pk")


class MessageFilters(WagtailFilterSet):
    """Where it stands, of what sort, of which letter, to whom, since when."""

    standing = django_filters.MultipleChoiceFilter(
        label="Where it stands",
        choices=[(standing.name, standing.label) for standing in STANDINGS],
        method="at_standing",
        widget=forms.CheckboxSelectMultiple,
    )
    content = LetterFilter(label="Letter", queryset=letters_sent)
    contact = django_filters.ModelChoiceFilter(queryset=Contact.objects.all(), widget=forms.HiddenInput)
    message_class = django_filters.ChoiceFilter(label="Class", choices=MessageClass.choices)
    created_at = django_filters.DateFromToRangeFilter(label="Queued", widget=DateRangePickerWidget)

    class Meta:
        model = Message
        fields = ["standing", "content", "contact", "message_class", "created_at"]

    def at_standing(self, messages: QuerySet[Message], name: str, wanted: list[str]) -> QuerySet[Message]:
        return standing_at(messages, wanted) if wanted else messages


@dataclass(frozen=True)
class Tile:
    """One figure above the list, and the list that it opens."""

    label: str
    count: int
    query: str
    is_more: bool = False


def tiles(now: datetime) -> list[Tile]:
    """What waits, what left and what came back lately; from the requests and the reports, which are few."""
    since = now - RECENT
    waiting = Message.objects.filter(due_at__isnull=False).order_by()[: COUNTED + 1].count()
    batches = Batch.objects.filter(outcome=Batch.Outcome.ACCEPTED, claimed_at__gte=since)
    failed = DeliveryEvent.objects.filter(rank__in=Message.FAILED_FATES, happened_at__gte=since)
    lately = f"created_at_from={timezone.localtime(since):%Y-%m-%d}"
    return [
        Tile("waiting", min(waiting, COUNTED), "standing=waiting&standing=on_its_way", waiting > COUNTED),
        Tile("handed over in 30 days", batches.aggregate(total=Sum("size"))["total"] or 0, lately),
        Tile("came back in 30 days", failed.aggregate(total=Count("message", distinct=True))["total"],
             f"standing=returned&{lately}"),
    ]  # fmt: skip
