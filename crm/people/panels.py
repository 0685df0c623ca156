from __future__ import annotations

from django import forms
from django.contrib.auth.context_processors import PermWrapper
from wagtail.admin.panels import Panel


class ConsentPanel(Panel):
    """What this contact agreed to, beside the form: read here, added to on its own page."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "people/_consent_panel.html"

        @property
        def media(self) -> forms.Media:
            return forms.Media(css={"all": ["people/office.css"]})

        def is_shown(self) -> bool:
            return self.instance.pk is not None and self.request.user.has_perm("people.view_consentevent")

        def get_context_data(self, parent_context=None) -> dict:
            return {
                **super().get_context_data(parent_context),
                "contact": self.instance,
                "request": self.request,
                "perms": PermWrapper(self.request.user),
                "is_panel": True,
            }
