from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils import timezone

from crm.people.models import Contact
from partners.actions import TouchInFuture
from partners.duplicates import twins_of
from partners.line_form import LineForm
from partners.models import Kind, Partner, Script, Touch
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


class QuickLogForm(LineForm):
    """Who, what, one line, and what is next. A name nobody has is asked about, never guessed."""

    once = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
    partner = forms.CharField(required=False)
    name = forms.CharField(required=False, max_length=160, label="Partner")
    asked = forms.CharField(required=False, max_length=160, widget=forms.HiddenInput)
    partner_kind = forms.ChoiceField(choices=Kind.choices, required=False, initial=Kind.OTHER, label="What are they?")
    kind = forms.ChoiceField(choices=Touch.TouchKind.choices, initial=Touch.TouchKind.VISIT, label="What happened?")
    summary = forms.CharField(required=False, max_length=280, label="In one line")
    contacts = forms.ModelMultipleChoiceField(Contact.objects.all(), required=False, label="Who was there?")
    is_give = forms.BooleanField(required=False, label="Gave value?")
    is_ask = forms.BooleanField(required=False, label="Asked a favour?")
    ask_reason = forms.CharField(required=False, max_length=200, label="Why now, all the same?")
    learned = forms.CharField(required=False, max_length=500, label="What they told us", widget=forms.Textarea)
    outcome = forms.ChoiceField(choices=[("", "–"), *Touch.Outcome.choices], required=False, label="How did it go?")
    they_came = forms.BooleanField(required=False, label="They came to us")
    is_for_many = forms.BooleanField(required=False, label="It went to many people")
    minutes = forms.IntegerField(required=False, min_value=1, max_value=1440, label="Minutes spent")
    money = forms.DecimalField(required=False, min_value=0, max_digits=8, decimal_places=2, label="Money spent")
    script = forms.ModelChoiceField(Script.objects.all(), required=False, label="Used the script")
    occurred_on = forms.DateField(required=False, widget=DayInput, label="On which day?")
    next_step = forms.CharField(required=False, max_length=200, label="Next step")
    due = forms.ChoiceField(choices=DUE, required=False, label="By when?")
    due_on = forms.DateField(required=False, widget=DayInput, label="Day of the next step")
    is_meeting = forms.BooleanField(required=False, label="It is a booked meeting")

    def __init__(self, *args, can_add: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.can_add = can_add
        self.found: Partner | None = None
        self.candidates: list[Partner] = []

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        picked, name = cleaned.get("partner", ""), cleaned.get("name", "").strip()
        if picked == NEW and name and self.can_add:
            self._look_for_twins(name)
        else:
            self._find(picked, name)
        self._look_at_people()
        self.settle_days()
        self.look_for_patients()
        if cleaned.get("is_meeting") and not (cleaned.get("due", "").isdecimal() or cleaned.get("due_on")):
            self.add_error("is_meeting", "Say on which day the meeting is.")
        return cleaned

    def _look_for_twins(self, name: str) -> None:
        """Ask once whether a new partner is one we have; not when it is this form that made it."""
        once = self.cleaned_data.get("once")
        is_made = once is not None and Touch.objects.filter(once=once).exists()
        if is_made or name == self.cleaned_data.get("asked"):
            return
        twins = [twin.partner for twin in twins_of(Partner(name=name)) if not twin.partner.archived_at]
        if twins:
            self.candidates = twins
            self.add_error("name", f"“{twins[0]}” is here already. Tap it, or save again if “{name}” is another one.")

    def _find(self, picked: str, name: str) -> None:
        if picked.isdecimal() and (not name or name == self.cleaned_data.get("asked")):
            self.found = Partner.objects.current().filter(Q(pk=picked) | Q(merged_from=picked)).first()
        elif name:
            self._look_up(name)
        if self.found is None:
            self._ask(name)

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

    def _look_at_people(self) -> None:
        """Whoever is ticked has a place at this partner: a tick may be left over from the one chosen before."""
        ticked = self.cleaned_data.get("contacts") or []
        here = set(self.found.roles.values_list("contact_id", flat=True)) if self.found else set()
        strangers = [str(contact) for contact in ticked if contact.pk not in here]
        if strangers and not self.errors:
            names = ", ".join(strangers)
            self.add_error("contacts", f"{names}: not somebody at {self.found or 'a new partner'}. Take the tick off.")

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
        typed = Touch(**{name: self.told[name] for name in ("kind", "summary", "is_give", "direction")})
        same = (partner, typed.kind, typed.summary, typed.gave)
        return same == (touch.partner.name, touch.kind, touch.summary, touch.gave)

    @property
    def told(self) -> dict[str, Any]:
        """All that was said of the touch, as log_touch() takes it."""
        fields = self.cleaned_data
        same = ("kind", "summary", "is_give", "is_ask", "ask_reason", "contacts", "learned", "outcome", "minutes")
        return {
            **{name: fields[name] for name in (*same, "script", "next_step", "is_meeting")},
            "occurred_at": self.occurred_at,
            "due_on": self.next_due_on,
            "direction": Touch.Direction.IN if fields["they_came"] else Touch.Direction.OUT,
            "counts_for_cadence": not fields["is_for_many"],
            "cost_cents": round((fields["money"] or 0) * 100),
        }

    @property
    def has_more(self) -> bool:
        """Is something typed, or wrong, in the part that is folded up?"""
        names = ("occurred_on", "outcome", "they_came", "is_for_many", "minutes", "money", "script")
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def used(self) -> Script | None:
        """The script they came from, if they did."""
        value = self["script"].value()
        if isinstance(value, Script):
            return value
        return Script.objects.filter(pk=value).first() if str(value or "").isdecimal() else None

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
