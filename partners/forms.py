from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import uuid4

from django import forms
from django.utils import timezone

from partners.actions import TouchInFuture
from partners.models import Kind, Partner, Touch
from partners.names import fold

NEW = "new"
DUE = [("1", "Tomorrow"), ("7", "Next week"), ("14", "In two weeks"), ("on", "On a day")]
# What happens most is a tap away, the rest behind one more.
FIRST_KINDS = (
    Touch.TouchKind.VISIT,
    Touch.TouchKind.CALL,
    Touch.TouchKind.TEXT,
    Touch.TouchKind.EMAIL,
    Touch.TouchKind.MEETING,
    Touch.TouchKind.CLASS,
)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class QuickLogForm(forms.Form):
    """Who, what, one line, and what is next. A name nobody has is asked about, never guessed."""

    once = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
    partner = forms.CharField(required=False)
    name = forms.CharField(required=False, max_length=160, label="Partner")
    asked = forms.CharField(required=False, max_length=160, widget=forms.HiddenInput)
    partner_kind = forms.ChoiceField(choices=Kind.choices, required=False, initial=Kind.OTHER, label="What are they?")
    kind = forms.ChoiceField(choices=Touch.TouchKind.choices, initial=Touch.TouchKind.VISIT, label="What happened?")
    summary = forms.CharField(required=False, max_length=280, label="In one line")
    is_give = forms.BooleanField(required=False, label="Gave value?")
    occurred_on = forms.DateField(required=False, widget=DayInput, label="On which day?")
    next_step = forms.CharField(required=False, max_length=200, label="Next step")
    due = forms.ChoiceField(choices=DUE, required=False, label="By when?")
    due_on = forms.DateField(required=False, widget=DayInput, label="Day of the next step")

    def __init__(self, *args, can_add: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.can_add = can_add
        self.found: Partner | None = None
        self.candidates: list[Partner] = []

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        picked, name = cleaned.get("partner", ""), cleaned.get("name", "").strip()
        if picked == NEW and name and self.can_add:
            return cleaned
        if picked.isdecimal() and (not name or name == cleaned.get("asked")):
            self.found = Partner.objects.current().filter(pk=picked).first()
        elif name:
            self._look_up(name)
        if self.found is None:
            self._ask(name)
        return cleaned

    def clean_occurred_on(self):
        day = self.cleaned_data["occurred_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(str(TouchInFuture()))
        return day

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError("This day has passed. Choose today or a later day.")
        return day

    def _look_up(self, name: str) -> None:
        """Take the one partner with exactly this name, or offer those that are like it."""
        self.candidates = list(Partner.objects.current().matching(name, limit=5))
        same = [partner for partner in self.candidates if fold(partner.name) == fold(name)]
        if len(same) == 1:
            self.found = same[0]

    def _ask(self, name: str) -> None:
        if not name:
            self.add_error("name", "Say who it was with: tap a partner, or type a name.")
        elif self.candidates:
            self.add_error("name", f"Which partner do you mean by “{name}”?")
        elif self.can_add:
            self.add_error("name", f"No partner is called “{name}”. Add it as a new one, or type another name.")
        else:
            self.add_error("name", f"No partner is called “{name}”. Type another name.")

    def says(self, touch: Touch) -> bool:
        """Is this what was typed, and not something else on the page that logged it?"""
        fields = self.cleaned_data
        partner = self.found.name if self.found else fields["name"].strip()
        typed = (partner, fields["kind"], fields["summary"], fields["is_give"])
        return typed == (touch.partner.name, touch.kind, touch.summary, touch.is_give)

    @property
    def occurred_at(self) -> datetime | None:
        """Noon of a day gone by; nothing for today, which means now."""
        day = self.cleaned_data["occurred_on"]
        if day is None or day == timezone.localdate():
            return None
        return timezone.make_aware(datetime.combine(day, time(12)))

    @property
    def next_due_on(self):
        """The day tapped, or the day typed."""
        due = self.cleaned_data["due"]
        if due.isdecimal():
            return timezone.localdate() + timedelta(days=int(due))
        return self.cleaned_data["due_on"]

    @property
    def first_kinds(self):
        return [option for option in self["kind"] if option.data["value"] in FIRST_KINDS]

    @property
    def other_kinds(self):
        return [option for option in self["kind"] if option.data["value"] not in FIRST_KINDS]


class PersonForm(forms.Form):
    """Somebody at a partner; an address we know already is the contact we have."""

    name = forms.CharField(max_length=120)
    title = forms.CharField(max_length=80, required=False, help_text="For example: owner, head coach, physician.")
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(max_length=40, required=False)
    is_primary = forms.BooleanField(label="Main person", required=False)
    is_healthcare_provider = forms.BooleanField(label="Health-care provider", required=False)
