from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin.views.generic import InspectView

from partners import cadence, duplicates, promises, referrals_page, timeline
from partners.forms import PersonForm
from partners.models import OFF_RAMPS, Stage


class PartnerPage(InspectView):
    """One partner: how to reach it, who is there, what is promised, and everything that ever happened."""

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Links to one that was merged into another lead to that other."""
        if self.object.merged_into:
            messages.info(request, f"{self.object} was merged into {self.object.merged_into}.")
            return redirect(self.object.merged_into)
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return self.object.name

    def get_fields_context(self) -> list:
        return []

    def get_context_data(self, **kwargs) -> dict:
        partner, today = self.object, timezone.localdate()
        asked = self.request.GET.get("page", "1")
        number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 5 else 1
        entries, has_older = timeline.page_of(partner, number)
        return {
            **super().get_context_data(**kwargs),
            "partner": partner,
            "people": partner.roles.select_related("contact"),
            **promises.for_page(partner, self.request.user),
            **duplicates.for_page(partner, self.request.user),
            **referrals_page.for_page(partner, self.request.user),
            "cadence": cadence.for_page(partner, self.request.user),
            "today": today,
            "entries": entries,
            "page": number,
            "has_older": has_older,
            "stages": [stage for stage in Stage if stage not in OFF_RAMPS],
            "off_ramps": OFF_RAMPS,
            "person_form": PersonForm(auto_id="person_%s"),
        }
