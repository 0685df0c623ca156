from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin.views.generic import InspectView

from crm.people.models import PracticeProfile
from partners import (
    cadence,
    doing,
    duplicates,
    fit,
    health,
    lately,
    ledger,
    promises,
    referrals_page,
    scripts,
    timeline,
)
from partners.forms import PersonForm
from partners.models import SENDING, Group, Partner

MOST = BigIntegerField.MAX_BIGINT  # no key is higher


class PartnerPage(InspectView):
    """One partner, in the order in which it is needed between two patients: what to do, what to log, what was promised."""

    def get_object(self, queryset=None) -> Partner:
        self.others = duplicates.on_page_of(self.pk, self.request.user) if self.pk <= MOST else {}
        if partner := self.others.pop(self.pk, None):
            return partner
        raise Http404("There is no such partner.")

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
        partner, user = self.object, self.request.user
        year = lately.of(partner)
        return {
            **super().get_context_data(**kwargs),
            "partner": partner,
            "people": partner.roles.all(),
            "today": timezone.localdate(),
            "once": uuid4(),
            "cadence": cadence.for_page(partner, user, balance=doing.asked_more(year)),
            **duplicates.for_page(partner, self.others),
            "person_form": PersonForm(auto_id="person_%s"),
            **self._standing(partner, year),
            **promises.for_page(partner, user),
            **referrals_page.for_page(partner, user),
            **scripts.for_page(partner, user, practice=PracticeProfile.load(request_or_site=self.request)),
            **self._timeline(partner, year),
        }

    def _standing(self, partner: Partner, year: lately.Lately) -> dict:
        """Where they stand, how it goes, and how well they fit."""
        return {
            "health": health.of(partner, known=year),
            "ledger": ledger.of(partner, known=year),
            "workshops": year.gatherings,
            "sent_after_workshops": year.sent_after_workshops,
            "has_held": any(each.at <= year.now for each in year.gatherings),
            "fit": fit.of(partner),
            "fit_form": fit.FitForm(partner=partner),
            "is_fitness": partner.group in (Group.FITNESS, Group.OTHER),
            "is_sending": partner.stage in SENDING,
        }

    def _timeline(self, partner: Partner, year: lately.Lately) -> dict:
        wanted = timeline.Wanted.read(self.request.GET)
        entries, has_older = timeline.page_of(partner, wanted)
        return {
            "entries": entries,
            "wanted": wanted,
            "has_older": has_older,
            "whats": timeline.choices(),
            "years": timeline.years(year.first_at),
        }
