from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, cadence
from partners.models import Partner, Tier
from partners.views.returning import back

EASED = 5


@permission_required("partners.change_partner")
@require_POST
def set_tier(request: OfficeRequest, pk: int) -> HttpResponse:
    """Move a partner to the tier tapped; undo moves it back."""
    partner, to = get_object_or_404(Partner, pk=pk), request.POST.get("to", "")
    was = partner.tier
    if to not in Tier.values:
        messages.error(request, "Choose tier A, B or C.")
        return back(request, partner)
    try:
        actions.set_tier(partner, to=Tier(to), by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{partner} is in tier {to.upper()} now.", undo=reverse("set_tier", args=[pk]), to=was)
    return back(request, partner)


@permission_required("partners.view_partner")
@require_safe
def keeping_up(request: OfficeRequest) -> HttpResponse:
    """What the book asks of a week, beside what one person can keep up, and whom to see less often."""
    load = cadence.load()
    context = {"load": load, "eased": cadence.to_ease()[:EASED] if load.expected_a_week > load.capacity else []}
    return render(request, "partners/keeping_up.html", context)
