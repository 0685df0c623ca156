"""New workshops in the office: from an empty page, from a topic, or like another one."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import QuerySet
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.views import generic

from crm.people.models import PracticeProfile
from partners.models import Partner
from workshops import actions
from workshops.actions.planning import likeness
from workshops.models import Topic, Workshop

Row = TypeVar("Row", bound=models.Model)


class Prepared:
    """Put before a view that makes a workshop: what is to be done with its host is promised in the same breath."""

    @transaction.atomic
    def save_instance(self) -> Workshop:
        workshop = super().save_instance()  # type: ignore[misc]
        self.steps = actions.prepare(workshop, by=self.request.user)  # type: ignore[attr-defined]
        return workshop

    def get_success_url(self) -> str:
        said = "Saved as a draft. Publish it, and it appears on the site."
        if self.steps:
            said += f" {len(self.steps)} to dos with {self.object.host} lead up to it and away from it."  # type: ignore[attr-defined]
        messages.success(self.request, said)  # type: ignore[attr-defined]
        return reverse("workshops:inspect", args=[self.object.pk])  # type: ignore[attr-defined]


class NewWorkshop(Prepared, generic.CreateView):
    """A draft: nobody sees it before it is published. ``?host=`` fills in a partner, ``?topic=`` what is said."""

    success_message = None

    def get_initial_form_instance(self) -> Workshop:
        practice = PracticeProfile.load(request_or_site=self.request)
        workshop = Workshop(time_zone=practice.time_zone)
        if partner := self._asked(Partner.objects.current(), "host"):
            workshop.host = partner
            workshop.place = ", ".join(filter(None, (partner.name, partner.address)))[:200]
        if topic := self._asked(Topic.objects.filter(is_archived=False), "topic"):
            for field, value in begun_with(topic).items():
                setattr(workshop, field, value)
        return workshop

    def _asked(self, rows: QuerySet[Row], name: str) -> Row | None:
        key = self.request.GET.get(name, "")
        return rows.filter(pk=key).first() if key.isdecimal() and len(key) < 10 else None


def begun_with(topic: Topic) -> dict[str, Any]:
    """What a workshop takes from its topic."""
    return {
        "topic": topic,
        "title": topic.name,
        "audience": topic.audience,
        "summary": topic.summary,
        "description": topic.description,
        "bring": topic.bring,
        "capacity": topic.capacity,
    }


class CopyWorkshop(Prepared, generic.CopyView):
    """The same words, place and hours for another day; registrations, counters, marks and the date stay behind."""

    success_message = None

    def get_initial_form_instance(self) -> Workshop:
        original = self.get_object()
        workshop = likeness(original)
        workshop.starts_at, workshop.ends_at, workshop.follows = original.starts_at, original.ends_at, original
        return workshop
