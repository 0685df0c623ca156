"""A touch mended: the same refusals as when it is logged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm

from crm.people.models import Contact
from partners.actions import AskedTooEarly, ThanksCostNothing
from partners.guard import lacking
from partners.models import Script, Touch


class TouchForm(WagtailAdminModelForm):
    money = forms.DecimalField(label="Money spent", required=False, min_value=0, max_digits=8, decimal_places=2)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        there = Q(roles__partner=self.instance.partner_id) | Q(touches=self.instance)
        self.fields["contacts"].queryset = Contact.objects.filter(there).distinct()
        self.fields["script"].queryset = Script.objects.filter(Q(is_on=True) | Q(touches=self.instance)).distinct()
        self.fields["occurred_at"].error_messages["invalid"] = "Write the day and the time as 2027-01-31 14:30."
        if self.instance.cost_cents:
            self.initial["money"] = self.instance.cost_cents / 100

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("is_ask"):
            cleaned["ask_reason"] = ""
        elif not cleaned.get("ask_reason") and self._is_another_ask(cleaned):
            self._weigh(cleaned)
        said = {name: cleaned.get(name) or "" for name in ("kind", "direction")}
        cleaned["is_give"] = Touch(is_give=bool(cleaned.get("is_give")), **said).gave
        if cleaned.get("kind") == Touch.TouchKind.THANKS and cleaned.get("money"):
            self.add_error("money", str(ThanksCostNothing()))
        self.instance.cost_cents = round((cleaned.get("money") or 0) * 100)
        return cleaned

    def _is_another_ask(self, cleaned: dict[str, Any]) -> bool:
        """Is it an ask only now, or on another day, or without the reason it had?"""
        day, was = cleaned.get("occurred_at"), self.initial.get("occurred_at")
        has_moved = day and was and timezone.localdate(day) != timezone.localdate(was)
        return bool(has_moved or {"is_ask", "ask_reason"} & set(self.changed_data))

    def _weigh(self, cleaned: dict[str, Any]) -> None:
        """An ask too early wants a reason, whenever it is written down."""
        missing = lacking(self.instance.partner, at=cleaned.get("occurred_at"), apart_from=self.instance)
        if missing:
            self.add_error("ask_reason", str(AskedTooEarly(missing.sentence)))
