"""The part of the quick log that a line of plain writing fills, and what it asks back before anything is saved."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date

from partners import identity
from partners.lines import Heard, heard_in, read_line
from partners.models import Partner
from partners.reading import Reading

FREE_TEXTS = ("summary", "next_step", "learned", "ask_reason")


class LineForm(forms.Form):
    """The line itself, the days it left open, the people it offers, and the yes to words that look like a patient."""

    line = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    occurred_pick = forms.CharField(required=False, max_length=10)
    due_pick = forms.CharField(required=False, max_length=10)
    newcomers = forms.MultipleChoiceField(required=False)
    is_ahead = forms.BooleanField(required=False, label="It is still to come: save it as a to do")
    mail = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    identity_ok = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    found: Partner | None
    seen: list[identity.Seen]

    def __init__(self, *args, reading: Reading | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if reading:
            self.reading = reading
        self.seen = []
        self.was_confirmed = False
        offered = self.reading.newcomers if self.reading else []
        self.fields["newcomers"].choices = [(name, name) for name in offered]  # type: ignore[attr-defined]

    @cached_property
    def reading(self) -> Reading | None:
        """The line read again: what it says is never taken from the page."""
        line = str(self["line"].value() or "")
        return read_line(line) if line.strip() else None

    @cached_property
    def heard(self) -> Heard | None:
        return heard_in(self.reading) if self.reading else None

    def settle_days(self) -> None:
        """Take the days that were picked; a line that leaves one open is asked about."""
        picked = _day(self.cleaned_data.get("occurred_pick", ""))
        if picked and picked > timezone.localdate():
            self.cleaned_data |= {"is_ahead": True, "due_on": picked, "due": "on"}
        elif picked:
            self.cleaned_data["occurred_on"] = picked
        if due := _day(self.cleaned_data.get("due_pick", "")):
            self.cleaned_data |= {"due_on": due, "due": "on"}
        for question in self.reading.questions if self.reading else []:
            name = "due" if question.field == "due_on" else question.field
            is_open = not self.cleaned_data.get(name) and not self.cleaned_data.get(question.field)
            if question.field in ("due_on", "occurred_on") and is_open and not (picked and name == "occurred_on"):
                self.add_error(question.field, f"{question.sentence} Choose one above.")

    def look_for_patients(self) -> None:
        """Free text that seems to name a patient comes back once, with what was seen."""
        texts = [str(self.cleaned_data.get(name) or "") for name in FREE_TEXTS]
        seen = [each for text in texts for each in identity.seen_in(text, self.found)]
        if not seen:
            return
        self.seen, self.was_confirmed = seen, self.cleaned_data.get("identity_ok") == identity.mark(seen)
        if not self.was_confirmed:
            self.add_error(None, identity.sentence(seen))

    @property
    def seen_mark(self) -> str:
        return identity.mark(self.seen) if self.seen and not self.was_confirmed else ""


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
