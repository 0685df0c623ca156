"""What the office asks for: who is in an audience, and what goes to whom, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter
from crm.people.models import PracticeProfile
from crm.people.zones import NoSuchTime, instant
from partners.models import OFF_RAMPS, Kind, Stage


class AudienceForm(forms.ModelForm):
    """Nothing ticked means everything, so a new audience starts with the stages of those we are in touch with."""

    kinds = forms.MultipleChoiceField(
        label="Kinds of partner",
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked means every kind.",
    )
    stages = forms.MultipleChoiceField(
        label="Stages",
        choices=Stage.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked means every stage.",
    )

    class Meta:
        model = Audience
        fields = ("name", "kinds", "stages")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial.setdefault("stages", [stage for stage in Stage.values if stage not in OFF_RAMPS])


class BroadcastForm(forms.ModelForm):
    """Letter, audience, and when: at once, or on a day at a time of the practice's own clock."""

    NOW, AT = "now", "at"

    when = forms.ChoiceField(
        choices=[(AT, "On a day, at a time"), (NOW, "As soon as I confirm")], initial=AT, widget=forms.RadioSelect
    )
    letter = forms.ModelChoiceField(
        Letter.objects.order_by("-updated_at", "-pk"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the letter that is to be sent."},
    )
    audience = forms.ModelChoiceField(
        Audience.objects.all(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who is to get it."},
    )
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    class Meta:
        model = Broadcast
        fields = ("letter", "audience")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self._show(self.instance.local_send_at)

    @property
    def zone(self) -> ZoneInfo:
        return PracticeProfile.load().zone

    def _show(self, at: datetime | None) -> None:
        self.initial["when"] = self.AT if at else self.NOW
        if at:
            self.initial["day"], self.initial["time"] = at.date(), at.time()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.instance.send_at = self._send_at(cleaned) if cleaned.get("when") == self.AT else None
        return cleaned

    def _send_at(self, cleaned: dict[str, Any]) -> datetime | None:
        day, time = cleaned.get("day"), cleaned.get("time")
        for name, value in (("day", day), ("time", time)):
            if value is None and name not in self.errors:
                self.add_error(name, f"Choose the {name} on which it leaves." if name == "day" else "Choose the time.")
        if day is None or time is None:
            return None
        try:
            at = instant(day, time, self.zone)
        except NoSuchTime as problem:
            self.add_error("time", str(problem))
            return None
        if at < timezone.now():
            self.add_error("day", "That time is past. Choose a later one, or send it as soon as you confirm.")
        return at
