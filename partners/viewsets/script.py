from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail.admin.views.generic import CreateView, EditView, InspectView
from wagtail.admin.widgets import AdminAutoHeightTextInput

from crm.people.records import RecordList, RecordViewSet
from partners import actions, scripts
from partners.models import LADDER, Group, Script, Stage

LATEST = 10
PLACES_HELP = (
    "<p>Write [name] for the person, [partner] for their place and [practice] for yours: they are filled for each "
    "partner. Keep it short enough to say, and say nothing about anybody’s patients.</p>"
)


@dataclass
class Cell:
    """What there is to say to one kind of partner at one stage."""

    group: Group
    stage: Stage
    scripts: list[Script] = field(default_factory=list)


def grid_of(found: Iterable[Script]) -> tuple[list[Group], list[tuple[Stage, list[Cell]]]]:
    """Stages as rows and groups as columns; partners of other kinds get a column once something is written for them."""
    by_place: dict[tuple[str, str], list[Script]] = {}
    for script in found:
        by_place.setdefault((script.group, script.stage), []).append(script)
    has_other = any(group == Group.OTHER for group, _stage in by_place)
    groups = [*scripts.GROUPS, *([Group.OTHER] if has_other else [])]
    rows = [(stage, [Cell(group, stage, by_place.get((group, stage), [])) for group in groups]) for stage in LADDER]
    return groups, rows


class ScriptGrid(RecordList):
    """Every script at once, by kind and stage."""

    paginate_by = None

    def get_base_queryset(self) -> QuerySet[Script]:
        standing = Q(touches__taken_back_at=None)
        return Script.objects.annotate(
            used=Count("touches", filter=standing),
            known=Count("touches", filter=standing & ~Q(touches__outcome="")),
            answered=Count("touches", filter=standing & Q(touches__outcome__in=scripts.ANSWERED)),
        )

    def get_context_data(self, **kwargs) -> dict:
        found: list[Any] = list(self.get_base_queryset())
        for script in found:
            script.use = scripts.Use(script.used, [], script.known, script.answered)
        groups, rows = grid_of(found)
        return {**super().get_context_data(**kwargs), "groups": groups, "rows": rows}


class ScriptForm(WagtailAdminModelForm):
    """The words of a script; for whom they are is said once, when it is written."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("group", "stage"):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in scripts.WORDS:
            for place in scripts.unknown_places(cleaned.get(name) or ""):
                self.add_error(name, f"Nothing fills {place}. The places are [name], [partner] and [practice].")
        return cleaned


class AddScript(CreateView):
    def get_initial_form_instance(self) -> Script:
        group, stage = (self.request.GET.get(name, "") for name in ("group", "stage"))
        return Script(
            group=group if group in Group.values else "",
            stage=stage if stage in [each.value for each in LADDER] else "",
        )

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class EditScript(EditView):
    def save_instance(self) -> Script:
        words = {name: self.form.cleaned_data[name] for name in scripts.WORDS}
        return actions.rewrite(self.form.instance, words=words, by=self.request.user)

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class ScriptPage(InspectView):
    """One script: the words, how often they were used, and what came of it."""

    def get_page_title(self) -> str:
        return str(self.object)

    def get_fields_context(self) -> list:
        return []

    def get_context_data(self, **kwargs) -> dict:
        script = self.object
        touches = script.touches.standing().select_related("partner", "by")[:LATEST]
        return {
            **super().get_context_data(**kwargs),
            "script": script,
            "use": scripts.use_of(script),
            "touches": touches,
            "may_restore": scripts.starter_of(script) is not None and not scripts.is_as_shipped(script),
        }


def _lines(name: str, **options) -> FieldPanel:
    """A sentence or two, in a box that grows with them."""
    return FieldPanel(name, widget=AdminAutoHeightTextInput, **options)


class ScriptViewSet(RecordViewSet):
    model = Script
    name = "scripts"
    icon = "openquote"
    menu_label = "Scripts"
    index_view_class = ScriptGrid
    index_template_name = "partners/scripts.html"
    add_view_class = AddScript
    edit_view_class = EditScript
    inspect_view_class = ScriptPage
    inspect_view_enabled = True
    inspect_template_name = "partners/script.html"
    list_display = ["__str__"]
    list_filter: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    edit_handler = ObjectList(
        [
            HelpPanel(PLACES_HELP),
            FieldRowPanel([FieldPanel("group"), FieldPanel("stage")]),
            FieldPanel("opener"),
            MultiFieldPanel([_lines("first_question"), _lines("second_question")], heading="Two questions"),
            _lines("give_idea", heading="What to give"),
            _lines("not_yet", heading="Do not say yet"),
        ],
        base_form_class=ScriptForm,
    )
