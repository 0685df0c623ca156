"""What workshops add to the weekly review of partners: how many were booked and held, and where one is missing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from partners.models import Partner, Stage
from partners.results.spans import Span, quarter_of
from workshops.models import Workshop

REGULAR = (Stage.ACTIVE, Stage.CHAMPION)


def booked_and_held(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span, how many workshops were planned in it and how many took place; one query."""
    since, until = min(span.since for span in spans), max(span.until for span in spans)
    within = Q(created_at__gte=since, created_at__lt=until) | Q(ends_at__gte=since, ends_at__lt=until)
    found = Workshop.objects.exclude(state=Workshop.State.CANCELLED).filter(within).order_by()
    rows = list(found.values_list("created_at", "ends_at", "state"))
    now = timezone.now()
    took_place = [ends for _made, ends, state in rows if state != Workshop.State.DRAFT and ends <= now]
    return [
        (
            sum(span.since <= made < span.until for made, _ends, _state in rows),
            sum(span.since <= ends < span.until for ends in took_place),
        )
        for span in spans
    ]


def missing(shown: int) -> tuple[list[tuple[str, str, str]], int]:
    """Who sends us people and has no workshop in this quarter or the next: name, address and words; and how many more."""
    this = quarter_of(timezone.localdate())
    then = quarter_of(this.ends_before)
    planned = Workshop.objects.exclude(state=Workshop.State.CANCELLED).filter(
        host=OuterRef("pk"), starts_at__gte=this.since, starts_at__lt=then.until
    )
    without = Partner.objects.current().filter(~Exists(planned), stage__in=REGULAR)
    rows = list(without.order_by("tier", "name", "pk").values_list("pk", "name")[: shown + 100])
    words = "no workshop this quarter or next"
    named = [(name, reverse("workshops:propose", args=[pk]), words) for pk, name in rows[:shown]]
    return named, len(rows) - len(named)
