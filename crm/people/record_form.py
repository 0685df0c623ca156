"""The form of one record that several people may have open at once."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db.models import Model
from wagtail.admin.forms.models import WagtailAdminModelForm


class RecordForm(WagtailAdminModelForm):
    """Saves what was changed and nothing else. ``seen`` is what stood in the fields when the form was opened.

    So a form that lay open for an hour brings no old value back; and where two people changed the same field, the second
    is told, and chooses. The view holds the row, or somebody might still slip in between.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    data: Any

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self._is_new:
            del self.fields["seen"]
        else:
            self.initial["seen"] = json.dumps(self._now())

    @property
    def _is_new(self) -> bool:
        return self.instance.pk is None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self._is_new:
            return cleaned
        now, seen = self._now(), self._seen()
        self.changed = [name for name in now if self._differs(name, seen[name])]
        for name in self.changed:
            if now[name] != seen[name] and self._differs(name, now[name]):
                self.add_error(name, self._both(name, now[name]))
        if self.errors:  # whoever saves once more has been told
            self.data = {**self.data.dict(), "seen": json.dumps(now)}
        return {**cleaned, **{name: getattr(self.instance, name) for name in now if name not in self.changed}}

    def save(self, commit: bool = True) -> Model:
        if self._is_new or not commit:
            return super().save(commit)
        if self.changed:
            self.instance.save(update_fields=self.changed)
        return self.instance

    def _now(self) -> dict[str, Any]:
        """What the database says, as this form was made."""
        return {name: self.initial.get(name) for name in self._meta.fields or () if name in self.fields}

    def _seen(self) -> dict[str, Any]:
        try:
            seen = json.loads(self.data.get(self.add_prefix("seen")) or "{}")
        except ValueError:
            seen = {}
        return {**self._now(), **(seen if isinstance(seen, dict) else {})}

    def _differs(self, name: str, value: Any) -> bool:
        field = self.fields[name]
        return field.has_changed(value, field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))

    def _both(self, name: str, now: Any) -> str:
        words = dict(getattr(self.fields[name], "choices", ())).get(now, now)
        return (
            f"Somebody else changed this to “{words if words not in ('', None) else 'nothing'}” while you were here. "
            "What you wrote is still in the field: save again to put it in place of theirs."
        )
