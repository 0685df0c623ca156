"""Gifts and their limits as they are typed: amounts in dollars, kept in cents."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from partners.models import Gift

AMOUNT = re.compile(r"\$?\s*((?:\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.\d{1,2})?)\s*\$?")


class CentsField(forms.CharField):
    """An amount typed in dollars, such as 12.50, and kept in cents."""

    def __init__(self, **kwargs) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "maxlength": 14}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 100:.2f}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        if typed in self.empty_values:
            return None
        found = AMOUNT.fullmatch(typed or "")
        if not found:
            raise forms.ValidationError("Write the amount in dollars and cents, like 12.50.")
        whole, _point, cents = found[1].replace(",", "").partition(".")
        return int(whole) * 100 + int(cents.ljust(2, "0") or 0)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return initial != self.to_python(data)
        except forms.ValidationError:
            return True


class GiftForm(WagtailAdminModelForm):
    """Something that was given. Who is licensed is looked up, so a choice here can only be the stricter one."""

    recipient = forms.ChoiceField(label="Who they are", choices=Gift.Recipient.choices, widget=forms.RadioSelect)
    value_cents = CentsField(label="Worth, in dollars", help_text="What you paid for it, or what it costs in a shop.")
    once = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def clean_value_cents(self) -> int:
        cents = self.cleaned_data["value_cents"]
        if cents == 0:
            raise forms.ValidationError("Say what it is worth. A card or a word of thanks is a touch, not a gift.")
        return cents


class GiftLimitForm(WagtailAdminModelForm):
    """The limits of a year, in dollars."""

    licensed_item_cents = CentsField(label="Ask why above, for one gift", initial=5_000)
    licensed_year_cents = CentsField(label="Ask why above, in a year", initial=15_000)
    licensed_stop_cents = CentsField(
        label="Never above, in a year",
        help_text="The yardstick of the Stark law; CMS publishes a new figure each year.",
    )
    patient_item_cents = CentsField(label="Never above, for one gift", initial=1_500)
    patient_year_cents = CentsField(label="Never above, in a year", initial=7_500)
