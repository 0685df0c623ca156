from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from crm.people.models import User
from partners.actions import sweeps
from partners.actions.sweeps import Swept
from partners.forms import DayInput
from partners.models import NotAFit, Stage, Sweep, Tier

MOST = 10_000  # more than anybody has; a request with more keys is no request of ours


def _a_week_from_now():
    return timezone.localdate() + timedelta(days=7)


class DeedForm(forms.Form):
    """What a deed needs to know, and how it is carried out on exactly these partners."""

    question = ""
    button = ""
    permission = "partners.change_partner"

    def carry_out(self, keys: list[int], *, by: User) -> Swept:
        raise NotImplementedError


class TierForm(DeedForm):
    question, button = "Give them a tier", "Set the tier"

    tier = forms.ChoiceField(choices=Tier.choices, widget=forms.RadioSelect)

    def carry_out(self, keys: list[int], *, by: User) -> Swept:
        return sweeps.sweep_tier(keys, tier=Tier(self.cleaned_data["tier"]), by=by)


class StageForm(DeedForm):
    question, button = "Move them to a stage", "Move"

    to = forms.ChoiceField(
        label="To which stage?",
        choices=[("", "Choose"), *Stage.choices],
        help_text="Whoever lacks what the stage asks for stays where they are, and you are told who and why.",
    )
    reason = forms.CharField(label="Why?", required=False, max_length=200, help_text="For a rest: paused, dormant.")
    because = forms.ChoiceField(
        label="Not a fit because", required=False, choices=[("", "Only for “Not a fit”"), *NotAFit.choices]
    )
    until = forms.DateField(label="Paused until", required=False, widget=DayInput)

    def carry_out(self, keys: list[int], *, by: User) -> Swept:
        said: dict[str, Any] = self.cleaned_data
        return sweeps.sweep_stage(
            keys,
            to=Stage(said["to"]),
            by=by,
            reason=said["reason"],
            because=said["because"],
            paused_until=said["until"],
        )


class ToDoForm(DeedForm):
    question, button = "Promise them the same", "Add the to do"
    permission = "partners.add_followup"

    title = forms.CharField(label="What?", max_length=200)
    due_on = forms.DateField(label="By when?", widget=DayInput, initial=_a_week_from_now)

    def carry_out(self, keys: list[int], *, by: User) -> Swept:
        return sweeps.sweep_todo(keys, title=self.cleaned_data["title"], due_on=self.cleaned_data["due_on"], by=by)


class ArchiveForm(DeedForm):
    question, button = "Put them out of sight, with all their history", "Archive"

    def carry_out(self, keys: list[int], *, by: User) -> Swept:
        return sweeps.sweep_archive(keys, by=by)


FORMS: dict[str, type[DeedForm]] = {
    Sweep.Deed.TIER: TierForm,
    Sweep.Deed.STAGE: StageForm,
    Sweep.Deed.TODO: ToDoForm,
    Sweep.Deed.ARCHIVE: ArchiveForm,
}
