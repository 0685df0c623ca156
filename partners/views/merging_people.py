"""Two contacts of one person: the list of pairs that may be, the page that makes them one, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.models import Contact, PracticeProfile
from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions, same_people
from partners.actions.joining import GONE, links_to
from partners.actions.merging_people import CHOICES, STAYS
from partners.models import UNDO_WITHIN, ContactMerge, NotOnePerson
from partners.views.side_by_side import Choice, counts_of, in_words, kept_of, key_of, moving, two

PER_PAGE = 20
FOUND = 20
PLACES = {"same": "same_people", "merges": "people_merges", "unmerge": "unmerge_people", "record": "contacts:edit"}
LABELS = {"email": "E-mail", "time_zone": "Time zone"}


@permission_required("people.change_contact")
@require_GET
def same(request: OfficeRequest) -> HttpResponse:
    """Any two contacts that may be one person, most in common first."""
    found = same_people.pairs_of_people(PracticeProfile.load().country)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    contacts = same_people.contacts_of(page.object_list)
    rows: list[dict[str, Any]] = [
        {"first": contacts[pair.first], "second": contacts[pair.second], "shares": in_words(pair.shares)}
        for pair in page.object_list
    ]
    return render(request, "partners/same_people.html", {"rows": rows, "page": page})


@permission_required("people.change_contact")
@require_POST
def not_one_person(request: OfficeRequest) -> HttpResponse:
    """Remember that two contacts are two people."""
    first, second = two(Contact, request)
    NotOnePerson.objects.get_or_create(first=first, second=second, defaults={"by": request.user})
    undo = reverse("one_person_after_all")
    say(request, f"{first.named} and {second.named} are two.", undo=undo, first=first.pk, second=second.pk)
    return redirect("same_people")


@permission_required("people.change_contact")
@require_POST
def one_person_after_all(request: OfficeRequest) -> HttpResponse:
    first, second = two(Contact, request)
    NotOnePerson.objects.filter(first=first, second=second).delete()
    say(request, f"{first.named} and {second.named} may be the same again.")
    return redirect("same_people")


@permission_required("partners.merge_partner")
@require_GET
def choose_other(request: OfficeRequest, pk: int) -> HttpResponse:
    """Whom to merge a contact with, found by half a name, an address or a number."""
    contact = get_object_or_404(Contact.objects.active(), pk=pk)
    typed = request.GET.get("q", "")[:160].strip()
    if typed:
        others = Contact.objects.active()
        for word in typed.split():
            others = others.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(phone__icontains=word))
    else:
        alike = same_people.pairs_of_people(PracticeProfile.load().country, of=pk)
        others = Contact.objects.filter(pk__in=[pair.other(pk) for pair in alike])
    found = others.exclude(pk=pk).prefetch_related("roles__partner")[:FOUND]
    return render(request, "partners/merge_person_with.html", {"contact": contact, "typed": typed, "found": found})


@permission_required("partners.merge_partner")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: OfficeRequest, first: int, second: int) -> HttpResponse:
    """Both side by side, field by field, and one button."""
    found = Contact.objects.filter(pk__in=[first, second]).in_bulk()
    if len(found) != 2:
        raise Http404
    if request.method == "POST":
        return _merge(request, found)
    labels = [label for label in links_to(Contact) if label not in STAYS]
    counts = counts_of(Contact, [first, second], labels)
    kept, gone = kept_of(found, counts, request)
    context = {
        "kept": kept,
        "gone": gone,
        "choices": [choice for name in CHOICES if (choice := _choice(name, kept, gone)).kept or choice.gone],
        "moving": moving(gone, counts),
        "noes": _noes(kept, gone),
        "days": UNDO_WITHIN.days,
        "is_over": bool(kept.merged_into_id or gone.merged_into_id),
        **PLACES,
    }
    return render(request, "partners/merge.html", context)


def _choice(name: str, kept: Contact, gone: Contact) -> Choice:
    """What is blank is filled, and of two names the longer is likely the whole one."""
    ours, theirs = getattr(kept, name), getattr(gone, name)
    is_better = bool(theirs and not ours) or (name == "name" and len(theirs) > len(ours))
    return Choice(name, LABELS.get(name, name.capitalize()), ours, theirs, GONE if is_better else "kept")


def _noes(kept: Contact, gone: Contact) -> list[str]:
    """What one of the two said no to; it will hold for both."""
    standing = [*kept.consent_standing, *gone.consent_standing]
    return sorted({purpose.label for purpose, latest in standing if latest and latest.state == "withdrawn"})


def _merge(request: OfficeRequest, found: dict[int, Contact]) -> HttpResponse:
    kept = found.get(key_of(request.POST.get("keep", "")) or 0)
    if kept is None:
        raise Http404
    gone = next(contact for contact in found.values() if contact != kept)
    choices = {name: request.POST.get(name, "") for name in CHOICES}
    try:
        done = actions.merge_contacts(gone, into=kept, choices=choices, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("merge_people", *found)
    kept.refresh_from_db()
    undo = reverse("unmerge_people", args=[done.pk])
    say(request, f"{gone.named} is merged into {kept.named}, with everything.", undo=undo)
    return redirect("contacts:edit", kept.pk)


@permission_required("partners.merge_partner")
@require_GET
def merges(request: OfficeRequest) -> HttpResponse:
    """Who was merged, newest first, with a way back for 30 days."""
    done = ContactMerge.objects.select_related("kept", "gone", "by")
    page = Paginator(done, PER_PAGE).get_page(request.GET.get("p"))
    context = {"page": page, "undone_until": timezone.now() - UNDO_WITHIN, "days": UNDO_WITHIN.days, **PLACES}
    return render(request, "partners/merges.html", context)


@permission_required("partners.merge_partner")
@require_POST
def unmerge(request: OfficeRequest, pk: int) -> HttpResponse:
    done = get_object_or_404(ContactMerge.objects.select_related("kept", "gone"), pk=pk)
    home = get_valid_next_url_from_request(request)
    try:
        stayed = actions.unmerge_contacts(done, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(home or reverse("people_merges"))
    for contact in (done.gone, done.kept):
        contact.refresh_from_db()
    sentence = f"{done.gone.named} and {done.kept.named} are two again."
    if stayed:
        sentence += f" Changed since and left as it is on {done.kept}: {in_words(stayed)}."
    say(request, sentence)
    return redirect("contacts:edit", done.gone_id)
