"""The owner's word on a lead: it is kept for good, or goes when its time is over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from content.models import Lead
from crm.people.office import OfficeRequest


@permission_required("content.change_lead")
@require_POST
def keep(request: OfficeRequest, pk: int) -> HttpResponse:
    lead = get_object_or_404(Lead, pk=pk)
    is_kept = request.POST.get("keep") == "yes"
    lead.kept_at = (lead.kept_at or timezone.now()) if is_kept else None
    lead.save(update_fields=["kept_at"])
    until = "for good" if is_kept else "until nothing was heard of them for eighteen months"
    messages.success(request, f"{lead.name} is kept {until}.")
    return HttpResponseRedirect(reverse("leads:inspect", args=[pk]))


urlpatterns = [path("leads/keep/<int:pk>/", keep, name="keep_lead")]
