"""What people fill in on the public site."""

from __future__ import annotations

import re
import secrets

from django import forms
from django.core.exceptions import ValidationError

from crm.people.guard import GuardedForm
from workshops.models import Registration

WEB_ADDRESS = re.compile(r"://|\bwww\.|\.(com|net|org|ru|info|biz)\b", re.IGNORECASE)


def refuse_web_address(name: str) -> None:
    """A name goes into a letter to whatever address was typed: it must not carry somebody's advertising."""
    if WEB_ADDRESS.search(name):
        raise ValidationError("Write your name without a web address.")


def new_submission() -> str:
    """Names one showing of the form, so that a second press is told apart from a second person."""
    return secrets.token_urlsafe(12)


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Your name",
        max_length=120,
        validators=[refuse_web_address],
        error_messages={"required": "Write your name, so that we can greet you."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


def phone_field() -> forms.CharField:
    return forms.CharField(
        label="Phone",
        max_length=40,
        required=False,
        help_text="Only for something urgent, such as a closed road.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


class RegistrationForm(GuardedForm):
    """Name and e-mail, and a phone number from those who like to give one.

    Who falls into the trap sees the thank-you page, and nothing is kept. Anybody else the guard stops gets a
    sentence, keeps what they typed, and sees our phone number: a person refused by mistake is a person lost.
    """

    name = name_field()
    email = forms.EmailField(
        label="E-mail",
        help_text="Your confirmation and the calendar invite go there.",
        error_messages={
            "required": "Write your e-mail address: the confirmation goes there.",
            "invalid": "This does not look like an e-mail address. It reads like name@example.com.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = phone_field()
    submission = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    @property
    def this_submission(self) -> str:
        """The same name when the form is shown again with what was typed."""
        return self.data.get("submission", "")[:32] or new_submission()


class DetailsForm(forms.ModelForm):
    """What registrants may correct. Not the address: the calendar invite belongs to it."""

    name = name_field()
    phone = phone_field()

    class Meta:
        model = Registration
        fields = ["name", "phone"]
