"""Topics in the office: written once, and what came of them wherever they were given."""

from __future__ import annotations

from django.db.models import Avg, Count, Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import permission_required
from wagtail.admin.views.generic import CreateView, EditView, InspectView

from crm.mail.office import framed
from crm.people.office import OfficeRequest
from crm.people.records import RecordList
from crm.people.undo import say
from workshops.models import Registration, Topic, Workshop
from workshops.office import previews
from workshops.outcome.counting import outcomes

LATEST = 20


def given_text(topic) -> str:
    """How often it was given, in words that a phone can show without a heading."""
    return f"given {topic.given} time{'' if topic.given == 1 else 's'}" if topic.given else "not given yet"


def rating_text(topic) -> str:
    """“4.6 of 5, by 12”, for a topic that the list has counted the ratings of."""
    return f"{topic.average:.1f} of 5, by {topic.rated}" if topic.rated else "not rated yet"


class TopicList(RecordList):
    def get_base_queryset(self) -> QuerySet[Topic]:
        given = Count("workshops", distinct=True, filter=Q(workshops__state__in=Workshop.GIVEN))
        ratings = "workshops__registrations__rating"
        return Topic.objects.annotate(given=given, average=Avg(ratings), rated=Count(ratings))

    def order_queryset(self, queryset: QuerySet[Topic]) -> QuerySet[Topic]:
        """Those in use first, whatever else it is sorted by."""
        ordered = super().order_queryset(queryset)
        return ordered.order_by("is_archived", *ordered.query.order_by)


class AddTopic(CreateView):
    success_message = None

    def get_success_url(self) -> str:
        messages.success(self.request, f"{self.object} can be chosen for a workshop now.")
        return reverse("topics:inspect", args=[self.object.pk])


class EditTopic(EditView):
    success_message = None

    def get_success_url(self) -> str:
        messages.success(
            self.request, "Saved. Workshops that are planned keep their words; the letters after them use these."
        )
        return reverse("topics:inspect", args=[self.object.pk])


class TopicPage(InspectView):
    """One topic: its words, and where it was given."""

    page_title = "Topic"

    def get_fields_context(self) -> list:
        return []

    def get_context_data(self, **kwargs) -> dict:
        topic = self.object
        used = topic.workshops.select_related("host").order_by("-starts_at", "-pk")[:LATEST]
        ratings = Registration.objects.filter(workshop__topic=topic).aggregate(
            average=Avg("rating"), rated=Count("rating")
        )
        return {
            **super().get_context_data(**kwargs),
            "topic": topic,
            "used": list(zip(used, outcomes(used), strict=True)),
            "times": topic.workshops.filter(state__in=Workshop.GIVEN).count(),
            "ratings": ratings,
            "letters": [
                (name, previews.LETTERS[name], previews.drawn(topic, name).subject) for name in previews.LETTERS
            ],
            "can_change": self.request.user.has_perm("workshops.change_topic"),
            "may_plan": self.request.user.has_perm("workshops.add_workshop"),
        }


@permission_required("workshops.view_topic")
@require_safe
def words(request: OfficeRequest, pk: int) -> JsonResponse:
    """What the form for a workshop fills in when this topic is chosen."""
    topic = get_object_or_404(Topic, pk=pk)
    return JsonResponse(
        {
            "title": topic.name,
            "audience": topic.audience,
            "summary": topic.summary,
            "description": topic.description,
            "bring": topic.bring,
            "capacity": topic.capacity,
            "minutes": topic.minutes,
        }
    )


@permission_required("workshops.view_topic")
@require_safe
def letter(request: OfficeRequest, pk: int, name: str) -> HttpResponse:
    """A letter that follows a workshop of this topic, as Maya would get it; nothing is written down."""
    topic = get_object_or_404(Topic.objects.select_related("handout"), pk=pk)
    if name not in previews.LETTERS:
        raise Http404("There is no such letter.")
    return framed(previews.drawn(topic, name).html)


@permission_required("workshops.change_topic")
@require_POST
def archive(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take it out of the choice for new workshops, or put it back; where it was given it stays."""
    topic = get_object_or_404(Topic, pk=pk)
    topic.is_archived = request.POST.get("to") != "use"
    topic.save(update_fields=["is_archived"])
    undo = reverse("topics:archive", args=[pk])
    if topic.is_archived:
        say(request, f"{topic} is no longer offered for new workshops.", undo=undo, to="use")
    else:
        say(request, f"{topic} can be chosen again.", undo=undo, to="archive")
    return redirect("topics:inspect", pk)
