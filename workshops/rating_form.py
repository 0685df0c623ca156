"""What those who came are asked: stars, a word if they like, and whether we may call. Nothing about their health."""

from __future__ import annotations

import re

from django import forms

from partners import identity
from partners.identity_words import BODY, COMPLAINTS
from workshops.models import Registration

STARS = ((1, "not for me"), (2, "so-so"), (3, "all right"), (4, "good"), (5, "very good"))
FEWEST_DIGITS = 6
OF_THEIRS = re.compile(
    r"\b(?:my|i have|i had|i.ve|i.ve had|i was|i am|i.m)\b(?:\W+\w+){0,4}?\W+(?:"
    + "|".join(sorted(BODY | COMPLAINTS))
    + r"|diagnosed|medication)\b",
    re.IGNORECASE,
)
KINDLY = (
    "This seems to speak of somebody’s health or to name somebody. Please leave that out: we would rather hear it from "
    "you, in person. To send it just as it is, press the button again."
)


class RatingForm(forms.Form):
    """Stars are enough. Words that seem to tell of a body come back once, with everything that was typed."""

    stars = forms.TypedChoiceField(
        label="How was it?",
        coerce=int,
        choices=STARS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose from one to five stars.", "invalid_choice": "Choose from one to five."},
    )
    words = forms.CharField(
        label="What should we keep, or change?",
        help_text="Please no medical details.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    may_call = forms.BooleanField(label="May we call you?", required=False)
    phone = forms.CharField(
        label="Your number",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    call_when = forms.CharField(
        label="When is a good time?", required=False, max_length=80, help_text="Such as weekdays after five."
    )
    words_ok = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args, registration: Registration, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.registration = registration
        self.asked_about = ""

    def clean(self) -> dict:
        typed = super().clean() or self.cleaned_data
        if typed.get("may_call") and sum(sign.isdigit() for sign in typed.get("phone", "")) < FEWEST_DIGITS:
            self.add_error("phone", "Write the number we may call.")
        mark = self._mark(typed)
        if mark and typed.get("words_ok") != mark:
            self.asked_about = mark
            self.add_error("words", KINDLY)
        return typed

    @property
    def is_asking(self) -> bool:
        """Does it only ask about words, with nothing else to mend?"""
        return bool(self.asked_about) and len(self.errors) == 1

    def _mark(self, typed: dict) -> str:
        """A short mark of what looks private, so that a yes to it is no yes to something else; empty where nothing does."""
        text = "\n".join(str(typed.get(name) or "") for name in ("words", "call_when"))
        known = [self.registration.name, self.registration.address, typed.get("phone", "")]
        seen = identity.seen_in(text, known=known)
        seen += [identity.Seen(found[0], "health") for found in OF_THEIRS.finditer(text)]
        return identity.mark(seen) if seen else ""
