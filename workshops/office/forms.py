"""What the owner fills in: a workshop in its own zone's wall-clock time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from wagtail.admin.forms import WagtailAdminModelForm

from crm.people.zones import TimeDoesNotExist, TimeHappensTwice, instant
from workshops.actions import BadSpan, refuse_bad_span
from workshops.actions.planning import free_slug
from workshops.models import Topic, Workshop

REGIONS = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
TURNS = [("", "Choose"), ("first", "The first one, before the clocks go back"), ("second", "The second one, after")]


def zone_choices() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    return [(name, name.replace("_", " ")) for name in names]


class WorkshopForm(WagtailAdminModelForm):
    """Day and hours are read on the clock of the workshop's zone, whatever zone the owner sits in.

    A new workshop takes from its topic what is left empty, so that choosing one is enough.
    """

    FROM_TOPIC = {"title": "name", "summary": "summary", "description": "description", "bring": "bring"}

    class Media:
        js = ["workshops/topic.js"]

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    starts = forms.TimeField(label="Starts", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label="Ends", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    turn = forms.ChoiceField(
        label="Which of the two", choices=TURNS, required=False, help_text="Only for the hour the clocks go back."
    )
    time_zone = forms.ChoiceField(label="Time zone", choices=zone_choices)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        workshop = self.instance
        if workshop.starts_at:
            start, end = workshop.local_start, workshop.local_end
            self.initial |= {"starts": _minute(start), "ends": _minute(end)}
            if workshop.pk:
                self.initial |= {"day": start.date(), "turn": _turn(start) or _turn(end)}
        if not (self.initial.get("turn") or self.data.get(self.add_prefix("turn"))):
            del self.fields["turn"]
        in_use = Q(is_archived=False) | Q(pk=workshop.topic_id)
        self.fields["topic"].queryset = Topic.objects.filter(in_use)
        self.fields["topic"].widget.attrs["data-words"] = reverse("topics:words", args=[0])
        if not workshop.pk and self.data.get(self.add_prefix("topic")):
            self.fields["title"].required = self.fields["ends"].required = False

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("topic") and not self.instance.pk:
            self._take_from(cleaned["topic"])
        zone = ZoneInfo(cleaned["time_zone"]) if cleaned.get("time_zone") else None
        for field, attribute in (("starts", "starts_at"), ("ends", "ends_at")):
            if zone and cleaned.get("day") and cleaned.get(field):
                cleaned[attribute] = self._instant(field, zone)
        if cleaned.get("starts_at") and cleaned.get("ends_at"):
            self._check_span()
        return cleaned

    def _take_from(self, topic: Topic) -> None:
        """What nobody typed; the topic's length from the hour on the wall, which for workshops is long enough."""
        cleaned = self.cleaned_data
        for field, source in self.FROM_TOPIC.items():
            if field not in self.errors and not cleaned.get(field):
                cleaned[field] = getattr(topic, source)
        if not cleaned.get("ends") and "ends" not in self.errors and cleaned.get("day") and cleaned.get("starts"):
            start = datetime.combine(cleaned["day"], cleaned["starts"])
            cleaned["ends"] = (start + timedelta(minutes=topic.minutes)).time()

    def _instant(self, field: str, zone: ZoneInfo) -> datetime | None:
        cleaned = self.cleaned_data
        try:
            return instant(cleaned["day"], cleaned[field], zone, turn=cleaned.get("turn") or "")
        except TimeHappensTwice as problem:
            self.fields["turn"] = self.base_fields["turn"]
            self.add_error(field, f"{problem} Or say below whether you mean the first or the second.")
        except TimeDoesNotExist as problem:
            self.add_error(field, str(problem))
        return None

    def _check_span(self) -> None:
        try:
            refuse_bad_span(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])
        except BadSpan as problem:
            self.add_error("ends", str(problem))
        else:
            self.instance.starts_at = self.cleaned_data["starts_at"]
            self.instance.ends_at = self.cleaned_data["ends_at"]

    def clean_capacity(self) -> int:
        capacity = self.cleaned_data["capacity"]
        if capacity < 1:
            raise ValidationError("A workshop needs at least one seat.")
        if capacity < self.instance.seats_taken:
            raise ValidationError(f"{self.instance.seats_taken} people hold a seat. Cancel registrations first.")
        return capacity

    def save(self, commit: bool = True) -> Workshop:
        if not self.instance.slug:
            self.instance.slug = free_slug(self.instance)
        return super().save(commit=commit)


def invited_field() -> forms.IntegerField:
    return forms.IntegerField(
        label="About how many were invited?",
        min_value=0,
        max_value=100_000,
        required=False,
        help_text="By the host and by you, together. A guess will do.",
    )


class InvitedForm(forms.Form):
    invited = invited_field()


class CancelWorkshopForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=200,
        required=False,
        help_text="Everybody reads it: in the e-mail and on the public page. One or two sentences.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _minute(at: datetime) -> time:
    """To the minute, as the form sends it back: or an untouched time would look like a changed one."""
    return at.time().replace(second=0, microsecond=0)


def _turn(at: datetime) -> str:
    """Whether a clock that shows this time shows it for the first or the second time; empty on all other days."""
    if at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset():
        return ""
    return "second" if at.fold else "first"
