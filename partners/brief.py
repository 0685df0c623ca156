"""One partner on one screen, to read in the car before a meeting; and the part of its page that is fetched when opened."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.admin.auth import permission_required

from crm.mail.models import Message
from crm.people.office import OfficeRequest
from partners import giving, health, lately, ledger, scripts
from partners.lately import Lately
from partners.models import FollowUp, Partner, Role, Touch

LAST, TODOS, PEOPLE, LETTERS = 3, 6, 6, 8


@permission_required("partners.view_partner")
@require_safe
def brief(request: OfficeRequest, pk: int) -> HttpResponse:
    """Who they are, what was said last, what is owed, and what to ask."""
    partner = get_object_or_404(Partner.objects.with_rhythm(), pk=pk)
    year = lately.of(partner)
    people = list(partner.roles.select_related("contact")[:PEOPLE])
    touches = list(partner.touches.standing().select_related("by").prefetch_related("contacts")[:LAST])
    todos = list(partner.follow_ups.open()[:TODOS])
    balance = ledger.of(partner, known=year)
    context = {
        "partner": partner,
        "people": people,
        "touches": touches,
        "todos": todos,
        "health": health.of(partner, known=year),
        "ledger": balance,
        "owed": [came for came in year.referrals if came.thanked_at is None],
        "workshops": year.gatherings[:LAST],
        "ask_about": ask_about(partner, touches, todos, people, year),
        "now": timezone.now(),
        **scripts.for_page(partner, request.user),
    }
    return render(request, "partners/brief.html", context)


def ask_about(
    partner: Partner, touches: list[Touch], todos: list[FollowUp], people: list[Role], year: Lately
) -> list[str]:
    """What to bring up: what they told us, what they said at the last touch, and what we do not know yet."""
    told = partner.touches.standing().filter(~Q(learned="")).values_list("learned", flat=True)[:2]
    found = [f"What became of this: “{words}”" for words in told]
    if touches and not told and touches[0].summary:
        found.append(f"The last time: “{touches[0].summary}”")
    held = [each for each in year.gatherings if each.at <= year.now]
    if held:
        found.append(f"What people said after “{held[0].title}”.")
    if not people:
        found.append("Who decides there, and who else you should know.")
    if not any(did.kind == Touch.TouchKind.ADVICE_ASKED for did in year.touches):
        found.append("Their advice: you have not asked for it in a year.")
    return found


@permission_required("partners.view_partner")
@require_safe
def mail(request: OfficeRequest, pk: int) -> HttpResponse:
    """The newest e-mail to their people, with what became of each."""
    partner = get_object_or_404(Partner, pk=pk)
    theirs = Message.objects.filter(contact__in=partner.roles.order_by().values("contact"))
    newest = theirs.select_related("content", "contact", "batch").order_by("-created_at")[:LETTERS]
    context = {"partner": partner, "letters": newest, "failed": Message.FAILED_FATES}
    return render(request, "partners/page/_mail_rows.html", context)


@permission_required("partners.view_gift")
@require_safe
def gifts(request: OfficeRequest, pk: int) -> HttpResponse:
    """The gifts of this year, beside the limits."""
    partner = get_object_or_404(Partner, pk=pk)
    return render(request, "partners/page/_gifts.html", {"partner": partner, **giving.for_page(partner, request.user)})
