"""Topics in the records."""

from __future__ import annotations

import django_filters
from django import forms
from django.urls import path
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, TitleColumn

from crm.people.records import RecordViewSet
from workshops.models import Audience, Topic
from workshops.office import topics


class TopicFilters(WagtailFilterSet):
    audience = django_filters.ChoiceFilter(label="For", choices=Audience.choices)
    used = django_filters.ChoiceFilter(
        label="In use",
        choices=[("yes", "In use"), ("no", "No longer used")],
        method="filter_used",
        widget=forms.RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Topic
        fields = ["audience", "used"]

    def filter_used(self, queryset, name, value):
        return queryset.filter(is_archived=value == "no")


class TopicViewSet(RecordViewSet):
    model = Topic
    name = "topics"
    icon = "doc-full"
    menu_label = "Topics"
    index_view_class = topics.TopicList
    add_view_class = topics.AddTopic
    edit_view_class = topics.EditTopic
    inspect_view_class = topics.TopicPage
    inspect_view_enabled = True
    inspect_template_name = "workshops/office/topic.html"
    filterset_class = TopicFilters
    search_fields = ["name", "summary", "outline"]
    ordering = ("is_archived", "name")
    list_display = [
        TitleColumn("name", label="Topic", sort_key="name", url_name="topics:inspect"),
        Column("get_audience_display", label="For", sort_key="audience"),
        Column("minutes", label="Length", accessor=lambda topic: f"{topic.minutes} minutes", sort_key="minutes"),
        Column("given", label="Given", accessor=topics.given_text, sort_key="given"),
        Column("rating", label="Rated", accessor=topics.rating_text),
        Column("state", label="", accessor=lambda topic: "no longer used" if topic.is_archived else ""),
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldRowPanel([FieldPanel("audience"), FieldPanel("minutes"), FieldPanel("capacity")]),
            MultiFieldPanel([FieldPanel("summary"), FieldPanel("description")], heading="Words for the public page"),
            FieldPanel("bring"),
            MultiFieldPanel([FieldPanel("outline"), FieldPanel("handout")], heading="For the day"),
            MultiFieldPanel(
                [FieldPanel("follow_up_subject"), FieldPanel("follow_up_words")], heading="The letter afterwards"
            ),
            MultiFieldPanel([FieldPanel("week_subject"), FieldPanel("week_words")], heading="The letter a week later"),
        ]
    )

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("words/<int:pk>/", topics.words, name="words"),
            path("letter/<int:pk>/<str:name>/", topics.letter, name="letter"),
            path("archive/<int:pk>/", topics.archive, name="archive"),
        ]
