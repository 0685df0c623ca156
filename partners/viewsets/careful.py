"""Forms of the office that ask once before they keep a text that seems to name a patient."""

from __future__ import annotations

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse
from django.template.loader import render_to_string

from partners import identity
from partners.actions.trail import note_confirmed
from partners.models import Partner

CONFIRMED = "looks_like_a_patient"


class Careful:
    """Put before a create or edit view: what was typed in ``free_texts`` is looked at before it is saved."""

    free_texts: tuple[str, ...] = ()

    def form_valid(self, form: ModelForm) -> HttpResponse:
        """Come back once with what was seen; a yes to exactly that is kept in the change history."""
        seen = self._seen(form)
        if seen and not self._is_confirmed(seen):
            context = {"sentence": identity.sentence(seen), "mark": identity.mark(seen)}
            messages.warning(self.request, render_to_string("partners/_seen.html", context))  # type: ignore[attr-defined]
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
        response = super().form_valid(form)  # type: ignore[misc]
        if seen and form.instance.pk:
            self.request.session.pop(CONFIRMED, None)  # type: ignore[attr-defined]
            note_confirmed(form.instance, self.request.user, seen)  # type: ignore[attr-defined]
        return response

    def _seen(self, form: ModelForm) -> list[identity.Seen]:
        row = form.instance
        partner = row if isinstance(row, Partner) else row.partner
        known = partner if partner and partner.pk else None
        own = [row.name, row.email, row.phone] if isinstance(row, Partner) else []
        typed = [form.cleaned_data.get(name) or "" for name in self.free_texts if name in form.changed_data]
        return [each for text in typed for each in identity.seen_in(str(text), known, known=own)]

    def _is_confirmed(self, seen: list[identity.Seen]) -> bool:
        """Now, or at another question of the same form a moment ago."""
        request, mark = self.request, identity.mark(seen)  # type: ignore[attr-defined]
        if request.POST.get("identity_ok") == mark:
            request.session[CONFIRMED] = mark
        return request.session.get(CONFIRMED) == mark
