from __future__ import annotations

from django.db.models import Count, QuerySet
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, Panel
from wagtail.admin.ui.tables import BooleanColumn

from crm.people.records import RecordList, RecordViewSet
from crm.people.tables import Column, TitleColumn
from partners.models import Plan


class DaysPanel(Panel):
    """On which days the steps would come, if it began today."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "partners/_plan_days.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context=None) -> dict:
            today = timezone.localdate()
            steps = sorted(self.instance.steps.all(), key=lambda step: (step.days, step.pk or 0))
            days = [(step, step.due_on(today, today)) for step in steps]
            return {**super().get_context_data(parent_context), "days": days, "plan": self.instance}


class PlanList(RecordList):
    def get_base_queryset(self) -> QuerySet[Plan]:
        return Plan.objects.annotate(step_count=Count("steps"))


class PlanViewSet(RecordViewSet):
    model = Plan
    name = "plans"
    icon = "list-ol"
    menu_label = "Plans"
    index_view_class = PlanList
    search_fields = ["name"]
    ordering = "name"
    list_display = [
        TitleColumn("name", label="Name", sort_key="name", url_name="plans:edit"),
        Column("get_trigger_display", label="Begins with", sort_key="trigger"),
        Column("step_count", label="Steps", sort_key="step_count"),
        BooleanColumn("is_on", label="In use", sort_key="is_on"),
    ]
    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("trigger"), FieldPanel("is_on")]),
        InlinePanel(
            "steps",
            [FieldPanel("title"), FieldRowPanel([FieldPanel("days"), FieldPanel("is_meeting")])],
            heading="Steps",
            label="Step",
            min_num=1,
        ),
        DaysPanel(heading="If it begins today", icon="calendar-alt"),
    ]
